"""Records, concepts and vocabularies turned into page models: typed, frozen, without HTML."""

from fairmap.describe.answers import Answered, Answers, Given, Question, answers
from fairmap.describe.comparison import Cell, Comparison, comparison
from fairmap.describe.concept import concept
from fairmap.describe.overview import overview, title
from fairmap.describe.page import (
    Answer,
    Claim,
    ConceptPage,
    Dimension,
    Fact,
    Fair,
    Mentions,
    Origin,
    Overview,
    Part,
    RecordPage,
    Ref,
    RepositoryRow,
    Section,
    Standing,
    Term,
    Value,
    VocabularyPage,
)
from fairmap.describe.record import missing, record
from fairmap.describe.statistics import ClassUse, Statistics, statistics
from fairmap.describe.triples import concept_triples, graph_triples, link_triples
from fairmap.describe.vocabulary import scheme, vocabulary

__all__ = [
    "Answer",
    "Answered",
    "Answers",
    "Cell",
    "Claim",
    "ClassUse",
    "Comparison",
    "ConceptPage",
    "Dimension",
    "Fact",
    "Fair",
    "Given",
    "Mentions",
    "Origin",
    "Overview",
    "Part",
    "Question",
    "RecordPage",
    "Ref",
    "RepositoryRow",
    "Section",
    "Standing",
    "Statistics",
    "Term",
    "Value",
    "VocabularyPage",
    "answers",
    "comparison",
    "concept",
    "concept_triples",
    "graph_triples",
    "link_triples",
    "missing",
    "overview",
    "record",
    "scheme",
    "statistics",
    "title",
    "vocabulary",
]

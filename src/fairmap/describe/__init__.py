"""Records, concepts and vocabularies turned into page models: typed, frozen, without HTML."""

from fairmap.describe.comparison import Cell, Comparison, comparison
from fairmap.describe.concept import concept
from fairmap.describe.overview import overview
from fairmap.describe.page import (
    Answer,
    Claim,
    ConceptPage,
    Count,
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
from fairmap.describe.triples import concept_triples, graph_triples
from fairmap.describe.vocabulary import scheme, vocabulary

__all__ = [
    "Answer",
    "Cell",
    "Claim",
    "ClassUse",
    "Comparison",
    "ConceptPage",
    "Count",
    "Dimension",
    "Fact",
    "Fair",
    "Mentions",
    "Origin",
    "Overview",
    "Part",
    "RecordPage",
    "Ref",
    "RepositoryRow",
    "Section",
    "Standing",
    "Statistics",
    "Term",
    "Value",
    "VocabularyPage",
    "comparison",
    "concept",
    "concept_triples",
    "graph_triples",
    "missing",
    "overview",
    "record",
    "scheme",
    "statistics",
    "vocabulary",
]

"""The questionnaire and what comes of it: questions made from the shapes, answers as a record, proposals that wait for a curator."""

from fairmap.proposals.answers import OTHER, Answers, Fault, check, given, one
from fairmap.proposals.desk import ANSWERED, Desk
from fairmap.proposals.questions import Option, Question, plain, questions, reasons
from fairmap.proposals.record import draft

__all__ = [
    "ANSWERED",
    "OTHER",
    "Answers",
    "Desk",
    "Fault",
    "Option",
    "Question",
    "check",
    "draft",
    "given",
    "one",
    "plain",
    "questions",
    "reasons",
]

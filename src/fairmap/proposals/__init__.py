"""The questionnaire and what comes of it: questions made from the shapes, answers as a record, proposals that wait for a curator."""

from fairmap.proposals.answers import Answers, Fault, check
from fairmap.proposals.desk import ANSWERED, Desk
from fairmap.proposals.questions import Option, Question, plain, questions, reasons

__all__ = ["ANSWERED", "Answers", "Desk", "Fault", "Option", "Question", "check", "plain", "questions", "reasons"]

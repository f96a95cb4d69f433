"""Judging what others submit, in worker processes that may die: a process that holds shapes and tables, its workers, its client."""

from fairmap.judging.client import JudgeClient
from fairmap.judging.process import JudgeProcess
from fairmap.judging.task import Part, Role, Submission, Task

__all__ = ["JudgeClient", "JudgeProcess", "Part", "Role", "Submission", "Task"]

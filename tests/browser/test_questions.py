"""Ten questions of the report's readers, each answered in three clicks, without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.questions import MOST_CLICKS, QUESTIONS, Question, Words
from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from browser.visiting import Visit

pytestmark = pytest.mark.server


def _go(page: Page, step: str | Words) -> None:
    if isinstance(step, Words):
        page.get_by_role("searchbox").first.fill(step.text)
        page.get_by_role("searchbox").first.press("Enter")
    else:
        page.locator(step).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.text)
def test_a_question_is_answered_in_three_clicks(visit: Callable[..., Visit], question: Question) -> None:
    assert len(question.way) <= MOST_CLICKS
    tab = visit(java_script_enabled=False)
    page = tab.open("/")
    for step in question.way:
        _go(page, step)
    told = page.locator("main").inner_text()
    missing = [text for text in question.answer if text.casefold() not in told.casefold()]
    assert missing == [], f"at {page.url}"


def test_the_questions_are_those_that_are_written_down() -> None:
    lines = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")][1:]
    assert [(row[0].strip(), int(row[2])) for row in rows] == [
        (question.text, len(question.way)) for question in QUESTIONS
    ]

"""What people do on the pages, with a mouse, with a keyboard alone, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.pages import ANSWERS, BROKEN, PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from browser.visiting import Visit

pytestmark = pytest.mark.server
_MOD = "Control"


def _write(page: Page, query: str) -> None:
    page.locator("#editor .CodeMirror").click()
    page.keyboard.press(f"{_MOD}+A")
    page.keyboard.insert_text(query)


def test_a_query_is_written_run_sorted_drawn_and_kept_in_the_address(visit: Callable[..., Visit], axe: Path) -> None:
    tab = visit()
    page = tab.open("/sparql")
    _write(page, ANSWERS)
    page.get_by_role("button", name="Show the answer").click()
    rows = page.locator("#results tbody tr")
    expect(rows.first).to_be_visible()
    page.get_by_role("button", name="answers", exact=True).click()
    page.get_by_role("button", name="answers", exact=True).click()
    numbers = [int(text) for text in page.locator("#results td.number").all_inner_texts()]
    assert sum(numbers) == 216
    assert numbers == sorted(numbers, reverse=True)
    page.get_by_role("button", name="Shows Chart view").click()
    expect(page.locator("#results svg.bar")).to_have_count(len(numbers))
    assert tab.faults(axe) == []
    page.get_by_role("button", name="Shows Response view").click()
    expect(page.locator("#results .CodeMirror")).to_be_visible()
    assert tab.faults(axe) == []
    page.reload()
    expect(rows).to_have_count(len(numbers))
    assert tab.complaints == []
    assert tab.elsewhere() == []


def test_what_is_wrong_with_a_query_is_told_in_words(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/sparql")
    _write(page, BROKEN)
    page.keyboard.press(f"{_MOD}+Enter")
    expect(page.locator("#results .errorResult")).to_contain_text("At line 1, column")
    expect(page.locator(".parseErrorIcon")).to_be_visible()
    page.locator(".parseErrorIcon").hover()
    expect(page.locator(".yasqe_tooltip")).to_contain_text("Expected")
    assert tab.complaints == []


def test_a_graph_is_answered_in_the_editor_with_links_to_our_pages(visit: Callable[..., Visit]) -> None:
    page = visit().open("/sparql")
    _write(
        page,
        "CONSTRUCT { ?r a ?kind } WHERE { ?r a ?kind, <https://w3id.org/fairmap/ns#Repository> } ORDER BY ?r LIMIT 2",
    )
    page.get_by_role("button", name="Show the answer").click()
    first = page.locator("#results td a").first
    expect(first).to_have_attribute("href", "/repository/aaa-express")


@pytest.mark.parametrize(
    ("typed", "completed"), [("SELECT * { ?s a fm:Repo", "fm:Repository"), ("SELECT * { ?s fm:modal", "fm:modality")]
)
def test_classes_and_properties_of_the_map_are_completed(
    visit: Callable[..., Visit], typed: str, completed: str
) -> None:
    tab = visit()
    page = tab.open("/sparql")
    _write(page, f"PREFIX fm: <https://w3id.org/fairmap/ns#>\n{typed}")
    page.keyboard.press(f"{_MOD}+Space")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text(completed)
    assert [request.url for request in tab.requests if "void" in request.url] == [f"{tab.url}/.well-known/void"]
    assert tab.elsewhere() == []


def test_prefixes_are_those_of_the_map(visit: Callable[..., Visit]) -> None:
    tab = visit()
    page = tab.open("/sparql")
    _write(page, "PREFIX ")
    page.keyboard.type("fm:", delay=20)
    page.keyboard.press(f"{_MOD}+Space")
    expect(page.locator(".CodeMirror-hint").first).to_contain_text("https://w3id.org/fairmap/ns#")
    assert tab.elsewhere() == []


def test_the_keyboard_gets_into_the_editor_and_out_of_it(visit: Callable[..., Visit]) -> None:
    page = visit().open("/sparql")
    page.locator("#editor textarea").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show the answer")).to_be_focused()


def test_without_javascript_the_form_of_the_endpoint_does_the_same(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).open("/sparql")
    page.locator("textarea[name=query]").fill(ANSWERS)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("#answer tbody tr").first).to_be_visible()
    expect(page.locator("#editor")).to_have_count(0)


def test_the_first_tab_offers_to_skip_to_the_content(visit: Callable[..., Visit]) -> None:
    page = visit().open("/repository/tcia")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("name", ["home", "search-found", "record", "validate"])
def test_tab_goes_through_a_page_in_the_order_of_reading_and_shows_where_it_is(
    visit: Callable[..., Visit], name: str
) -> None:
    page = visit(viewport={"width": 1280, "height": 900}).open(PAGES[name])
    places = []
    for _ in range(25):
        page.keyboard.press("Tab")
        place = page.evaluate(_PLACE)
        if place is None:
            break
        places.append(place)
    assert len(places) > 12
    assert all(place["outline"] != "none" for place in places), "focus is not seen"
    order = [place["order"] for place in places]
    assert order == sorted(set(order))


_PLACE = """() => {
    const here = document.activeElement;
    if (here === document.body) return null;
    return { order: [...document.querySelectorAll("*")].indexOf(here), outline: getComputedStyle(here).outlineStyle };
}"""


def test_suggestions_are_chosen_with_the_arrows(visit: Callable[..., Visit], axe: Path) -> None:
    tab = visit()
    page = tab.open("/")
    box = page.locator("input[name=q]").first
    box.press_sequentially("demen", delay=20)
    expect(page.locator(".suggestions li").first).to_be_visible()
    assert tab.faults(axe) == []
    box.press("ArrowDown")
    chosen = page.locator(".suggestions li[aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    box.press("Enter")
    page.wait_for_url(lambda address: address != f"{tab.url}/")
    assert tab.complaints == []


def test_records_are_found_narrowed_and_compared_without_javascript(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).open("/search?q=MRI")
    page.locator(".filters").get_by_role("link", name="Repositories").click()
    expect(page.get_by_role("link", name="Remove Kind of record: Repositories")).to_be_visible()
    for number in (0, 1):
        page.get_by_role("checkbox").nth(number).check()
    page.get_by_role("button", name="Compare the chosen records").click()
    expect(page.get_by_role("table").get_by_role("columnheader")).to_have_count(3)


def test_a_search_is_seen_as_sparql_that_finds_the_same(visit: Callable[..., Visit]) -> None:
    page = visit().open("/search?modality=mri&access=open")
    found = int(page.locator(".total strong").inner_text())
    page.get_by_role("link", name="view this search as SPARQL").click()
    expect(page.locator("#results tbody tr")).to_have_count(found)


def test_a_description_is_judged_without_javascript(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).open("/validate?example=1")
    page.get_by_role("button", name="Validate").click()
    expect(page.locator("#report")).to_contain_text("conform")
    expect(page.locator("textarea[name=data]")).not_to_be_empty()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_same_heading_without_javascript(visit: Callable[..., Visit], name: str) -> None:
    page = visit(java_script_enabled=False).open(PAGES[name])
    assert page.get_by_role("heading", level=1).count() == 1
    assert len(page.locator("main").inner_text()) > 40

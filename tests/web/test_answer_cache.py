"""Answers of queries that are kept: which, for whom, and within which room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from fairmap.model import Answer
from fairmap.namespaces import DEFAULT_BASE
from fairmap.sparql import is_deterministic
from fairmap.web.answer_cache import LARGEST, AnswerCache
from web.clients import AGENTS, BROWSER, CONSTRUCT, ask, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from web.views import Counting


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "text/html"])
def test_the_same_query_is_run_once(client: FlaskClient, view: Counting, accept: str) -> None:
    first = ask(client, AGENTS, accept)
    asked = view.queries
    assert asked == 1
    again = ask(client, AGENTS, accept)
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert ask(client, AGENTS, accept, If_None_Match=first.headers["ETag"]).status_code == 304
    assert view.queries == asked


def test_a_posted_query_is_answered_from_the_same_store_without_a_tag(client: FlaskClient, view: Counting) -> None:
    first = ask(client, AGENTS, "text/csv")
    posted = client.post("/sparql", data={"query": AGENTS}, headers={"Accept": "text/csv", "If-None-Match": "*"})
    assert (posted.status_code, posted.data) == (200, first.data)
    assert "ETag" not in posted.headers
    assert view.queries == 1


def test_queries_forms_and_graphs_do_not_share_answers(client: FlaskClient, view: Counting) -> None:
    responses = [
        ask(client, AGENTS, "text/csv"),
        ask(client, AGENTS, "text/tab-separated-values"),
        ask(client, AGENTS + " ", "text/csv"),
        client.get(
            "/sparql",
            query_string={"query": AGENTS, "default-graph-uri": f"{DEFAULT_BASE}agent/nci"},
            headers={"Accept": "text/csv"},
        ),
        client.get(
            "/sparql",
            query_string={"query": AGENTS, "named-graph-uri": f"{DEFAULT_BASE}agent/nci"},
            headers={"Accept": "text/csv"},
        ),
        ask(client, CONSTRUCT, "text/turtle"),
        ask(client, CONSTRUCT, "application/n-triples"),
    ]
    assert len({response.headers["ETag"] for response in responses}) == len(responses) == view.queries
    assert len(responses[3].text.split()) == 2


VARYING = [
    "SELECT (NOW() AS ?x) {}",
    "SELECT (rand() AS ?x) {}",
    "SELECT (1+Rand()AS ?x) {}",
    "SELECT (UUID() AS ?x) {}",
    "SELECT (STRUUID() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "SELECT (NOW # '\n () AS ?x) {}",
    "SELECT * { BIND('1' AS ?b) BIND('2' AS ?a) FILTER(?a<STR(NOW())&&?b>'0') }",
]


@pytest.mark.parametrize("query", VARYING)
def test_a_query_that_differs_each_time_is_never_kept(client: FlaskClient, view: Counting, query: str) -> None:
    assert not is_deterministic(query)
    for number in (1, 2):
        response = ask(client, query, "text/csv")
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
        assert view.queries == number
    posted = client.post("/sparql", data={"query": query})
    assert posted.headers["Cache-Control"] == "no-store"
    assert ask(client, query, "text/html").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now ?rand { ?now a ?rand }",
        'ASK { ?s ?p \'NOW()\', """UUID()""" } # RAND()',
        "ASK { ?s <http://example.org/nowhere#uuid> ?o ; <http://example.org/RAND> 1 }",
        "PREFIX e: <http://e/> ASK { _:now e:now ?o, 'x'@now }",
    ],
)
def test_the_words_do_not_matter_where_they_are_no_calls(client: FlaskClient, query: str) -> None:
    assert is_deterministic(query)
    assert "ETag" in ask(client, query).headers


def test_a_wrong_query_has_no_tag_and_is_not_kept(client: FlaskClient, view: Counting) -> None:
    for number in (1, 2):
        response = ask(client, "SELEC ?s")
        assert (response.status_code, "ETag" in response.headers) == (400, False)
        assert view.queries == number
    assert ask(client, "SELEC ?s", "text/html").status_code == 400


def test_without_room_every_query_is_run(view: Counting) -> None:
    client = client_of(view, result_cache=0)
    first = ask(client, AGENTS)
    assert ask(client, AGENTS).data == first.data
    assert view.queries == 2
    assert ask(client, AGENTS, If_None_Match=first.headers["ETag"]).status_code == 304


def answer(body: bytes, revision: int = 1) -> Callable[[], Answer]:
    return lambda: Answer("text/csv", iter([body]), len(body), revision)


def body(found: Answer) -> bytes:
    return b"".join(found.chunks)


def never() -> Answer:
    raise AssertionError("the answer is there")


def test_the_answers_used_last_are_kept_within_the_room() -> None:
    room = 10_000
    cache = AnswerCache(room)
    for number in range(10):
        cache.answer(str(number), 1, answer(bytes([number]) * 2000))
        assert body(cache.answer("0", 1, never)) == bytes(2000)
        assert cache.size <= room
    assert body(cache.answer("1", 1, answer(b"new"))) == b"new"


def test_an_answer_that_is_too_large_is_given_and_not_kept() -> None:
    cache = AnswerCache(64 << 20)
    large = b"x" * (LARGEST + 1)
    assert body(cache.answer("large", 1, answer(large))) == large
    assert cache.size == 0
    small = AnswerCache(1000)
    assert body(small.answer("a", 1, answer(large))) == large
    assert small.size == 0


def test_an_answer_of_a_newer_revision_is_not_kept_as_an_older_one() -> None:
    cache = AnswerCache(10_000)
    assert body(cache.answer("a", 1, answer(b"newer", revision=2))) == b"newer"
    assert body(cache.answer("a", 1, answer(b"older"))) == b"older"
    assert body(cache.answer("a", 1, never)) == b"older"


def test_threads_share_the_room() -> None:
    cache = AnswerCache(5000)

    def use(number: int) -> bytes:
        key = str(number % 7)
        return body(cache.answer(key, 1, answer(key.encode() * 1000)))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(use, range(700)))
    assert found == [str(number % 7).encode() * 1000 for number in range(700)]
    assert cache.size <= 5000


def test_a_page_that_many_read_is_made_once_for_each_address_that_it_is_asked_at(
    client: FlaskClient, view: Counting
) -> None:
    for path in ("/", "/repository/tcia", "/source/d31", "/concept/modality", "/concept/modality/mri"):
        told = [
            client.get(path, base_url=f"http://{host}.example", headers={"Accept": BROWSER}).text
            for host in ("one", "two", "two")
        ]
        assert "one.example" not in told[1], path
        assert told[1] == told[2], path
        before = view.queries
        client.get(path, base_url="http://one.example", headers={"Accept": BROWSER})
        assert view.queries <= before + 1, path  # the links of a record's page are read anew


def test_pages_of_datasets_are_not_kept(client: FlaskClient, view: Counting) -> None:
    """There may be more of them than are read twice, and they would drive out what is."""
    asked = []
    for _ in range(3):
        before = view.queries
        client.get("/dataset/tcia-imaging", headers={"Accept": BROWSER})
        asked.append(view.queries - before)
    assert asked[1] == asked[2] > 1

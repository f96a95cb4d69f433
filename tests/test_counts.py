"""Queries that count are answered from sets, and have the same solutions."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, Store

from fairmap.sparql import Profile, Request
from fairmap.sparql.rewrite import rewrite
from fairmap.sparql.rewrite.value_sets import VALUES
from fairmap.views.snapshot import Snapshot
from graphs import GRAPHS, PREFIXES, QUADS, catalogue, changed, quad, reworded, solutions

COUNTED: Final = {
    "all": "SELECT (COUNT(*) AS ?n) { ?d :modality ?m }",
    "of a class": "SELECT (COUNT(?d) AS ?n) WHERE { ?d a :Dataset }",
    "by value": "SELECT ?m (COUNT(?d) AS ?n) { ?d a :Dataset ; :modality ?m } GROUP BY ?m ORDER BY DESC(?n) ?m LIMIT 3",
    "by class": "SELECT ?t (COUNT(DISTINCT ?d) AS ?n) { ?d :modality ?m ; rdf:type ?t . } GROUP BY ?t # a comment",
    "subjects of a closure": "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d :modality/:broader* :mr }",
    "matches of a closure": "SELECT (COUNT(?d) AS ?n) { $d :modality/:broader* :x ; a :Dataset }",
    "of one or more": "select (count(distinct ?d) as ?n) where { ?d :modality/:broader+ :mr ; a :Dataset }",
    "by value below a concept": "SELECT ?m (COUNT(?d) AS ?n) { ?d :modality/(:broader)* :mr ; :modality ?m } GROUP BY ?m",
    "two closures, subjects": "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d :modality/:broader* :mr ; :modality/:broader* :x }",
    "of what is nowhere": "SELECT (COUNT(?d) AS ?n) { ?d :modality :nowhere }",
    "by value, none": "SELECT ?m (COUNT(*) AS ?n) { ?d a :Nothing ; :modality ?m } GROUP BY ?m",
    "of values": "SELECT (COUNT(?m) AS ?n) { ?d :modality ?m ; a :Dataset }",
}
NOT_COUNTED: Final = {
    "two closures, matches": "SELECT (COUNT(?d) AS ?n) { ?d :modality/:broader* :mr ; :modality/:broader* :brain-mr }",
    "different values": "SELECT (COUNT(DISTINCT ?m) AS ?n) { ?d :modality ?m }",
    "literals": "SELECT ?t (COUNT(?d) AS ?n) { ?d :title ?t ; :modality ?m } GROUP BY ?t",
    "a variable of both": "SELECT (COUNT(?d) AS ?n) { ?d :modality ?m . ?m :broader ?d }",
    "a variable twice": "SELECT (COUNT(?d) AS ?n) { ?d :modality ?m ; a ?m }",
    "two columns": "SELECT ?m (COUNT(?d) AS ?n) (COUNT(*) AS ?k) { ?d :modality ?m } GROUP BY ?m",
    "having": "SELECT ?m (COUNT(?d) AS ?n) { ?d :modality ?m } GROUP BY ?m HAVING (COUNT(?d) > 2)",
    "another order": "SELECT ?m (COUNT(?d) AS ?n) { ?d :modality ?m } GROUP BY ?m ORDER BY STRLEN(STR(?m))",
    "another variable": "SELECT (COUNT(?x) AS ?n) { ?d :modality ?m }",
    "filter": "SELECT (COUNT(?d) AS ?n) { ?d :modality ?m FILTER (?m != :mr) }",
    "inverse": "SELECT (COUNT(?d) AS ?n) { ?d ^:modality ?m }",
    "inside": "SELECT ?n { { SELECT (COUNT(?d) AS ?n) { ?d :modality :mr } } }",
    "grouped by what is only named alike": "SELECT ?mr (COUNT(?d) AS ?n) { ?d :modality :mr } GROUP BY ?mr",
    "no group": "SELECT ?m (COUNT(?d) AS ?n) { ?d :modality ?m }",
}


@pytest.mark.parametrize("name", COUNTED)
def test_counts_are_put_in_as_values(name: str) -> None:
    store = catalogue()
    better = reworded(store, PREFIXES + COUNTED[name], Profile(store, large=10))
    assert "VALUES" in better
    assert solutions(store, better) == solutions(store, PREFIXES + COUNTED[name])


@pytest.mark.parametrize("name", NOT_COUNTED)
def test_what_is_no_such_count_is_left_to_the_engine(name: str) -> None:
    store = catalogue()
    assert "VALUES" not in reworded(store, PREFIXES + NOT_COUNTED[name], Profile(store, large=10))


@pytest.mark.parametrize("added", [quad("d1", "modality", 5), quad("d1", "modality", "ct", "elsewhere")])
def test_a_literal_or_a_triple_in_two_graphs_ends_the_counts_of_a_property(added: Quad) -> None:
    store = catalogue()
    store.add(quad("d1", "modality", "ct"))
    profile = Profile(store, large=10)
    assert "VALUES" in reworded(store, PREFIXES + COUNTED["all"], profile)
    store.add(added)
    profile.follow([added])
    for each in (profile, Profile(store, large=10)):
        assert "VALUES" not in reworded(store, PREFIXES + COUNTED["all"], each)


def test_a_property_with_many_values_is_left_to_the_engine() -> None:
    store = Store()
    store.extend(quad(f"d{number}", "part", f"part{number}") for number in range(VALUES))
    profile = Profile(store, large=10)
    query = f"{PREFIXES}SELECT (COUNT(*) AS ?n) {{ ?d :part ?m }}"
    assert "VALUES" in reworded(store, query, profile)
    one_more = quad("d", "part", "another")
    store.add(one_more)
    profile.follow([one_more])
    for each in (profile, Profile(store, large=10)):
        assert reworded(store, query, each) == query


_COUNTED_TRIPLES: Final = st.one_of(
    st.builds("?d {} {}".format, st.sampled_from(["a", ":p", ":q"]), st.sampled_from([":T", ":U", ":c0", ":c9"])),
    st.builds(
        "?d {} {}".format, st.sampled_from([":p/:q*", ":q/:q+", ":p/:p*"]), st.sampled_from([":c0", ":d1", ":c9"])
    ),
    st.builds("?d {} {}".format, st.sampled_from(["a", ":p", ":q"]), st.sampled_from(["?m", "?k", "?l"])),
)
_COUNTS: Final = st.sampled_from(
    [
        "SELECT (COUNT(DISTINCT ?d) AS ?n) {{ {} }}",
        "SELECT (COUNT(?d) AS ?n) {{ {} }}",
        "SELECT ?m (COUNT(*) AS ?n) {{ ?d :p ?m . {} }} GROUP BY ?m",
        "SELECT ?m (COUNT(DISTINCT ?d) AS ?n) {{ ?d a ?m . {} }} GROUP BY ?m ORDER BY ?n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    GRAPHS,
    st.lists(st.lists(QUADS, max_size=4), max_size=3),
    st.lists(_COUNTED_TRIPLES, min_size=1, max_size=3),
    _COUNTS,
)
def test_counts_stay_right_while_the_graph_changes(
    first: list[Quad], changes: list[list[Quad]], triples: list[str], form: str
) -> None:
    store = Store()
    store.extend(first)
    profile = Profile(store, large=1)
    query = PREFIXES + form.format(" . ".join(triples))
    for change in [[], *changes]:
        for each in change:
            (store.remove if each in store else store.add)(each)
        profile.follow(change)
        better = reworded(store, query, profile)
        event("by sets" if "VALUES" in better else "by the engine")
        assert solutions(store, better) == solutions(store, query), better


@pytest.mark.parametrize("largest", [5, 100_000])
def test_a_snapshot_counts_right_after_a_change_too_large_to_note(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairmap.views.snapshot._LARGE", 10)
    monkeypatch.setattr("fairmap.views.snapshot._LARGEST", largest)
    snapshot = Snapshot(rewriting=True)
    changed(snapshot, catalogue(1200))
    more = [
        quad(f"e{number}", link, value)
        for number in range(50)
        for link, value in (("a", "Dataset"), ("modality", "ct"))
    ]
    query = f"{PREFIXES}SELECT ?m (COUNT(?d) AS ?n) {{ ?d a :Dataset ; :modality ?m }} GROUP BY ?m"
    for added, removed in (more, []), ([], more[:60]):
        changed(snapshot, added, removed)
        better = rewrite(Request(query), snapshot.store, snapshot.profile).query
        assert "VALUES" in better
        assert solutions(snapshot.store, better) == solutions(snapshot.store, query)

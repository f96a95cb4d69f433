"""Queries in other words have the same solutions, as often."""

from __future__ import annotations

import io
from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from fairmap.errors import QuerySyntaxError
from fairmap.sparql import Profile, Request, evaluate, evaluate_rewritten
from fairmap.sparql.rewrite import rewrite
from fairmap.views.snapshot import Snapshot
from graphs import EX, GRAPHS, PREFIXES, QUADS, TYPE, catalogue, changed, quad, reworded, solutions

REWRITTEN: Final = {
    "closure": "SELECT ?d { ?d :modality/:broader* :mr }",
    "closure of one or more": "SELECT ?d { ?d :modality/:broader+ :mr }",
    "closure in a circle": "SELECT ?d { ?d :modality/:broader* :x }",
    "closure to a term that is nowhere": "SELECT ?d { ?d :modality/:broader* :nowhere }",
    "closure to a literal": "SELECT ?d { ?d :size/:broader* 3 }",
    "inverse and alternative": "SELECT ?r { ?r :holds/(:modality|:title)/(:broader|^:nothing)* :mr }",
    "counted": "SELECT (COUNT(?d) AS ?n) (COUNT(DISTINCT ?d) AS ?m) WHERE { ?d :modality/:broader* :mr }",
    "two closures": "SELECT ?d { ?d :modality/:broader* :mr ; :modality/:broader* :x . }",
    "closure and others": "SELECT ?d ?t { ?d a :Dataset ; :modality/:broader* :mr ; :title ?t FILTER (?t > 2) }",
    "closure in two triples": "SELECT ?d ?t { ?d :title ?t ; :modality ?m . ?m :broader* :mr }",
    "class and exceptions": "SELECT ?m (COUNT(?d) AS ?n) { ?d a :Dataset ; :modality ?m } GROUP BY ?m ORDER BY ?n",
    "class, no exceptions": "SELECT ?d ?n { ?d rdf:type :Dataset . ?d :size ?n. FILTER(?n < 20)}",
    "class and OPTIONAL": "SELECT ?d ?t ?n { ?d a :Dataset ; :title ?t OPTIONAL { ?d :size ?n FILTER (?n < 30) } BIND (?n AS ?k) }",
    "filter first": "SELECT ?d ?t ?n { ?d a :Dataset ; :title ?t ; :size ?n FILTER (?n > 50) FILTER (?t != ?n) }",
    "sub-select": "SELECT ?m ?n { { SELECT ?m (COUNT(?d) AS ?n) { ?d a :Dataset ; :modality ?m } GROUP BY ?m } UNION { ?m :broader :mr } }",
    "construct": "ASK { ?d a :Dataset ; :modality/:broader* :ct # a comment }\n}",
    "variable of the same name": "SELECT ?reached ?t { ?reached :modality/:broader* :mr ; :title ?t }",
}
KEPT: Final = {
    "all columns": "SELECT * { ?d :modality/:broader* :mr }",
    "values": "SELECT ?d { VALUES ?d { :d1 } ?d :modality/:broader* :mr }",
    "values behind": "SELECT ?d { ?d :modality/:broader* :mr } VALUES ?d { :d1 }",
    "graph": "SELECT ?d { GRAPH ?g { ?d a :Dataset ; :modality ?m } }",
    "in EXISTS": "SELECT ?d { ?d :title ?t . ?d :size ?n FILTER EXISTS { SELECT ?d { ?d a :Dataset ; :modality ?m } } }",
    "in MINUS": "SELECT ?d { ?d :title ?t MINUS { SELECT ?d { ?d a :Dataset ; :modality ?m } } }",
    "triples after OPTIONAL": "SELECT ?d { ?d a :Dataset OPTIONAL { ?d :size ?n } ?d :modality ?m }",
    "blank nodes": "SELECT ?d { ?d a :Dataset ; :modality [] }",
    "constant subject": "SELECT ?m { :d1 a :Dataset ; :modality ?m }",
    "a dataset of its own": "SELECT ?d FROM :d1 { ?d a :Dataset ; :modality ?m }",
    "two graphs": "SELECT ?d FROM :d1 FROM :r1 { ?d a :Dataset ; :title ?m FILTER (?m > 0) }",
    "describe": "DESCRIBE ?d { ?d a :Dataset ; :modality ?m }",
    "not SPARQL": "SELECT ?d { ?d a :Dataset ; :modality ?m FILTER(?m >",
    "variable class": "SELECT ?d { ?d a ?t ; :modality ?m }",
    "class without rule": "SELECT ?d { ?d a :Part ; :modality ?m }",
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_rules_change_the_words_and_not_the_solutions(name: str) -> None:
    store = catalogue()
    query = PREFIXES + REWRITTEN[name]
    better = reworded(store, query, Profile(store, large=10))
    assert better != query
    assert solutions(store, better) == solutions(store, query)


@pytest.mark.parametrize("name", KEPT)
def test_what_the_rules_do_not_cover_is_not_touched(name: str) -> None:
    store = catalogue()
    query = PREFIXES + KEPT[name]
    assert reworded(store, query, Profile(store, large=10)) == query


@pytest.mark.parametrize(
    "request_", [Request("", union=False), Request("", default_graphs=(f"{EX}d1",)), Request("", named_graphs=(EX,))]
)
def test_without_the_union_no_class_is_implied(request_: Request) -> None:
    store = catalogue()
    query = f"{PREFIXES}SELECT ?d {{ ?d a :Dataset ; :size ?n }}"
    asked = Request(query, "json", "turtle", request_.union, request_.default_graphs, request_.named_graphs)
    profile = Profile(store, large=10)
    assert rewrite(asked, store, profile) == asked
    assert rewrite(Request(query), store, profile) != Request(query)


def test_a_triple_with_few_matches_stays_the_start() -> None:
    store = catalogue()
    query = f"{PREFIXES}SELECT ?d {{ ?d :title 3 ; :modality/:broader* :mr . ?d :part :d3-part }}"
    assert rewrite(Request(query), store, Profile(store, large=10), many=1).query == query
    small = f"{PREFIXES}SELECT ?d {{ ?d a :Repository ; :modality/:broader* :mr }}"
    assert rewrite(Request(small), store, Profile(store, large=10), many=10).query == small
    assert rewrite(Request(small), store, Profile(store, large=10), many=2).query != small


def test_places_in_errors_are_those_of_the_request() -> None:
    query = f"{PREFIXES}SELECT ?d {{ ?d a :Dataset ;\n :size ?n FILTER (?n > ) }}"
    store = catalogue()
    profile = Profile(store, large=10)
    assert rewrite(Request(query), store, profile).query != query
    with pytest.raises(QuerySyntaxError) as plain:
        evaluate(store, Request(query), iter)
    with pytest.raises(QuerySyntaxError) as told:
        evaluate_rewritten(store, Request(query), iter, profile)
    assert told.value.where == plain.value.where
    assert str(told.value.where).startswith("line 3")


_VARIABLES: Final = st.sampled_from(["?d", "?m", "?n"])
_TRIPLES: Final = st.one_of(
    st.builds("{} a {}".format, _VARIABLES, st.sampled_from([":T", ":T", ":U", "?t"])),
    st.builds("{} {} {}".format, _VARIABLES, st.sampled_from([":p", "^:p", ":n"]), _VARIABLES),
    st.builds(
        "{} {} {}".format,
        _VARIABLES,
        st.sampled_from([":p/:q*", ":p/:q+", ":q*", ":p/:p/(:q|:p)*", "^:p/^:q*", ":q*/:p", ":p/:q?", "(:p|:n)/:q*"]),
        st.sampled_from([":c0", ":c0", ":c1", ":c9", "1", "?m"]),
    ),
)
_FILTERS: Final = st.sampled_from(
    ["FILTER (?n > 1)", "FILTER (?n = ?m)", "FILTER isIRI(?m)", "FILTER NOT EXISTS { ?d :n ?n }", "FILTER (BOUND(?m))"]
)
_TAILS: Final = st.sampled_from(["", "", "OPTIONAL { ?d :n ?k FILTER (?k > ?n) }", "BIND (STR(?d) AS ?k)"])
_FORMS: Final = st.sampled_from(
    [
        "SELECT ?d ?m ?n ?k WHERE {{ {} }}",
        "SELECT (COUNT(?d) AS ?x) (COUNT(DISTINCT ?m) AS ?y) {{ {} }}",
        "SELECT ?m (COUNT(*) AS ?x) {{ {} }} GROUP BY ?m",
        "SELECT DISTINCT ?d {{ {{ SELECT ?d ?m {{ {} }} }} ?d ?p ?m }}",
        "SELECT ?d ?m {{ {{ ?d :n ?m }} UNION {{ SELECT ?d ?m {{ {} }} }} }}",
        "ASK {{ {} }}",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    GRAPHS,
    st.lists(_TRIPLES, min_size=1, max_size=3),
    st.lists(_FILTERS, max_size=2),
    _TAILS,
    _FORMS,
)
def test_any_query_keeps_its_solutions(
    quads: list[Quad], triples: list[str], filters: list[str], tail: str, form: str
) -> None:
    store = Store()
    store.extend(quads)
    query = PREFIXES + form.format(" . ".join(triples) + " " + " ".join(filters) + " " + tail)
    better = reworded(store, query, Profile(store, large=1))
    event("rewritten" if better != query else "kept")
    assert solutions(store, better) == solutions(store, query), better


def rules_by_hand(store: Store) -> dict[tuple[str, str], set[str]]:
    """For each property and class, the property's subjects that are no instances."""
    quads = list(store)
    instances: dict[str, set[str]] = {}
    for each in quads:
        if each.predicate == TYPE:
            instances.setdefault(str(each.object.value), set()).add(_name(each))
    properties = {each.predicate.value for each in quads}
    return {
        (name, of_class): {_name(each) for each in quads if each.predicate.value == name} - members
        for name in properties
        for of_class, members in instances.items()
    }


@settings(max_examples=150, deadline=None)
@given(GRAPHS, st.lists(st.lists(QUADS, max_size=4), max_size=5))
def test_rules_stay_true_while_the_graph_changes(first: list[Quad], changes: list[list[Quad]]) -> None:
    store = Store()
    store.extend(first)
    profile = Profile(store, large=1)
    for change in changes:
        for each in change:  # what is there goes, what is not there comes
            (store.remove if each in store else store.add)(each)
        profile.follow(change)
        names = {f"{EX}{name}" for name in ("p", "q", "n")} | {TYPE.value}
        truth = rules_by_hand(store)
        for name in names:
            for of_class in (f"{EX}T", f"{EX}U"):
                told = profile.exceptions(name, of_class)
                assert told is None or not _is_said_twice(store, of_class)
                assert told is None or told == truth.get((name, of_class), told & _subjects(store, name))
    event(f"rules: {sum(profile.exceptions(f'{EX}{name}', f'{EX}T') is not None for name in 'pqn')}")


def _is_said_twice(store: Store, of_class: str) -> bool:
    subjects = [each.subject for each in store.quads_for_pattern(None, TYPE, NamedNode(of_class), None)]
    return len(subjects) > len(set(subjects))


def _subjects(store: Store, name: str) -> set[str]:
    return {_name(each) for each in store.quads_for_pattern(None, NamedNode(name), None, None)}


def _name(each: Quad) -> str:
    return str(each.subject).strip("<>")


def test_a_snapshot_counts_right_after_each_change() -> None:
    """The rule must follow: first without, then with one, then without exceptions again."""
    snapshot = Snapshot(rewriting=True)
    changed(snapshot, catalogue(1200))
    query = f"{PREFIXES}SELECT (COUNT(?d) AS ?n) {{ ?d a :Dataset ; :size ?s }}"
    assert rewrite(Request(query), snapshot.store, snapshot.profile).query != query

    def count() -> int:
        answer = io.BytesIO()
        snapshot.prepare(Request(query, "csv")).write(answer)
        return int(answer.getvalue().split()[1])

    assert count() == 1200
    repository = [quad("r3", "a", "Repository"), quad("r3", "size", 5)]
    changed(snapshot, repository)
    assert count() == 1200
    changed(snapshot, [], [quad("d7", "a", "Dataset")])
    assert count() == 1199
    changed(snapshot, [quad("d7", "a", "Dataset")], repository)
    assert count() == 1200

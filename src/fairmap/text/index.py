"""The text index of one view: which repositories and datasets a search finds, ranked, and why.

An index holds the texts of records and the concepts they have; what concepts are called and which lie below which is looked up
when a search comes (:mod:`fairmap.text.concepts`), so a new label or a moved concept touches no record.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from pyoxigraph import NamedNode, Store
from tantivy import Document, Index, Occur, Query, SchemaBuilder

from fairmap.errors import QueryRefused
from fairmap.namespaces import is_vocabulary
from fairmap.text.concepts import Concepts, Kind
from fairmap.text.contents import FIELDS, contents_of
from fairmap.text.words import analyzer, clauses, contains, mark_capitals, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tantivy import IndexWriter

    from fairmap.text.concepts import Found
    from fairmap.text.contents import Contents, Observer
    from fairmap.text.words import Clause

MOST_HITS: Final = 10_000
"""Hits that one search may ask for."""

_WEIGHTS: Final = dict(zip(FIELDS, (3.0, 2.0, 1.0), strict=True))
_CONCEPT_WEIGHTS: Final = {Kind.WHOLE: 2.5, Kind.PART: 1.5, Kind.BELOW: 1.0}
_TIE: Final = 0.1
"""How much the lesser matches of a word add to its best one."""

Way = tuple["Clause", dict[str, "Found"]]
"""A word or phrase of a search, and the concepts that it finds."""

_HEAP: Final = 32 << 20
"""Bytes of texts that are gathered before they are put in order."""

_SETTLE: Final = 5.0
"""Seconds within which the index's threads end."""


@dataclass(frozen=True)
class Reason:
    """What of a record matched.

    :ivar field: ``title``, ``keyword``, ``description``, or ``concept``.
    :ivar text: the text, or the name of the concept or of one above it.
    :ivar concept: the concept that the record has.
    """

    field: str
    text: str
    concept: str | None = None


@dataclass(frozen=True)
class Hit:
    """A record that a search found; scores of one search compare, those of two do not.

    :ivar reasons: what of it matched: texts first, then concepts; empty where that was not asked.
    """

    record: str
    score: float
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """From the wire."""
        return cls(value["record"], value["score"], tuple(Reason(**reason) for reason in value["reasons"]))


class TextIndex:
    """What can be found by text in one view, and in no other. Holds nothing on disk and no thread, so that it survives a fork."""

    def __init__(self, observer: Observer | None = None) -> None:
        """``observer`` is told of each record that comes and goes."""
        self._observer = observer
        self._index = _empty()
        self._schema = self._index.schema
        self._concepts = Concepts()
        self._records: list[str] = []
        self._numbers: dict[str, int] = {}
        self._replaced = 0

    def follow(self, store: Store, graphs: Iterable[str] | None = None) -> None:
        """Bring the index to the state of ``store``; ``graphs`` are those that changed since the last time, ``None``: all."""
        names = set(_graph_names(store) if graphs is None else graphs)
        vocabularies = {name for name in names if is_vocabulary(name)}
        names -= vocabularies
        if vocabularies:
            known = self._concepts.iris
            self._concepts = Concepts(store)
            for concept in self._concepts.iris - known if self._numbers else ():
                names.update(
                    _value(quad.graph_name) for quad in store.quads_for_pattern(None, None, NamedNode(concept), None)
                )
        self._replaced += len(self._numbers.keys() & names)
        if self._replaced > len(self._numbers) / 2:  # what was replaced takes room and counts in the scores
            names = {name for name in _graph_names(store) if not is_vocabulary(name)}
            self._index, self._records, self._numbers, self._replaced = _empty(), [], {}, 0
            if self._observer:
                self._observer.clear()
        if names:
            self._replace(store, names)

    def search(self, text: str, limit: int, *, record: str | None = None) -> list[Hit]:
        """The records that have every word of ``text``, the best first, at most ``limit`` (1 to :data:`MOST_HITS`).

        :param record: look at this one only.
        :raises QueryRefused: when the text has too many words, or ``limit`` is out of its range.
        """
        if not 1 <= limit <= MOST_HITS:
            raise QueryRefused(f"a search cannot give {limit} hits", expected=f"1 to {MOST_HITS}")
        wanted = self.ways(text)
        if not wanted or (record is not None and record not in self._numbers):
            return []
        parts = [(Occur.Must, self._clause(clause, concepts)) for clause, concepts in wanted]
        if record is not None:
            only = Query.term_query(self._schema, "number", self._numbers[record])
            parts.append((Occur.Must, Query.const_score_query(only, 0.0)))
        searcher = self._index.searcher()
        found = searcher.search(Query.boolean_query(parts), limit, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in found])
        hits = [
            Hit(self._records[int(number)], round(score, 4))
            for (score, _), number in zip(found, numbers, strict=True)
            if number is not None
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.record))

    def explained(self, store: Store, text: str, limit: int) -> list[Hit]:
        """As :meth:`search`, with reasons; ``store`` is the one that was followed."""
        ways = self.ways(text)
        return [Hit(hit.record, hit.score, self._reasons(store, hit, ways)) for hit in self.search(text, limit)]

    def _reasons(self, store: Store, hit: Hit, ways: list[Way]) -> tuple[Reason, ...]:
        contents = contents_of(store, hit.record, self._concepts.iris)
        if contents is None:
            return ()
        in_words = [(field, text, words(text)) for field, text in contents.texts]
        of_texts = [
            Reason(field, text) for clause, _ in ways for field, text, said in in_words if contains(said, clause)
        ]
        of_concepts = [
            Reason("concept", found[iri].name.text, iri)
            for _, found in ways
            for iri in contents.concepts
            if iri in found
        ]
        return tuple(dict.fromkeys([*of_texts, *of_concepts]))

    def ranked(self, ways: list[Way], limit: int, among: Iterable[int] | None = None) -> list[int]:
        """Numbers of the records that all ``ways`` find, the best first; those that are as good stay in one order.

        :param among: look at these only; they should be few.
        """
        parts = [(Occur.Must, self._clause(clause, concepts)) for clause, concepts in ways]
        if among is not None:
            only = Query.term_set_query(self._schema, "number", list(among))
            parts.append((Occur.Must, Query.const_score_query(only, 0.0)))
        return self._numbers_of(Query.boolean_query(parts), limit)

    def holding(self, phrase: Clause) -> list[int]:
        """Numbers of the records in a field of which the words stand beside each other."""
        anywhere = Query.disjunction_max_query([self._in_field(field, phrase) for field in _WEIGHTS])
        return self._numbers_of(anywhere, max(1, len(self._records)))

    def nearly(self, word: str, changes: int, limit: int) -> list[int]:
        """Numbers of records with a word, stemmed, that is ``word`` after so many changes of a letter."""
        ways = [Query.fuzzy_term_query(self._schema, field, word, changes) for field in _WEIGHTS]
        return self._numbers_of(Query.disjunction_max_query(ways), limit)

    def beginning(self, ways: list[Way], start: str, limit: int) -> list[int]:
        """Numbers of the records that all ``ways`` find and whose title has a word that begins so, the best first."""
        stem = words(start)[-1:]
        begun = [Query.regex_query(self._schema, "title", f"{re.escape(start)}.*")]
        begun += [Query.term_query(self._schema, "title", word) for word in stem]
        parts = [(Occur.Must, self._clause(clause, concepts)) for clause, concepts in ways]
        return self._numbers_of(Query.boolean_query([*parts, (Occur.Must, Query.disjunction_max_query(begun))]), limit)

    def _numbers_of(self, query: Query, limit: int) -> list[int]:
        searcher = self._index.searcher()
        found = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in found])
        return [int(number) for number in numbers if number is not None]

    @property
    def concepts(self) -> Concepts:
        """What concepts are called."""
        return self._concepts

    def ways(self, text: str) -> list[Way]:
        """What a search asks for, each with the concepts that it finds."""
        wanted = clauses(text)
        said = {word for clause in wanted for word in clause}
        return [(clause, self._concepts.find(clause, said)) for clause in wanted]

    def _clause(self, clause: Clause, concepts: dict[str, Found]) -> Query:
        """Any field or concept with ``clause``; the best counts, the others a little."""
        ways = [Query.boost_query(self._in_field(field, clause), weight) for field, weight in _WEIGHTS.items()]
        ways += [self._concept(iri, found) for iri, found in concepts.items()]
        return Query.disjunction_max_query(ways, _TIE)

    def _in_field(self, field: str, clause: Clause) -> Query:
        if len(clause) == 1:
            return Query.term_query(self._schema, field, clause[0])
        return Query.phrase_query(self._schema, field, list(clause))

    def _concept(self, iri: str, found: Found) -> Query:
        return Query.boost_query(Query.term_query(self._schema, "concept", iri, "basic"), _CONCEPT_WEIGHTS[found.kind])

    def _replace(self, store: Store, names: Iterable[str]) -> None:
        writer = self._index.writer(_HEAP, 1)
        for name in sorted(names):  # what scores the same is told in this order
            if name in self._numbers:
                self._remove(writer, self._numbers.pop(name))
            contents = contents_of(store, name, self._concepts.iris)
            if contents:
                self._add(store, writer, contents)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        _settle()

    def _remove(self, writer: IndexWriter, number: int) -> None:
        writer.delete_documents_by_query(Query.term_query(self._schema, "number", number))
        if self._observer:
            self._observer.remove(number)

    def _add(self, store: Store, writer: IndexWriter, contents: Contents) -> None:
        number = len(self._records)
        document = _document(contents)
        document.add_unsigned("number", number)
        self._numbers[contents.name] = number
        self._records.append(contents.name)
        writer.add_document(document)
        if self._observer:
            self._observer.add(store, number, contents)


def _empty() -> Index:
    builder = SchemaBuilder()
    for field in _WEIGHTS:
        builder.add_text_field(field, tokenizer_name="words")
    builder.add_text_field("concept", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("number", indexed=True, fast=True)
    index = Index(builder.build())
    index.register_tokenizer("words", analyzer())
    index.config_reader("manual")
    return index


def _settle() -> None:
    """Wait until the threads of the writer that was closed have ended: who forks beside them may inherit a lock they hold.

    :raises RuntimeError: when they do not.
    """
    end = time.monotonic() + _SETTLE
    while any(_is_of_index(task) for task in Path("/proc/self/task").iterdir()):
        if time.monotonic() > end:
            raise RuntimeError(f"threads of the text index still run after {_SETTLE:g} s")
        time.sleep(0.0005)


def _is_of_index(task: Path) -> bool:
    try:
        name = (task / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False  # it has just ended
    return name.startswith(("thrd-tantivy", "segment_updater", "merge_thread"))


def _document(contents: Contents) -> Document:
    document = Document()
    for field, text in contents.texts:
        document.add_text(field, mark_capitals(text))
    for concept in contents.concepts:
        document.add_text("concept", concept)
    return document


def _graph_names(store: Store) -> list[str]:
    return sorted(graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode))


def _value(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""

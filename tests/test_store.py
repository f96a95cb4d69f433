"""The store: written record by record, literals kept, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Triple

from fairmap.errors import StoreError, StoreInUse, UsageError
from fairmap.model import Record
from fairmap.namespaces import XSD
from fairmap.rdf import canonical, digest
from fairmap.store import FORMAT, Level, Written, address, open_level
from fairmap.store.ledger import Ledger
from fairmap.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A = "https://w3id.org/fairmap/agent/a"
B = "https://w3id.org/fairmap/agent/b"

_forms = st.tuples(
    st.sampled_from(["5", "05", "5.0", "5.50", "true", "1", "2026-11-24T00:00:00.000Z", "PT60M", "x"]),
    st.sampled_from(["nonNegativeInteger", "integer", "decimal", "boolean", "dateTime", "duration", "byte", "string"]),
)


def literal(form: str, datatype: str) -> Literal:
    return Literal(form, datatype=NamedNode(XSD + datatype))


def record(iri: str, *literals: Literal) -> Record:
    node = NamedNode(iri)
    return Record(iri, tuple(Quad(node, NamedNode("https://example.org/p"), value, node) for value in literals))


@pytest.fixture(params=["memory", "disk"])
def level(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Level]:
    opened = open_level(address("memory:" if request.param == "memory" else f"oxigraph:{tmp_path / 'store'}"))
    yield opened
    opened.close()


@given(st.lists(_forms, max_size=6))
def test_literals_come_back_as_they_were_written(forms: list[tuple[str, str]]) -> None:
    level = open_level(address("memory:"))
    written = record(A, *(literal(*form) for form in forms))
    level.write({A: written}, origin="test")
    assert canonical(level.dump()) == canonical(written.quads)


def test_two_written_forms_with_one_stored_form_both_come_back(level: Level) -> None:
    written = record(A, literal("1", "integer"), literal("01", "integer"), literal("1", "nonNegativeInteger"))
    level.write({A: written}, origin="test")
    assert canonical(level.dump()) == canonical(written.quads)


def test_a_record_is_replaced_as_a_whole(level: Level) -> None:
    level.write({A: record(A, literal("1", "byte"), Literal("old")), B: record(B, Literal("b"))}, origin="test")
    change = level.write({A: record(A, literal("1", "integer"))}, origin="test")
    assert canonical(level.dump()) == canonical(
        [*record(A, literal("1", "integer")).quads, *record(B, Literal("b")).quads]
    )
    assert [str(quad.object) for quad in change.removed] == ['"old"']
    assert change.revision == level.ledger.revision == 2


def test_a_withdrawn_record_is_gone_and_may_come_back(level: Level) -> None:
    level.write({A: record(A, Literal("a"))}, origin="test")
    level.write({A: None}, origin="test")
    assert level.record(A) is None
    assert list(level.ledger.gone()) == [A]
    level.write({A: record(A, Literal("a"))}, origin="test")
    assert level.ledger.gone() == {}


def test_writing_twice_changes_nothing(level: Level) -> None:
    written = record(A, literal("5", "nonNegativeInteger"))
    level.write({A: written}, origin="test")
    again = level.write({A: written}, origin="test")
    assert (again.added, again.removed) == ((), ())


def test_a_store_on_disk_keeps_everything_over_a_restart(tmp_path: Path) -> None:
    where = address(f"oxigraph:{tmp_path / 'deep' / 'store'}")
    written = record(A, literal("05", "nonNegativeInteger"))
    level = open_level(where)
    level.write({A: written}, origin="test")
    level.close()
    level = open_level(where)
    assert canonical(level.dump()) == canonical(written.quads)
    assert level.ledger.records() == {A: "test"}
    level.close()


def test_a_second_writer_is_told_who_has_the_store(tmp_path: Path) -> None:
    where = address(f"oxigraph:{tmp_path}")
    level = open_level(where)
    with pytest.raises(StoreInUse, match=str(os.getpid())):
        open_level(where)
    level.close()
    open_level(where).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"):
        open_level(address(f"oxigraph:{tmp_path / 'file' / 'store'}"))


@pytest.mark.parametrize("text", ["", "oxigraph:", "disk:/x", "memory:x", "/srv/x"])
def test_what_is_no_store_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="no store"):
        address(text)


def test_a_write_that_was_noted_and_not_carried_out_is_carried_out_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = address(f"oxigraph:{tmp_path}")
    level = open_level(where)
    level.write({A: record(A, literal("1", "byte"))}, origin="test")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(level, "_carry_out", die)
    with pytest.raises(KeyboardInterrupt):
        level.write({A: record(A, literal("2", "byte"))}, origin="test")
    level.ledger.close()
    os.close(level._lock or 0)  # noqa: SLF001 - as the kernel does when the process dies
    del level.engine
    level = open_level(where)
    assert canonical(level.dump()) == canonical(record(A, literal("2", "byte")).quads)
    level.close()


WRITER = textwrap.dedent("""
    import sys
    from pyoxigraph import Literal, NamedNode, Quad
    from fairmap.model import Record
    from fairmap.store import address, open_level
    level = open_level(address(sys.argv[1]))
    number = int(sys.argv[2])
    while True:
        number += 1
        iri = f"https://w3id.org/fairmap/agent/{number}"
        node = NamedNode(iri)
        quads = tuple(
            Quad(node, NamedNode("https://example.org/p"),
                 Literal(str(n), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger")), node)
            for n in range(50))
        level.write({iri: Record(iri, quads)}, origin="test")
        print(number, flush=True)
""")


def test_kill_9_loses_no_acknowledged_record_and_leaves_no_half_one(tmp_path: Path) -> None:
    store = f"oxigraph:{tmp_path / 'store'}"
    acknowledged = 0
    for pause in (0.05, 0.2, 0.4):
        command = [sys.executable, "-c", WRITER, store, str(acknowledged)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            told = process.stdout.read().split()
        acknowledged = int(told[-1]) if told else acknowledged + 1
    level = open_level(address(store))
    sizes = {iri: len(found.quads) for iri in level.ledger.records() if (found := level.record(iri))}
    level.close()
    assert {f"https://w3id.org/fairmap/agent/{n}" for n in range(1, acknowledged + 1)} <= set(sizes)
    assert set(sizes.values()) == {50}


def test_a_store_of_a_newer_form_is_refused(tmp_path: Path) -> None:
    where = address(f"oxigraph:{tmp_path}")
    level = open_level(where)
    level.ledger.set("format", str(FORMAT + 1))
    level.close()
    with pytest.raises(StoreError, match="newer fairmap"):
        open_level(where)


def test_an_older_form_is_brought_up_after_a_backup(tmp_path: Path) -> None:
    level = open_level(address(f"oxigraph:{tmp_path}"))
    written = record(A, literal("5", "nonNegativeInteger"))
    level.write({A: written}, origin="test")
    backup = migrate(
        level.engine,
        level.ledger,
        tmp_path,
        steps={FORMAT: lambda engine, _: engine.clear()},
        target=FORMAT + 1,
    )
    assert level.ledger.format == FORMAT + 1
    assert list(level.dump()) == []
    level.close()
    assert backup is not None
    restored = open_level(address(f"oxigraph:{backup}"))
    assert canonical(restored.dump()) == canonical(written.quads)
    restored.close()


def test_a_ledger_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_text("not a database, and long enough not to be taken for an empty one" * 20)
    with pytest.raises(StoreError, match="cannot be opened"):
        Ledger(path)


class _BrokenRecord(Record):
    """A record whose quads cannot be had."""

    def __init__(self, iri: str) -> None:
        object.__setattr__(self, "iri", iri)

    @property
    def quads(self) -> tuple[Quad, ...]:
        """Raises."""
        raise StoreError("broken")


def test_writes_of_a_group_see_each_other_and_one_that_fails_fails_alone(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairmap.store.level._PIECE", 1)
    level.write({B: record(B, Literal("b"))}, origin="test")
    level.note({A: record(A, literal("05", "byte"))}, origin="test")
    with pytest.raises(StoreError, match="broken"):
        level.note({B: record(B, Literal("lost")), A: _BrokenRecord(A)}, origin="test")
    assert level.ledger.digest(B) == digest(record(B, Literal("b")).quads)
    seen = level.record(A)
    assert seen is not None
    assert seen.quads == record(A, literal("05", "byte")).quads
    assert not list(level.engine.quads_for_pattern(None, None, None, NamedNode(A)))
    level.note({A: record(A, literal("06", "byte"))}, origin="test")
    change = level.commit()
    assert change.revision == 3
    assert [str(quad.object) for quad in change.added] == [str(literal("6", "integer"))]
    assert canonical(level.dump()) == canonical(
        [*record(A, literal("06", "byte")).quads, *record(B, Literal("b")).quads]
    )


def test_a_group_that_is_rolled_back_leaves_nothing(level: Level) -> None:
    level.write({B: record(B, literal("01", "byte"))}, origin="test")
    level.note({A: record(A, Literal("a")), B: None}, origin="test")
    level.rollback()
    assert level.commit().records == ()
    assert level.ledger.revision == 1
    assert level.ledger.gone() == {}
    assert canonical(level.dump()) == canonical(record(B, literal("01", "byte")).quads)


def test_a_large_write_that_dies_between_two_pieces_is_whole_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairmap.store.level._PIECE", 10)
    monkeypatch.setattr("fairmap.store.level._BULK", 5)
    where = address(f"oxigraph:{tmp_path}")
    names = [f"{A}{number}" for number in range(20)]
    before = {name: record(name, literal("07", "byte")) for name in names}
    after = {name: record(name, *(literal(f"0{n}", "byte") for n in range(4))) for name in names}
    level = open_level(where)
    level.write(before, origin="test")
    dying = level
    pieces = []

    def die(*arguments: Any) -> None:
        pieces.append(arguments)
        if len(pieces) == 3:
            raise KeyboardInterrupt
        Level._change(dying, *arguments)  # noqa: SLF001 - dies in the middle

    monkeypatch.setattr(level, "_change", die)
    with pytest.raises(KeyboardInterrupt):
        level.write(after, origin="test")
    level.ledger.close()
    os.close(level._lock or 0)  # noqa: SLF001 - as the kernel does when the process dies
    monkeypatch.undo()
    del level.engine
    pieces.clear()
    level = open_level(where)
    assert canonical(level.dump()) == canonical(quad for name in names for quad in after[name].quads)
    level.close()


@given(st.lists(st.tuples(st.sampled_from("+-"), _forms), max_size=12))
def test_written_forms_of_a_view_follow_rows_added_and_removed(steps: list[tuple[str, tuple[str, str]]]) -> None:
    """A view that followed every row is as one that was made from the rows that are left."""
    followed, left = Written(), []
    for sign, (form, datatype) in steps:
        row = ("<urn:s>", "<urn:p>", f'"5"^^<{XSD}integer>'), str(literal(form, datatype))
        if sign == "+":
            followed.add(*row)
            left.append(row)
        elif row in left:
            followed.remove(*row)
            left.remove(row)
    made = Written()
    for row in left:
        made.add(*row)
    triple = Triple(NamedNode("urn:s"), NamedNode("urn:p"), literal("5", "integer"))
    expected = {text for _, text in left} or {str(triple.object)}
    assert {str(found.object) for found in followed.triples([triple])} == expected
    assert {str(found.object) for found in made.triples([triple])} == expected

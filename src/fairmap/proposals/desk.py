"""Where proposals wait: taken in from the questionnaire, looked at, edited, accepted or rejected by curators.

A proposal is three graphs of the level of proposals: the repository's record and the answered questionnaire, as they would be
published, and a note (``proposal/NAME``) with what never is: the answers as typed, the sender's contact, what was decided.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from fairmap.errors import Busy, InputError, NotConforming, NotFound, UsageError
from fairmap.model import Record
from fairmap.namespaces import RDF
from fairmap.proposals.answers import CONTACT, check, one, shortened
from fairmap.proposals.record import SOURCE, Answered, slug_of
from fairmap.rdf import FORMATS, by_name, canonical, serialise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fairmap.proposals.answers import Answers
    from fairmap.publish import Publisher

ANSWERED: Final = "proposal"
"""Who wrote an accepted record, for the ledger."""
WAITING, REJECTED = "waiting", "rejected"
MOST: Final = 500
"""Proposals that may wait; and rejected ones that are kept, the oldest of which make room."""
_NOTE: Final = "proposal/"
_NAME: Final = re.compile(r"[0-9a-f]{12}")
_REASON: Final = 1000
"""Letters of the longest reason."""


class Desk:
    """The proposals of one store; used by the writer's thread only."""

    def __init__(self, drafts: Publisher, public: Publisher, base_iri: str) -> None:
        """:param drafts: of the level of proposals, judged together with what is public."""
        self._drafts = drafts
        self._public = public
        self._base = base_iri
        self._steps: Mapping[str, Callable[..., Any]] = {
            "submit": self.submit,
            "list": self.listed,
            "show": self.show,
            "edit": self.edit,
            "accept": self.accept,
            "reject": self.reject,
        }

    def step(self, step: str, **arguments: Any) -> Any:
        """One of ``submit list show edit accept reject`` by its name, as it comes over the control socket.

        :raises UsageError: for another name.
        """
        if step not in self._steps:
            raise UsageError(f"there is no step {step!r}", expected=", ".join(self._steps))
        return self._steps[step](**arguments)

    def submit(self, answers: Answers) -> dict[str, Any]:
        """Let a new proposal wait; its ``name``.

        :raises InputError: for answers with a fault.
        :raises NotConforming: when the record that they make does not conform.
        :raises Busy: when too many wait.
        """
        _refuse(answers)
        if self._waiting_count() >= MOST:
            raise Busy("too many proposals wait to be looked at", expected="the same again in some days")
        name = secrets.token_hex(6)
        received = datetime.now(UTC).isoformat(timespec="seconds")
        self._keep({"name": name, "received": received, "state": WAITING, "answers": _plain(answers)})
        return {"name": name}

    def listed(self) -> list[dict[str, Any]]:
        """All proposals, the oldest first, each with ``name``, ``title``, ``received``, ``state`` and ``reason``."""
        told = ("name", "title", "received", "state", "reason")
        return [{key: note.get(key) for key in told} for note in self._notes()]

    def show(self, name: str) -> dict[str, Any]:
        """A proposal with its ``answers``, ``contact``, ``iri`` and the records as ``turtle``.

        :raises NotFound: when there is none.
        """
        note = self._note(name)
        triples = [quad.triple for iri in self._records(note) for quad in self._quads(iri)]
        turtle = serialise(triples, by_name("turtle", FORMATS)).decode() if triples else ""
        answers = {key: values for key, values in note["answers"].items() if key != CONTACT}
        return {**note, "answers": answers, "contact": one(note["answers"], CONTACT) or None, "turtle": turtle}

    def edit(self, name: str, answers: Answers) -> dict[str, Any]:
        """Give a waiting proposal other answers; the sender's contact stays.

        :raises NotFound, InputError, NotConforming: the proposal is as it was.
        """
        note = self._waiting(name)
        kept = {CONTACT: note["answers"][CONTACT]} if CONTACT in note["answers"] else {}
        _refuse(answers)
        self._keep({**note, "answers": {**_plain(answers), **kept}}, before=note)
        return {"name": name}

    def accept(self, name: str) -> dict[str, Any]:
        """Publish a waiting proposal, and forget it with the sender's contact; the ``iri`` of the public record.

        What was published before a crash is not published again.

        :raises NotFound, NotConforming: nothing has changed.
        """
        note = self._waiting(name)
        iri = f"{self._base}repository/{note['slug']}"
        if not self._is_published(note):
            if self._public.level.ledger.digest(iri) is not None:
                note = self._keep(note, before=note)
            quads = [quad for part in self._records(note) for quad in self._quads(part)]
            self._public.publish(quads, origin=ANSWERED)
        self._drafts.write(dict.fromkeys([*self._records(note), self._iri(name)]), origin=ANSWERED)
        return {"iri": f"{self._base}repository/{note['slug']}"}

    def reject(self, name: str, reason: str) -> dict[str, Any]:
        """Take a waiting proposal away; what was answered is kept with the reason, without the sender's contact.

        :raises InputError: without a reason.
        """
        note = self._waiting(name)
        if not reason.strip() or len(reason) > _REASON:
            raise InputError("there is no reason", where="reason", expected=f"1 to {_REASON} letters")
        answers = {key: values for key, values in note["answers"].items() if key != CONTACT}
        rejected = {**note, "state": REJECTED, "reason": reason.strip(), "answers": answers}
        old = [other["name"] for other in self._notes() if other["state"] == REJECTED][: -(MOST - 1)]
        gone = dict.fromkeys([*self._records(note), *map(self._iri, old)])
        self._drafts.write({**gone, self._iri(name): self._written(rejected)}, origin=ANSWERED)
        return {"name": name}

    def _keep(self, note: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
        """Judge the records that answers make and write them with their note, which is given back.

        :param before: what stood there; its records go.
        """
        title = one(note["answers"], "title")
        own = before["slug"] if before else None
        slug = self._free(slug_of(title), own)
        answered = Answered(note["name"], slug, note["received"], version("fairmap"), note["answers"])
        records, report = self._drafts.judge(answered.quads(self._base))
        if not report.conforms:
            raise NotConforming("the record that the answers make does not conform: nothing was kept", report)
        kept = {**note, "title": title, "slug": slug, "iri": f"{self._base}repository/{slug}"}
        gone = dict.fromkeys(self._records(before)) if before else {}
        self._drafts.write({**gone, **records, self._iri(note["name"]): self._written(kept)}, origin=ANSWERED)
        return kept

    def _free(self, slug: str, own: str | None) -> str:
        """The slug, or one with a number, that no record has which is public or proposed.

        :param own: which a proposal has already.
        """
        for number in range(1, MOST * 3):
            found = slug if number == 1 else f"{slug}-{number}"
            iri = f"{self._base}repository/{found}"
            is_proposed = found != own and self._drafts.level.ledger.digest(iri) is not None
            if not is_proposed and self._public.level.ledger.digest(iri) is None:
                return found
        raise Busy("too many records have this name", where="title", expected="another name")

    def _is_published(self, note: dict[str, Any]) -> bool:
        """Whether the public record is from this very proposal."""
        return self._public.level.ledger.digest(self._records(note)[0]) is not None

    def _records(self, note: Mapping[str, Any]) -> list[str]:
        """The IRIs of a proposal's records, the answered questionnaire first."""
        return [f"{self._base}{SOURCE}{note['name']}", f"{self._base}repository/{note['slug']}"]

    def _quads(self, iri: str) -> list[Quad]:
        record = self._drafts.level.record(iri)
        return list(canonical(record.quads)) if record else []

    def _iri(self, name: str) -> str:
        return f"{self._base}{_NOTE}{name}"

    def _written(self, note: Mapping[str, Any]) -> Record:
        iri = NamedNode(self._iri(note["name"]))
        text = Literal(json.dumps(note, ensure_ascii=False, sort_keys=True))
        return Record(iri.value, (Quad(iri, NamedNode(f"{RDF}value"), text, iri),))

    def _notes(self) -> list[dict[str, Any]]:
        start = f"{self._base}{_NOTE}"
        names = [iri.removeprefix(start) for iri in self._drafts.level.ledger.records() if iri.startswith(start)]
        return sorted(map(self._note, names), key=lambda note: (note["received"], note["name"]))

    def _note(self, name: str) -> dict[str, Any]:
        record = self._drafts.level.record(self._iri(name)) if _NAME.fullmatch(name) else None
        if record is None:
            raise NotFound("there is no such proposal", where=shortened(name))
        text = record.quads[0].object
        assert isinstance(text, Literal)  # noqa: S101 - as it was written
        note: dict[str, Any] = json.loads(text.value)
        return note

    def _waiting_count(self) -> int:
        """How many wait: those that have a record; rejected ones have none."""
        start = f"{self._base}repository/"
        return sum(iri.startswith(start) for iri in self._drafts.level.ledger.records())

    def _waiting(self, name: str) -> dict[str, Any]:
        note = self._note(name)
        if note["state"] != WAITING:
            raise InputError("this proposal was rejected", where=name, expected="one that waits")
        return note


def _plain(answers: Answers) -> dict[str, list[str]]:
    """What was answered, without fields that were left empty."""
    return {name: kept for name, values in answers.items() if (kept := [value for value in values if value.strip()])}


def _refuse(answers: Answers) -> None:
    faults = check(answers)
    if faults:
        raise InputError(faults[0].message, where=faults[0].field or None, expected="answers without a fault")

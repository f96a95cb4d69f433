"""What stands beside the facts of a record: its files, how to cite it, whom to tell, what is like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from flask import current_app

from fairmap.describe import Value
from fairmap.export.writing import SUFFIXES
from fairmap.namespaces import DCAT
from fairmap.web.addresses import href, local, public
from fairmap.web.deployment import deployment
from fairmap.web.profile_choice import profiles_of
from fairmap.web.similar import similar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fairmap.describe import RecordPage
    from fairmap.export import Projection
    from fairmap.web.similar import Similar
    from fairmap.web.view import View

_HOMES: Final = ("landingPage", "homepage", "accessURL")
_IDENTIFIERS: Final = ("identifier", "isReferencedBy")
_REGISTER: Final = "/register"


@dataclass(frozen=True)
class Download:
    """A profile that a record comes in.

    :ivar files: suffix and address of each form.
    """

    title: str
    about: str
    files: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Beside:
    """All of it, for one record.

    :ivar name: as it is named in addresses.
    :ivar start: where somebody who wants the data begins.
    :ivar citation: of the record itself; ``works``: what its holder names to be cited.
    :ivar since: day of the last change here, when known.
    """

    name: str
    start: Value | None
    downloads: Sequence[Download]
    citation: str
    works: Sequence[Value]
    similar: Sequence[Similar]
    since: str | None
    _tell: tuple[str, str] | None
    _page: RecordPage

    def tell(self, anchor: str | None = None) -> str | None:
        """Where somebody who knows better can say so; ``None`` when there is no such place.

        :param anchor: of the statement that is meant.
        """
        if self._tell is None:
            return None
        kind, address = self._tell
        if kind != "mail":
            return address
        about = f"{self._page.iri}#{anchor}" if anchor else self._page.iri
        return f"mailto:{address}?subject={quote(self._page.title)}&body={quote(about)}"


def beside(view: View, page: RecordPage) -> Beside:
    """What stands beside the page of a record, as this reader may see it."""
    base_iri = deployment().settings.base_iri
    dated = view.dates.of([page.iri]).get(page.iri)
    since = f"{dated.time:%Y-%m-%d}" if dated else None
    homes, works = _values(page, _HOMES), _values(page, _IDENTIFIERS)
    return Beside(
        page.iri.removeprefix(base_iri),
        next((value for value in (*homes, *_holders(page)) if value.iri), None),
        [_download(by, page.iri) for by in profiles_of(page.kind)],
        _citation(page, since),
        works,
        similar(view, page),
        since,
        _whom(),
        page,
    )


def _values(page: RecordPage, names: Sequence[str]) -> list[Value]:
    """The known values of properties with these local names, in their order."""
    facts = [fact for section in (*page.sections, *page.distributions) for fact in section.facts]
    found = [fact for name in names for fact in facts if fact.property.rpartition("/")[2].rpartition("#")[2] == name]
    return [value for fact in found for claim in fact.claims for value in claim.values]


def _holders(page: RecordPage) -> list[Value]:
    """The repositories that say they hold a dataset."""
    groups = [group for group in page.mentions if group.property == f"{DCAT}dataset"]
    return [Value(thing.label, thing.iri) for group in groups for thing in group.things]


def _download(by: Projection, iri: str) -> Download:
    files = [
        (SUFFIXES[form].lstrip("."), local(f"/export/{by.name}{SUFFIXES[form]}?iri={quote(iri, safe='')}"))
        for form in by.forms
    ]
    return Download(by.title, local(f"/profile/{by.name}"), files)


def _citation(page: RecordPage, since: str | None) -> str:
    """How the record is cited: what it is called, who publishes it, its date, its address."""
    publisher = deployment().settings.publisher
    address = href(page.iri) or page.iri
    place = public(f"/{page.iri.removeprefix(deployment().settings.base_iri)}") if address.startswith("/") else address
    parts = [f"“{page.title}”", "record of the map of medical-imaging repositories (fairmap)", publisher, since, place]
    return ", ".join(part for part in parts if part) + "."


def _whom() -> tuple[str, str] | None:
    """The contact of this deployment, else the questionnaire, where there is one."""
    contact = deployment().settings.contact or ""
    address = contact.removeprefix("mailto:")
    if "@" in address and not address.startswith(("http:", "https:")):
        return "mail", quote(address, safe="@.+-_")
    if href(contact):
        return "page", contact
    has_form = any(rule.rule == _REGISTER for rule in current_app.url_map.iter_rules())
    return ("page", local(_REGISTER)) if has_form else None

"""The answers of OAI-PMH."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from fairmap.export import projection
from fairmap.export.writing import in_xml
from fairmap.feeds.members import KINDS, page, prefixes_of
from fairmap.feeds.oai.arguments import Arguments, OaiFault, Selection, datestamp
from fairmap.feeds.oai.formats import FORMATS, LOCATION, XSI, MetadataFormat
from fairmap.namespaces import PREFIXES, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fairmap.export import Source
    from fairmap.model import Dated, Dates

SIZE: Final = 100
"""Records of one answer."""
OAI: Final = "http://www.openarchives.org/OAI/2.0/"
_SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_SETS: Final = {
    "catalog": "The map itself",
    "repository": "Repositories: archives, biobanks, cohorts and platforms",
    "dataset": "Datasets",
}
NO_CONTACT: Final = "not-set@contact.invalid"
"""The protocol demands an address; who runs this service has not told one. Source: RFC 2606, .invalid."""
_PREFIXES: Final = {
    **PREFIXES,
    "oai": OAI,
    "oai_datacite": "http://schema.datacite.org/oai/oai-1.1/",
    "datacite": "http://datacite.org/schema/kernel-4",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xsi": XSI,
}


@dataclass(frozen=True)
class Repository:
    """What is harvested, as one reader sees it.

    :ivar url: where it is asked.
    :ivar contact: mail address of who runs it; empty: not told.
    """

    url: str
    name: str
    contact: str
    source: Source
    dates: Dates

    def prefixes(self, of: str, form: MetadataFormat) -> list[str]:
        """How the IRIs of the records begin that are in a set (empty: in any) and come in a form.

        :raises OaiFault: when there is no such set.
        """
        if of and of not in _SETS:
            raise OaiFault("noRecordsMatch", f"There is no set {of[:40]!r}: {', '.join(_SETS)}.")
        return prefixes_of(self.source.base_iri, form.kinds & (frozenset({of}) if of else frozenset(KINDS)))


def respond(repository: Repository, pairs: Iterable[tuple[str, str]], now: str) -> bytes:
    """The answer to a request, an XML document, also for what is wrong with it.

    :param pairs: names and values of the arguments.
    :param now: the time as a datestamp.
    """
    for prefix, namespace in _PREFIXES.items():
        register_namespace(prefix, namespace)
    root = Element(f"{{{OAI}}}OAI-PMH", {LOCATION: f"{OAI} {_SCHEMA}"})
    _add(root, "responseDate", now)
    request = _add(root, "request", repository.url)
    try:
        arguments = Arguments.read(pairs)
        answer = Element(f"{{{OAI}}}{arguments.verb}")
        _VERBS[arguments.verb](repository, arguments, answer)
    except OaiFault as fault:
        if fault.code not in {"badVerb", "badArgument"}:
            _tell(request, arguments)
        _add(root, "error", fault.what, code=fault.code)
    else:
        _tell(request, arguments)
        root.append(answer)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def _tell(request: Element, arguments: Arguments) -> None:
    request.attrib.update({"verb": arguments.verb, **{name: in_xml(text) for name, text in arguments.values.items()}})


def _identify(repository: Repository, _: Arguments, answer: Element) -> None:
    first = repository.dates.entries(prefixes_of(repository.source.base_iri, KINDS), limit=1)
    _add(answer, "repositoryName", repository.name)
    _add(answer, "baseURL", repository.url)
    _add(answer, "protocolVersion", "2.0")
    _add(answer, "adminEmail", repository.contact or NO_CONTACT)
    _add(answer, "earliestDatestamp", datestamp(first[0].moment if first else 0))
    _add(answer, "deletedRecord", "persistent")
    _add(answer, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def _list_formats(repository: Repository, arguments: Arguments, answer: Element) -> None:
    found = list(FORMATS.values())
    if "identifier" in arguments.values:
        kind = _kind(repository, _dated(repository, arguments.values["identifier"]).iri)
        found = [form for form in FORMATS.values() if kind in form.kinds]
    for form in found:
        told = _add(answer, "metadataFormat")
        _add(told, "metadataPrefix", form.prefix)
        _add(told, "schema", form.schema)
        _add(told, "metadataNamespace", form.namespace)


def _list_sets(_: Repository, arguments: Arguments, answer: Element) -> None:
    if "resumptionToken" in arguments.values:
        raise OaiFault("badResumptionToken", "The list of sets is given whole, without tokens.")
    for spec, name in _SETS.items():
        told = _add(answer, "set")
        _add(told, "setSpec", spec)
        _add(told, "setName", name)


def _get_record(repository: Repository, arguments: Arguments, answer: Element) -> None:
    form = _format(arguments.values["metadataPrefix"])
    dated = _dated(repository, arguments.values["identifier"])
    if _kind(repository, dated.iri) not in form.kinds:
        raise OaiFault("cannotDisseminateFormat", f"This record does not come as {form.prefix}.")
    _add_records(repository, form, [dated], answer)
    if not len(answer):
        raise OaiFault("cannotDisseminateFormat", f"This record does not come as {form.prefix}.")


def _list(repository: Repository, arguments: Arguments, answer: Element) -> None:
    selection = arguments.selection()
    is_resumed = "resumptionToken" in arguments.values
    form = FORMATS.get(selection.prefix) if is_resumed else _format(selection.prefix)
    if form is None or (is_resumed and selection.of and selection.of not in _SETS):
        raise OaiFault("badResumptionToken", "This token is none of this service.")
    prefixes = repository.prefixes(selection.of, form)
    found = page(repository.dates, prefixes, after=selection.begin, before=selection.end, size=SIZE)
    if not found.entries:
        raise OaiFault("noRecordsMatch", "There are no such records.")
    if arguments.verb == "ListIdentifiers":
        for dated in found.entries:
            _add_header(repository, dated, answer)
    else:
        _add_records(repository, form, found.entries, answer)
    if found.following or is_resumed:
        total = repository.dates.count(prefixes, after=_begin(selection), before=selection.end)
        following = selection.further(found.following, len(found.entries)).token() if found.following else ""
        size = {"completeListSize": str(max(total, selection.given + len(found.entries)))}
        _add(answer, "resumptionToken", following, **size, cursor=str(selection.given))


def _begin(selection: Selection) -> int:
    """Where the whole list begins that a selection is a part of."""
    return Selection(selection.prefix, selection.first, selection.last, selection.of).begin


def _add_records(repository: Repository, form: MetadataFormat, entries: Sequence[Dated], answer: Element) -> None:
    """One bad record does not keep the others: it is left out."""
    there = [dated.iri for dated in entries if not dated.is_deleted]
    told = {record.iri: record for record in projection(form.profile).project(repository.source, there)}
    for dated in entries:
        metadata = form.make(told[dated.iri]) if dated.iri in told else None
        if metadata is not None or dated.is_deleted:
            record = _add(answer, "record")
            _add_header(repository, dated, record)
            if metadata is not None:
                _add(record, "metadata").append(metadata)


def _add_header(repository: Repository, dated: Dated, parent: Element) -> None:
    header = _add(parent, "header", **({"status": "deleted"} if dated.is_deleted else {}))
    _add(header, "identifier", dated.iri)
    _add(header, "datestamp", datestamp(dated.moment))
    _add(header, "setSpec", _kind(repository, dated.iri))


def _dated(repository: Repository, identifier: str) -> Dated:
    """:raises OaiFault: when there never was such a record."""
    if record_of(identifier, repository.source.base_iri) == identifier and _kind(repository, identifier) in KINDS:
        found = repository.dates.of([identifier]).get(identifier)
        if found:
            return found
    raise OaiFault(
        "idDoesNotExist", "There is no record with this identifier; they are IRIs, as ListIdentifiers tells."
    )


def _format(prefix: str) -> MetadataFormat:
    if prefix not in FORMATS:
        raise OaiFault("cannotDisseminateFormat", f"There is no format {prefix[:40]!r}: {', '.join(FORMATS)}.")
    return FORMATS[prefix]


def _kind(repository: Repository, iri: str) -> str:
    return iri.removeprefix(repository.source.base_iri).partition("/")[0]


def _add(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    element = SubElement(parent, f"{{{OAI}}}{name}", attributes)
    element.text = None if text is None else in_xml(text)
    return element


_VERBS: Final[Mapping[str, Callable[[Repository, Arguments, Element], None]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list,
    "ListRecords": _list,
}

"""``/compare``: records side by side, as a table or as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request

from fairmap import describe
from fairmap.errors import UsageError
from fairmap.rdf import negotiate
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, tag
from fairmap.web.deployment import deployment
from fairmap.web.representation import HTML
from fairmap.web.search_forms import plain

if TYPE_CHECKING:
    from fairmap.describe import Comparison

blueprint: Final = Blueprint("compare", __name__)
PATH: Final = "/compare"
MOST: Final = 12
"""Records that are put side by side."""
_CSV: Final = "text/csv"
_FORMS: Final = {"html": HTML, "csv": _CSV}
_DIFFERENCES: Final = "differences"


@blueprint.get(PATH)
def compare() -> Response:
    """The records that ``record=`` or, as exports are asked for, ``iri=`` names, each by its IRI or by kind and slug.

    :raises UsageError: when they are too many, or the form or choice of rows is none.
    :raises NotFound: when one is not there.
    """
    names = list(dict.fromkeys(filter(None, [*request.args.getlist("record"), *request.args.getlist("iri")])))
    if len(names) > MOST:
        raise UsageError(f"{len(names)} records do not fit beside each other", expected=f"at most {MOST}")
    only = request.args.get("only") or ""
    if only not in {"", _DIFFERENCES}:
        raise UsageError(f"there is no choice of rows {only[:80]!r}", where="only", expected=_DIFFERENCES)
    form = _form()
    view = audience().view

    def make() -> Response:
        found = describe.comparison(view, [_iri(name) for name in names])
        rows = tuple(row for row in found.rows if row.differs or not only)
        found = describe.Comparison(found.records, rows)
        if form == _CSV:
            return Response(_table(found), content_type=f"{_CSV}; charset=utf-8; header=present")
        return Response(render_template("compare.html", found=found, names=names, only=only, path=PATH), mimetype=HTML)

    return conditional(tag(view.revision(), PATH, form, only, *names), make)


def _form() -> str:
    name = request.args.get("format")
    if name and name not in _FORMS:
        raise UsageError(f"a comparison does not come as {name[:80]!r}", where="format", expected=", ".join(_FORMS))
    return _FORMS[name] if name else negotiate(request.headers.get("Accept"), list(_FORMS.values()))


def _iri(name: str) -> str:
    return name if ":" in name else f"{deployment().settings.base_iri}{name}"


def _table(found: Comparison) -> str:
    """A row for each property, a column for each record."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["property", "differs", *(plain(record.title) for record in found.records)])
    writer.writerow(["iri", "true", *(record.iri for record in found.records)])
    for row in found.rows:
        cells = (plain("; ".join(cell.texts)) for cell in row.cells)
        writer.writerow([row.label, str(row.differs).lower(), *cells])
    return text.getvalue()

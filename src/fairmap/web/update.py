"""``/sparql/update``: the update operation of the SPARQL 1.1 Protocol, with a token."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, request
from werkzeug.exceptions import UnsupportedMediaType

from fairmap.errors import InputError
from fairmap.sparql import with_using
from fairmap.web.writing import bearer, control

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint: Final = Blueprint("update", __name__)
_UPDATE: Final = "application/sparql-update"
_FORM: Final = "application/x-www-form-urlencoded"


@blueprint.post("/sparql/update")
def update() -> ResponseReturnValue:
    """Run an update: 204 when it is written and the next query sees it."""
    text = _text()
    parameters = request.form if request.mimetype == _FORM else request.args
    using, named = (parameters.getlist(f"using-{kind}graph-uri") for kind in ("", "named-"))
    control().update(with_using(text, using, named), token=bearer(), organisation=parameters.get("organisation"))
    return "", HTTPStatus.NO_CONTENT


def _text() -> str:
    if request.mimetype == _UPDATE:
        try:
            return request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError("the update is not UTF-8", where=f"byte {error.start}") from error
    if request.mimetype != _FORM:
        raise UnsupportedMediaType(f"An update comes as {_UPDATE} or {_FORM}, not as {request.mimetype or 'nothing'}.")
    updates = request.form.getlist("update")
    if len(updates) != 1:
        raise InputError(f"there are {len(updates)} updates", where="update", expected="one")
    return updates[0]

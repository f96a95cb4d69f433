"""``/store``: the SPARQL 1.1 Graph Store HTTP Protocol. A graph is a record; what is put is judged before it is written."""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from fairmap.catalogue import Document
from fairmap.errors import InputError
from fairmap.namespaces import DEFAULT_GRAPH
from fairmap.rdf import FORMATS, by_media_type, named_node, negotiate
from fairmap.web.addresses import public
from fairmap.web.conditional import conditional
from fairmap.web.deployment import deployment
from fairmap.web.writing import bearer, control

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from fairmap.rdf import Format

blueprint: Final = Blueprint("graph_store", __name__)
_WRITTEN: Final = tuple(form for form in FORMATS if form.engine and (not form.holds_graphs or form.name == "jsonld"))
_MULTIPART: Final = "multipart/form-data"


@blueprint.get("/store")
@blueprint.get("/store/<path:_name>")
def get_graph(_name: str = "") -> ResponseReturnValue:
    """One graph as it was written, with a tag of its contents; HEAD too."""
    wanted = negotiate(request.headers.get("Accept"), [name for form in _WRITTEN for name in form.media_types])
    form = next(form for form in _WRITTEN if wanted in form.media_types)
    body = control().graph(_graph(), form.name, token=bearer())
    digest = hashlib.sha256(form.name.encode() + body).hexdigest()[:32]
    return conditional(digest, lambda: Response(body, mimetype=form.media_type))


@blueprint.put("/store")
@blueprint.put("/store/<path:_name>")
def put_graph(_name: str = "") -> ResponseReturnValue:
    """Give the graph new contents: 201 when it is new, else 204."""
    is_new = control().put(_graph(), _documents(_graph()), keep=False, **_credentials())
    return "", HTTPStatus.CREATED if is_new else HTTPStatus.NO_CONTENT


@blueprint.post("/store")
@blueprint.post("/store/<path:_name>")
def post_graph(_name: str = "") -> ResponseReturnValue:
    """Add to the graph; without a name, make a new one and tell where it is."""
    if not _name and "graph" not in request.args and "default" not in request.args:
        name = f"{public('/store')}/{secrets.token_hex(8)}"
        control().put(name, _documents(name), keep=False, **_credentials())
        return "", HTTPStatus.CREATED, {"Location": name}
    is_new = control().put(_graph(), _documents(_graph()), keep=True, **_credentials())
    return "", HTTPStatus.CREATED if is_new else HTTPStatus.NO_CONTENT


@blueprint.delete("/store")
@blueprint.delete("/store/<path:_name>")
def delete_graph(_name: str = "") -> ResponseReturnValue:
    """Take the graph out."""
    control().delete(_graph(), **_credentials())
    return "", HTTPStatus.NO_CONTENT


def _credentials() -> dict[str, str | None]:
    """The token, and with it the organisation for which something is written."""
    return {"token": bearer(), "organisation": request.args.get("organisation")}


def _graph() -> str:
    """The graph that is meant: by ``?graph=``, by ``?default``, or by the address itself. Source: clauses 4.1 and 4.2."""
    named = request.args.getlist("graph")
    is_default = "default" in request.args
    if len(named) + is_default > 1:
        raise InputError("more than one graph is named", where="graph, default", expected="one")
    if is_default:
        return DEFAULT_GRAPH
    if not named and request.path == "/store":
        raise InputError("no graph is named", expected="?graph=IRI, ?default, or the graph's own address")
    iri = named[0] if named else public(request.path)
    return named_node(iri, where="graph").value


def _documents(graph: str) -> list[Document]:
    """The documents in the body: one, or the files of a multipart form."""
    request.max_content_length = deployment().settings.upload << 20
    base = None if graph == DEFAULT_GRAPH else graph
    if request.mimetype == _MULTIPART:
        parts = [part for parts in request.files.listvalues() for part in parts]
        return [
            Document(part.read(), _form(part.mimetype, part.filename).name, part.filename or "part", base)
            for part in parts
        ]
    return [Document(request.get_data(), _form(request.mimetype, None).name, "request body", base)]


def _form(media_type: str, filename: str | None) -> Format:
    form = by_media_type(media_type) if media_type else by_media_type("text/turtle")
    if form is None or (form.holds_graphs and form.name != "jsonld"):
        known = ", ".join(known.media_type for known in FORMATS if known.name not in {"trig", "nquads"})
        raise UnsupportedMediaType(f"{filename or 'A graph'} comes as one of {known}, not as {media_type}.")
    return form

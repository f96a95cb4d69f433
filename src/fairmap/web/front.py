"""In front of Flask: plain requests to ``/sparql`` are answered here, with the same bytes and at a fraction of the cost.

Whatever is not plain (other methods, a token, pages, a query that differs each time, anything malformed) goes to Flask, with the
answer or the error when the query has run already; so each oddity is told in one place.
"""

from __future__ import annotations

import io
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from werkzeug.utils import get_content_type

from fairmap.errors import FairmapError
from fairmap.sparql import is_deterministic
from fairmap.web.answer_cache import Kept
from fairmap.web.audience import PUBLIC
from fairmap.web.begun import Begun
from fairmap.web.breaking import Streamed
from fairmap.web.compression import SMALLEST, coding_of, compressed, is_text
from fairmap.web.conditional import CACHE
from fairmap.web.headers import EVERYWHERE
from fairmap.web.operation import HEADER, figures_of, id_of
from fairmap.web.protocol import FORM, QUERY, Operation, plain_operation
from fairmap.web.rate_limits import COUNTED, network, rate_limits_of
from fairmap.web.result_forms import ResultForms, answer_tag, of_accept, of_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

    from fairmap.model import Answer
    from fairmap.web.deployment import Deployment

    Environ = dict[str, Any]
    Start = Callable[..., Any]

PATH: Final = "/sparql"
_LARGEST: Final = 1 << 20
"""Bytes of the largest answer that is sent from here."""
_UNUSUAL: Final = frozenset(
    {"HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING"}
)
_EVERYWHERE: Final = tuple(EVERYWHERE.items())


def register(app: Flask) -> None:
    """Put the front before an app."""
    app.wsgi_app = Front(app)  # type: ignore[method-assign, assignment] # Flask documents this as the place of middleware


class Front:
    """The app as the server sees it.

    :ivar behind: Flask.
    """

    def __init__(self, app: Flask) -> None:
        self.behind = app.wsgi_app
        self._lane = Lane(app)
        self._logger = app.logger

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request. Source: PEP 3333."""
        if environ.get("PATH_INFO") == PATH and (kept := self._lane.answer(environ)):
            headers, body = kept
            start("200 OK", headers)
            return [body]
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            begun.append((status, headers))
            return start(status, headers, *more)

        body_of_flask: Iterable[bytes] = self.behind(environ, started)
        status, headers = begun[-1]
        if not status.startswith("200") or any(name.lower() == "content-length" for name, _ in headers):
            return body_of_flask
        request = next((value for name, value in headers if name == HEADER), "none")

        def tell(error: FairmapError) -> None:
            self._logger.error("the answer to request %s broke off: %s", request, type(error).__name__)

        return Streamed(body_of_flask, environ, headers, tell)


class Lane:
    """The answers to plain requests."""

    def __init__(self, app: Flask) -> None:
        self._here: Deployment = app.extensions["fairmap"]
        self._figures = figures_of(app)
        self._rates = rate_limits_of(app)
        self._longest = int(app.config["MAX_CONTENT_LENGTH"])

    def answer(self, environ: Environ) -> tuple[list[tuple[str, str]], bytes] | None:
        """Headers and body of the answer with status 200; ``None``: Flask has to look at the request."""
        begun = time.monotonic()
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "POST"} or not _UNUSUAL.isdisjoint(environ):
            return None
        content_type = environ.get("CONTENT_TYPE", "") if method == "POST" else None
        body = self._body(environ, content_type) if content_type is not None else b""
        if body is None:
            return None
        rate = environ[COUNTED] = self._rates.count("read", network(environ.get("REMOTE_ADDR") or "unknown"))
        if rate and not rate.is_admitted:
            return None
        coding = coding_of(environ.get("HTTP_ACCEPT_ENCODING"))
        asked = environ["QUERY_STRING"], content_type, body, environ.get("HTTP_ACCEPT"), coding
        try:
            revision = self._here.view.revision()
        except Exception:  # noqa: BLE001 - Flask asks again, and tells and logs what comes of it
            return None
        kept = self._here.answers.get(asked, revision) or self._made(environ, revision, *asked)
        if kept is None:
            return None
        request = id_of(environ.get("HTTP_X_REQUEST_ID", ""))
        self._figures.note(method, PATH, 200, len(kept.body), request=request, begun=begun)
        assert not isinstance(kept.kind, str)  # noqa: S101 - under such a key lies a response
        told = rate.headers if rate else []
        return [*kept.kind, *told, (HEADER, request)], kept.body

    def _body(self, environ: Environ, content_type: str) -> bytes | None:
        """The body, which Flask finds again; ``None``: it is not read here."""
        length = environ.get("CONTENT_LENGTH") or ""
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in {QUERY, FORM} or not length.isdecimal() or int(length) > self._longest:
            return None
        body: bytes = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        return body

    def _made(
        self,
        environ: Environ,
        revision: int,
        query_string: str,
        content_type: str | None,
        body: bytes,
        accept: str | None,
        coding: str | None,
    ) -> Kept | None:
        """The response, kept for the next who asks in the same words."""
        operation = plain_operation(query_string, content_type, body)
        if operation is None or len(operation.query.encode(errors="replace")) > self._here.settings.query_length:
            return None
        forms = _forms(operation.format, accept)
        if forms is None or not is_deterministic(operation.query):
            return None
        tag = answer_tag(self._here.run, PUBLIC, operation, forms, revision)
        try:
            answer = self._here.answers.answer(tag, revision, lambda: self._run(operation, forms))
        except Exception as error:  # noqa: BLE001 - Flask raises it, and tells and logs it
            Begun(revision, error).put(environ)
            return None
        if answer.size is None or answer.size > _LARGEST:
            Begun(revision, answer).put(environ)
            return None
        content = b"".join(answer.chunks)
        shrinks = is_text(answer.media_type)
        coded = compressed(content, coding) if shrinks and coding and len(content) > SMALLEST else None
        headers = _headers(answer.media_type, tag if content_type is None else None, coding if coded else None)
        sent = content if coded is None else coded
        kept = Kept(
            revision, (*headers, ("Content-Length", str(len(sent)))), sent, 2048 + len(query_string) + len(body)
        )
        if answer.revision == revision:
            self._here.answers.keep((query_string, content_type, body, accept, coding), kept)
        return kept

    def _run(self, operation: Operation, forms: ResultForms) -> Answer:
        return self._here.view.query(
            operation.query,
            results=forms.results,
            graph=forms.graph,
            union=self._here.settings.union,
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
        )


@lru_cache(maxsize=256)
def _forms(name: str | None, accept: str | None) -> ResultForms | None:
    """The forms in which the answer is wanted; ``None``: a page, or none that there is."""
    try:
        forms = of_name(name) if name else of_accept(accept)
    except FairmapError:
        return None
    return None if forms.html else forms


@lru_cache(maxsize=64)
def _fixed(media_type: str, coding: str | None, is_tagged: bool) -> tuple[tuple[str, str], ...]:
    found = [("Content-Type", get_content_type(media_type, "utf-8"))]
    found += [("Cache-Control", CACHE)] if is_tagged else []
    found += [("Vary", "Accept, Accept-Encoding, Authorization" if is_text(media_type) else "Accept, Authorization")]
    found += [("Content-Encoding", coding)] if coding else []
    return (*found, *_EVERYWHERE)


def _headers(media_type: str, tag: str | None, coding: str | None) -> tuple[tuple[str, str], ...]:
    """The header fields that Flask would send, but for length and request."""
    fixed = _fixed(media_type, coding, tag is not None)
    return (*fixed, ("ETag", f'W/"{tag}"')) if tag else fixed

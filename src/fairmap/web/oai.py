"""``/oai``: OAI-PMH 2.0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, request

from fairmap.feeds.oai import Repository, respond
from fairmap.web import feeding
from fairmap.web.addresses import public
from fairmap.web.audience import audience
from fairmap.web.conditional import conditional, latest, tag
from fairmap.web.deployment import deployment

blueprint: Final = Blueprint("oai", __name__)


@blueprint.route("/oai", methods=["GET", "POST"])
def oai() -> Response:
    """The answer to any request, with status 200 also for what the protocol calls an error.

    One that was made before is as good as a new one as long as nothing was written: only the time in it differs.
    """
    settings = deployment().settings
    contact = settings.contact.removeprefix("mailto:")
    repository = Repository(
        public("/oai"),
        f"fairmap, {settings.publisher}" if settings.publisher else "fairmap",
        contact if "@" in contact else "",
        feeding.source(),
        audience().view.dates,
    )
    arguments = request.args if request.method == "GET" else request.form

    def make() -> Response:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Response(respond(repository, arguments.items(multi=True), now), mimetype="text/xml")

    if request.method == "POST":
        return make()
    revision = audience().view.revision()
    return conditional(tag(revision, "/oai", request.query_string.decode("latin-1")), make, latest(revision))

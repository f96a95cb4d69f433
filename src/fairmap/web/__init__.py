"""The Flask app: pages, linked data, the SPARQL endpoint."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from flask import Flask

from fairmap.web import (
    audience,
    audit,
    compare,
    compression,
    criteria,
    dcat_pages,
    dump_files,
    errors,
    exports,
    fdp,
    feed,
    front,
    graph_store,
    headers,
    home,
    oai,
    operation,
    partners,
    pictures,
    profile_pages,
    proposals,
    rate_limits,
    records,
    register,
    search,
    shapes,
    signing_in,
    signposting,
    sitemap,
    sparql,
    update,
    validate,
    vocabularies,
    void,
)
from fairmap.web.addresses import SlugConverter, href, is_elsewhere, local, public
from fairmap.web.answer_cache import AnswerCache
from fairmap.web.dating import LatestChanges
from fairmap.web.deployment import Deployment, deployment
from fairmap.web.dump_files import Dumps
from fairmap.web.shape_files import Shapes
from fairmap.web.statistics_cache import StatisticsCache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fairmap.config import Settings
    from fairmap.judging import JudgeClient
    from fairmap.service import ControlClient
    from fairmap.web.audience import Access
    from fairmap.web.view import View

__all__ = ["create_app"]

_PARTS: Final = (
    operation,
    rate_limits,
    home,
    sparql,
    update,
    graph_store,
    search,
    compare,
    pictures,
    criteria,
    records,
    audit,
    validate,
    vocabularies,
    shapes,
    void,
    dcat_pages,
    feed,
    oai,
    fdp,
    sitemap,
    exports,
    profile_pages,
    dump_files,
    signposting,
    partners,
    register,
    proposals,
    signing_in,
)
_ESCAPES: Final = 3
"""Bytes that one byte of a query may take in a form."""


def create_app(
    settings: Settings,
    view: View,
    *,
    ready: Callable[[], bool],
    control: ControlClient | None = None,
    run: str | None = None,
    access: Access | None = None,
    judge: JudgeClient | None = None,
    dumps: Path | None = None,
) -> Flask:
    """The app over one public view.

    :param ready: whether the view answers.
    :param control: the service that writes; without it the app only reads.
    :param run: the same for all web processes of one run of the service; without it, this app is alone.
    :param access: tokens, and the views that they open; without it no token is taken.
    :param judge: what judges; without it there is no validation and no audit.
    :param dumps: folder for dumps of what is public; without it a temporary one.
    """
    app = Flask(__name__, static_url_path="/static")
    longest = settings.query_length * _ESCAPES + (1 << 14)
    app.config.update(MAX_CONTENT_LENGTH=longest, MAX_FORM_MEMORY_SIZE=longest)
    app.url_map.converters["slug"] = SlugConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(href=href, is_elsewhere=is_elsewhere, local=local, public=public, settings=settings)
    app.jinja_env.globals.update(profiles=lambda: deployment().profiles)
    answers = AnswerCache(settings.result_cache << 20)
    kept = StatisticsCache(), LatestChanges(), Dumps(dumps)
    run = run or secrets.token_hex(8)
    here = Deployment(settings, view, ready, Shapes.shipped(), answers, *kept, control, run, access, judge)
    here.attach(app.extensions)
    for part in _PARTS:
        app.register_blueprint(part.blueprint)
    audience.register(app)
    errors.register(app)
    headers.register(app)
    compression.register(app)
    front.register(app)
    rate_limits.behind_proxies(app, settings.trusted_proxies)
    return app

"""The web process: granian with its workers, each a Flask app over the view of the service."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from fairmap.errors import FairmapError
from fairmap.judging import JudgeClient
from fairmap.service import ControlClient
from fairmap.service.places import Assignment
from fairmap.service.views import view_of
from fairmap.views import RemoteView
from fairmap.views.worker import die_with_parent
from fairmap.web import create_app
from fairmap.web.audience import Access

if TYPE_CHECKING:
    from flask import Flask


def application() -> Flask:
    """The app of one web worker."""
    die_with_parent(signal.SIGTERM)
    assignment = Assignment.from_environment()
    settings = assignment.settings
    view = view_of(settings, assignment.places, settings.endpoints)
    control = ControlClient(assignment.places.control)

    writer_answered = False

    def ready() -> bool:
        nonlocal writer_answered
        try:
            view.status()  # answers before the writer takes commands; an engine elsewhere even before it has loaded the map
            if not writer_answered or isinstance(view, RemoteView):
                control.stats(timeout=1)
                writer_answered = True
        except TimeoutError:
            return True  # the writer is up, and at a write
        except FairmapError:
            return False
        return True

    dumps = assignment.places.control.parent / "dumps"
    access = Access(settings, assignment.places, control)
    judge = JudgeClient(
        assignment.places.judge, deadline=settings.judge_deadline, answer_limit=settings.answer_size << 20
    )
    return create_app(
        settings, view, ready=ready, control=control, run=assignment.run, access=access, dumps=dumps, judge=judge
    )


def main() -> None:
    """Entry of the process: serves until SIGTERM."""
    die_with_parent(signal.SIGTERM)
    settings = Assignment.from_environment().settings
    options: dict[str, Any] = {
        "address": settings.host,
        "port": settings.port,
        "interface": Interfaces.WSGI,
        "http": HTTPModes.http1,  # one answer at a time on a connection: see breaking.py
        "workers": settings.web_workers,
        "blocking_threads": settings.web_threads,
        "backpressure": settings.web_threads * 4,
        "log_level": LogLevels.error,
        "factory": True,
        "respawn_failed_workers": True,
    }
    Granian("fairmap.web.serve:application", **options).serve()


if __name__ == "__main__":
    main()

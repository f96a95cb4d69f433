"""What one app serves: its settings, its view, its shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from flask import current_app

from fairmap.fair import Criteria, Described, History
from fairmap.profiles import profile, profile_names
from fairmap.store import address_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairmap.config import Settings
    from fairmap.judging import JudgeClient
    from fairmap.service import ControlClient
    from fairmap.web.answer_cache import AnswerCache
    from fairmap.web.audience import Access
    from fairmap.web.dating import LatestChanges
    from fairmap.web.dump_files import Dumps
    from fairmap.web.shape_files import Shapes
    from fairmap.web.statistics_cache import StatisticsCache
    from fairmap.web.view import View

_KEY: Final = "fairmap"


@dataclass(frozen=True)
class Deployment:
    """Held by the app; blueprints reach it with :func:`deployment`.

    :ivar view: the public one; what a request sees is told by :func:`fairmap.web.audience.audience`.
    :ivar ready: whether the view answers.
    :ivar control: the service that writes; ``None``: this app only reads.
    :ivar run: differs with each start of the service.
    :ivar access: tokens, and the views that they open; ``None``: no token is taken.
    :ivar judge: what judges; ``None``: nothing is judged here.
    """

    settings: Settings
    view: View
    ready: Callable[[], bool]
    shapes: Shapes
    answers: AnswerCache
    statistics: StatisticsCache
    latest: LatestChanges
    dumps: Dumps
    control: ControlClient | None
    run: str
    access: Access | None = None
    judge: JudgeClient | None = None

    @cached_property
    def criteria(self) -> Criteria:
        """What the FAIR audit asks, read when it is needed first."""
        return Criteria(self.settings.base_iri)

    @cached_property
    def profiles(self) -> tuple[tuple[str, str], ...]:
        """Names and titles of the profiles that judge."""
        return tuple((name, profile(name).title) for name in profile_names())

    @cached_property
    def history(self) -> History:
        """The audits that were kept."""
        return History(address_of(self.settings).state)

    @cached_property
    def described(self) -> Described:
        """The criteria as things of their own."""
        return Described(self.criteria)

    def attach(self, extensions: dict[str, object]) -> None:
        """Let the blueprints of an app find this."""
        extensions[_KEY] = self


def deployment() -> Deployment:
    """The deployment of the app that handles this request."""
    found = current_app.extensions[_KEY]
    assert isinstance(found, Deployment)  # noqa: S101 - create_app attached it
    return found

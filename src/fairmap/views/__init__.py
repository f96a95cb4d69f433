"""What one audience may see, as a snapshot in memory that killable workers query."""

from fairmap.views.client import ViewClient
from fairmap.views.local import LocalView
from fairmap.views.process import ViewProcess

__all__ = ["LocalView", "ViewClient", "ViewProcess"]

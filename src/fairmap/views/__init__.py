"""What one audience may see, as a snapshot in memory that killable workers query."""

from fairmap.views.client import OrganisationClient, ViewClient
from fairmap.views.local import LocalView
from fairmap.views.organisations import OrganisationViews
from fairmap.views.process import ViewProcess
from fairmap.views.remote import RemoteView

__all__ = ["LocalView", "OrganisationClient", "OrganisationViews", "RemoteView", "ViewClient", "ViewProcess"]

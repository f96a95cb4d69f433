"""What one audience may see, as a snapshot in memory that killable workers query."""

from fairmap.views.client import OrganisationClient, ViewClient
from fairmap.views.local import LocalView
from fairmap.views.organisations import OrganisationViews
from fairmap.views.process import ViewProcess

__all__ = ["LocalView", "OrganisationClient", "OrganisationViews", "ViewClient", "ViewProcess"]

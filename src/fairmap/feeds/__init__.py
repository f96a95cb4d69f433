"""What others follow: pages of DCAT, an event stream, OAI-PMH, a FAIR Data Point. Nothing here knows HTTP."""

from fairmap.feeds.members import KINDS, Page, iso, page, prefixes_of

__all__ = ["KINDS", "Page", "iso", "page", "prefixes_of"]

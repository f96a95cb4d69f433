"""The map by OAI-PMH 2.0. Source: The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0, 2002-06-14."""

from fairmap.feeds.oai.repository import Repository, respond

__all__ = ["Repository", "respond"]

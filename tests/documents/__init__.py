"""Projections that are one document per record."""

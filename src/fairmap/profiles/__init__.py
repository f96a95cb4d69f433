"""Judging foreign descriptions by a published profile: its shapes, the tables its values come from, its levels."""

from fairmap.profiles.demands import Demands
from fairmap.profiles.judge import judge, judge_by_shapes
from fairmap.profiles.registry import OWN, Profile, load_profile, profile, profile_names
from fairmap.profiles.tables import Table, Tables

__all__ = [
    "OWN",
    "Demands",
    "Profile",
    "Table",
    "Tables",
    "judge",
    "judge_by_shapes",
    "load_profile",
    "profile",
    "profile_names",
]

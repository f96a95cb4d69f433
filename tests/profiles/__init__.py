"""Our profiles beside the official shapes: the same records, the verdicts by node and property, the reasons of differences."""

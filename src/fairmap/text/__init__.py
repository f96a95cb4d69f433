"""Full text: records found by words of their texts and by names of their concepts, in Python and as ``fm:textMatch`` in SPARQL."""

from fairmap.text.index import MOST_HITS, Hit, Reason, TextIndex
from fairmap.text.rewrite import refuse_matches, with_matches

__all__ = ["MOST_HITS", "Hit", "Reason", "TextIndex", "refuse_matches", "with_matches"]

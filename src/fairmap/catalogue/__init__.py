"""The public Python API: open a store, load, query, validate, export.

>>> import fairmap
>>> with fairmap.open("memory:") as catalogue:
...     _ = catalogue.load_map()
...     rows = catalogue.select("SELECT (COUNT(?r) AS ?n) { ?r a <https://w3id.org/fairmap/ns#Repository> }")
>>> rows[0]["n"].value
'47'
"""

from fairmap.catalogue.catalogue import Catalogue, Document, open_catalogue
from fairmap.catalogue.documents import read_document

__all__ = ["Catalogue", "Document", "open_catalogue", "read_document"]

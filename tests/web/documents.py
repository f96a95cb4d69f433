"""Documents as they come from the app and go into a store."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from fairmap.namespaces import DEFAULT_BASE, PROV

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

FORMS = {
    ".ttl": ("text/turtle", RdfFormat.TURTLE),
    ".jsonld": ("application/ld+json", RdfFormat.JSON_LD),
    ".rdf": ("application/rdf+xml", RdfFormat.RDF_XML),
    ".nt": ("application/n-triples", RdfFormat.N_TRIPLES),
}


def triples(response: TestResponse, form: RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in parse(response.data, format=form)}


class Page(HTMLParser):
    """The links, ids, tags, types of scripts and blocks of data of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.scripts: list[str | None] = []
        self.blocks: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append(dict(attrs).get("src") or dict(attrs).get("type"))
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if tag == "script" and name == "src" and (value or "").startswith("/static/"):
                continue
            if name in {"src", "srcset", "style", "onclick"} or (
                tag == "link" and name == "href" and "//" in (value or "")
            ):
                self.outside.append(value or "")

    def handle_data(self, data: str) -> None:
        """Called for each text; within a script it is one."""
        if self.tags and self.tags[-1] == "script" and data.strip():
            self.blocks.append(data)


def agent(slug: str) -> bytes:
    return f"""<{DEFAULT_BASE}agent/{slug}> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "{slug}" ;
        <{PROV}wasDerivedFrom> <{DEFAULT_BASE}source/d31> ;
        <{PROV}wasGeneratedBy> <{DEFAULT_BASE}source/d31#reading> .""".encode()

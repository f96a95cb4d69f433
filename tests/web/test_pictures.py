"""The map in pictures."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from web.clients import BROWSER
from web.search_pages import found

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def test_each_mark_leads_to_as_many_records_as_it_says(client: FlaskClient) -> None:
    page = client.get("/map", headers={"Accept": BROWSER}).text
    marks = re.findall(r'<a href="/search\?([^"]+)" aria-label="[^"]*: (\d+) records">', page)
    assert len(marks) > 30
    for query, number in marks[::6]:
        assert found(client, unescape(query))["total"] == int(number)
    assert any("modality=mri" in query and "body_part=brain" in query for query, _ in marks)
    assert 'href="/search?country=NLD"' in page
    assert 'href="/search?unknown=registration-needed"' in page

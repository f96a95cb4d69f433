"""What a page asks of the view does not grow with the map: neither the look-ups nor what they answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode

from fairmap.fair import Criteria, RecordAuditor
from fairmap.namespaces import DCAT
from fairmap.store import address, open_level
from fairmap.views import LocalView
from search.synthetic import records
from texts import BASE, written
from web.clients import BROWSER, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fairmap.model import Answer, Found, Record, Search

FEW, SOME, MANY = 10, 300, 900
PATHS = (
    "/",
    "/map",
    "/fair",
    "/search?q=lungs",
    "/repository/archive",
    "/agent/institute",
    "/dataset/d1",
    "/concept/modality/mri",
    "/concept/species/human",
    "/concept/modality",
    "/compare?record=dataset/d1&record=dataset/d2&record=repository/archive",
    "/linkset/repository/archive",
    "/catalog?size=5",
    "/export/dcat-ap.ttl?iri=https%3A%2F%2Fw3id.org%2Ffairmap%2Fdataset%2Fd1",
    "/search/suggest?q=lun",
)


@dataclass
class Asked:
    """Look-ups, and the bytes of their answers."""

    times: int = 0
    size: int = 0


class Weighing(LocalView):
    """A view that weighs what it answers."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked = Asked()

    def query(self, text: str, **options: Any) -> Answer:
        """Weighed."""
        answer = super().query(text, **options)
        self._weigh(answer.size or 0)
        return answer

    def find(self, search: Search) -> Found:
        """Weighed."""
        found = super().find(search)
        self._weigh(len(json.dumps(found.as_json())))
        return found

    def graphs(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Weighed."""
        found = list(super().graphs(names))
        self._weigh(sum(len(lines) for _, lines in found))
        return iter(found)

    def _weigh(self, size: int) -> None:
        self.asked = Asked(self.asked.times + 1, self.asked.size + size)


def catalogue(count: int) -> dict[str, Record]:
    """So many datasets, all of one repository, one organisation and one concept."""
    made = records(0)
    for number in range(count):
        iri = f"{BASE}dataset/d{number}"
        made[iri] = written(
            iri,
            f"""<{iri}> a dcat:Dataset ; dct:title "Lungs {number}"@en ; fm:modality modality:mri ; dct:identifier "{number}" ;
            fm:species <{BASE}concept/species/human> ; dct:publisher <{BASE}agent/institute> .""",
        )
    held = ", ".join(f"<{BASE}dataset/d{number}>" for number in range(count))
    archive, institute = f"{BASE}repository/archive", f"{BASE}agent/institute"
    made[archive] = written(archive, f'<{archive}> a fm:Repository ; dct:title "Archive"@en ; dcat:dataset {held} .')
    made[institute] = written(
        institute, f'<{institute}> a <http://xmlns.com/foaf/0.1/Agent> ; <http://xmlns.com/foaf/0.1/name> "Institute" .'
    )
    return made


@pytest.fixture(scope="module")
def views() -> Mapping[int, Weighing]:
    made = {}
    for count in (FEW, SOME, MANY):
        level = open_level(address("memory:"))
        level.write(catalogue(count), origin="test")
        made[count] = Weighing(level, BASE)
    return made


def asked_for(view: Weighing, path: str) -> Asked:
    """What one page asks."""
    view.asked = Asked()
    response = client_of(view).get(path, headers={"Accept": BROWSER if path.startswith(("/s", "/c")) else "*/*"})
    assert response.status_code == 200, response.text
    assert response.get_data()
    return view.asked


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_no_more_of_a_larger_map(views: Mapping[int, Weighing], path: str) -> None:
    few, some, many = (asked_for(views[count], path) for count in (FEW, SOME, MANY))
    assert some.times <= few.times + 3  # of many datasets they are counted, and the newest are found
    assert many.times == some.times
    assert many.size <= some.size * 1.1


def test_what_hangs_together_with_a_dataset_does_not_grow_with_its_repository(views: Mapping[int, Weighing]) -> None:
    iri = f"{BASE}dataset/d1"
    found = [RecordAuditor(views[count], Criteria(BASE)).gather(iri) for count in (FEW, MANY)]
    assert [len(gathered.near) for gathered in found] == [len(found[0].near)] * 2
    links = {triple for triple in found[1].near if triple.predicate == NamedNode(f"{DCAT}dataset")}
    assert [triple.object for triple in links] == [NamedNode(iri)]


def test_a_repository_with_many_datasets_shows_the_newest_and_leads_to_the_search_for_all(
    views: Mapping[int, Weighing],
) -> None:
    client = client_of(views[MANY])
    page = client.get("/repository/archive", headers={"Accept": BROWSER}).text
    assert "The newest of 900 datasets" in page
    shown = page.partition('<section id="holds">')[2].partition("</section>")[0]
    assert shown.count('href="/dataset/') == 20
    address_of_all = f"/search?held_by={BASE.replace(':', '%3A').replace('/', '%2F')}repository%2Farchive"
    assert f'<a href="{address_of_all}">search all of them</a>' in page
    assert client.get(f"{address_of_all}&format=json").json["total"] == MANY  # type: ignore[index]
    assert "The newest of" not in client_of(views[FEW]).get("/repository/archive", headers={"Accept": BROWSER}).text

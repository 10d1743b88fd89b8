"""Up to three segments stand beside each other: figures, chart and lists."""

import httpx2

from tests.reports.filters.test_filters import some_visits
from tests.reports.garden import ANNA, Garden
from tests.reports.reading import Reading

DAYS = "period=custom&from=2025-12-30&to=2026-01-01"


async def kept(garden: Garden) -> httpx2.AsyncClient:
    """Keep three segments: 1 From Germany, 2 Readers of /a, 3 Nobody."""
    some_visits(garden)
    garden.store()
    client = await garden.signed_in()
    for name, where in (
        ("From Germany", "country,is,DE"),
        ("Readers of /a", "path,is,/a"),
        ("Nobody", "country,is,XX"),
    ):
        await garden.post(client, f"/segments/keep?where={where}", name=name)
    return client


async def test_segments_stand_beside_each_other(garden: Garden) -> None:
    read = {"kind": "engagement", "engaged_ms": 6000, "country": "DE"}
    garden.event("2026-01-01T10:01", visitor_id=ANNA, visit_id="v1", **read)
    client = await kept(garden)
    answer = await client.get(f"/sites/{garden.site.key}/compare?{DAYS}&a=0&b=2&c=1&metric=views")
    page = Reading(answer.text)
    figures = {row[0]: row[1:] for row in page.tables["The figures of each segment"]}

    assert answer.status_code == 200
    assert figures["Visitors"] == ["3", "2", "2"]
    assert figures["Page views"] == ["4", "3", "3"]
    assert figures["Engaged time"] == ["2s", "3s", "3s"]
    assert page.tables["From / All visits / Readers of /a / From Germany"][-1] == [
        "Thu 1 Jan, so far",
        "4",
        "3",
        "3",
    ]
    assert page.tables["3 From Germany"] == [["Unknown", "2", "100.0%"]]
    assert "Page is /a" in page.text
    assert answer.text.count('<g class="mark') == 3


async def test_without_a_choice_all_visits_and_the_first_two_are_compared(garden: Garden) -> None:
    client = await kept(garden)
    page = Reading((await client.get(f"/sites/{garden.site.key}/compare?{DAYS}")).text)

    assert [row[0] for row in page.tables["The figures of each segment"]][:1] == ["Visitors"]
    assert "1 All visits" in " ".join(page.text.split())
    assert "2 From Germany" in " ".join(page.text.split())
    assert "3 Nobody: nothing in these days." in " ".join(page.text.split())


async def test_one_that_is_gone_or_chosen_twice_is_left_out(garden: Garden) -> None:
    client = await kept(garden)
    page = Reading((await client.get(f"/sites/{garden.site.key}/compare?{DAYS}&a=1&b=99&c=1")).text)
    assert len(page.tables["The figures of each segment"][0]) == 2


async def test_without_segments_the_page_says_how_to_keep_one(garden: Garden) -> None:
    client = await garden.signed_in()
    page = Reading((await client.get(f"/sites/{garden.site.key}/compare")).text)
    assert "There is no segment yet" in page.text


async def test_what_is_no_segment_or_figure_is_malformed(garden: Garden) -> None:
    client = await garden.signed_in()
    for query in ("a=x", "b=-1", "metric=secrets"):
        answer = await client.get(f"/sites/{garden.site.key}/compare?{query}")
        assert answer.status_code == 400

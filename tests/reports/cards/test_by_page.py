"""The lists behind the cards of speed and scroll depth."""

import pytest

from tests.reports.garden import Garden
from tests.reports.reading import Reading
from tests.reports.tables.test_tables import answer

DAY = "?period=custom&from=2025-12-29&to=2025-12-30"


def _measured(garden: Garden) -> None:
    for number, (path, lcp) in enumerate((("/a", 2400), ("/a", 4100), ("/b", 900))):
        time = f"2025-12-29T12:0{number}"
        here = {"path": path, "visit_id": f"of {path}"}
        garden.event(time, **here)
        garden.event(time, **here, kind="web_vitals", lcp_ms=lcp, cls=120)
        seen = {"engaged_ms": 4000, "scroll": 40 + 30 * number}
        garden.event(time, **here, kind="engagement", **seen)
    garden.store()


async def _opened(garden: Garden, path: str) -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


async def test_each_page_has_its_speed_and_depth_and_filters_by_a_click(garden: Garden) -> None:
    _measured(garden)
    speed = await _opened(garden, f"/speed{DAY}")
    depth = await _opened(garden, f"/scroll{DAY}")
    dash = "\N{EN DASH}"

    assert speed.tables["Speed of pages, a row a page"] == [
        ["/a", "2", "4.1 s (poor)", dash, "0.12 (needs work)", dash],
        ["/b", "1", "900 ms", dash, "0.12 (needs work)", dash],
    ]
    assert depth.tables["Scroll depth of pages, a row a page"] == [
        ["/a", "2", "55.0%", "100.0%", "50.0%", "0.0%", "0.0%"],
        ["/b", "1", "100.0%", "100.0%", "100.0%", "100.0%", "100.0%"],
    ]
    alone = await _opened(garden, speed.links["/a"].partition(garden.site.key)[2])
    assert [row[0] for row in alone.tables["Speed of pages, a row a page"]] == ["/a"]


async def test_the_overview_has_the_cards_and_leads_to_the_lists(garden: Garden) -> None:
    _measured(garden)
    garden.event("2025-12-29T12:30", country="DE", visit_id="de")
    garden.event("2025-12-29T13:30", country="local", visitor_id="b" * 32, visit_id="b")
    page = await garden.overview(DAY)

    assert page.tables["Visitors by country, as on the map"] == [["Germany", "1"]]
    assert "1 more visitor has no place on the map" not in page.text  # two: one country is unknown
    assert "2 more visitors have no place on the map" in page.text
    assert "66.7% good, 0.0% needs work, 33.3% poor, of 3 loads" in page.text
    assert "saw 70.0% of a page, of 3 views" in page.text
    week = page.tables["Visits by weekday and the hour in which they began"]
    assert [row[14] for row in week] == ["3", *["0"] * 6]  # 12 o'clock UTC is 13:00 in Berlin
    assert "Busiest hour: Monday, 13:00 to 14:00, with 3 visits" in " ".join(page.text.split())
    assert page.links["The speed of each page"].endswith(f"/speed{DAY}")


async def test_the_cards_are_reports_with_the_figures_of_the_pages(garden: Garden) -> None:
    query = DAY.removeprefix("?")
    assert [tuple(one.values()) for one in await answer(garden, "web-vitals", query)] == [
        (name, None, 0, 0, 0, 0) for name in ("LCP", "INP", "CLS", "TTFB")
    ]
    assert await answer(garden, "speed", query) == []
    [nothing] = await answer(garden, "scroll", query)
    assert set(nothing.values()) == {0, None}
    _measured(garden)
    vitals = await answer(garden, "web-vitals", query, sort="-loads", limit="2")
    hours = await answer(garden, "hours", query)

    assert [tuple(one.values()) for one in vitals] == [
        ("LCP", 4100, 3, 2, 0, 1),
        ("CLS", 0.12, 3, 0, 3, 0),
    ]
    assert [tuple(one.values()) for one in await answer(garden, "speed", query)] == [
        ("/a", 2, 4100, None, 0.12, None),
        ("/b", 1, 900, None, 0.12, None),
    ]
    [depth] = await answer(garden, "scroll", query)
    assert list(depth.values()) == pytest.approx([3, 0.7, 1, 2 / 3, 1 / 3, 1 / 3])
    pages = await answer(garden, "scroll-by-page", f"{query}&where=path,is,/b")
    assert [tuple(one.values()) for one in pages] == [("/b", 1, 1, 1, 1, 1, 1)]
    assert len(hours) == 7 * 24
    assert [one for one in hours if one["visits"]] == [{"weekday": 1, "hour": 13, "visits": 2}]


@pytest.mark.parametrize("path", ["/speed", "/scroll"])
async def test_without_any_measurement_the_list_says_so(garden: Garden, path: str) -> None:
    page = await _opened(garden, path)

    assert "Nothing in this period" in page.text

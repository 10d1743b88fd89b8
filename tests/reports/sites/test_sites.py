"""The list shows every site, and what was turned away before a site could be told."""

from pathlib import Path

from reports.figures.today import points_of, visitors_by_day
from reports.sites.setup import make_setup_link
from tests.reports.garden import ANNA, BERT, SAME_ORIGIN, Garden, bare_garden
from tests.reports.reading import Reading
from tests.reports.typed_site import SETUP, code_of


async def test_a_single_site_opens_at_once(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        [site] = deps.book.all()

        assert (await client.get("/")).headers["location"] == f"/sites/{site.key}"
        assert "Garden" in (await client.get("/?all")).text


async def test_law_8_what_named_no_site_is_shown_on_the_list_of_sites(garden: Garden) -> None:
    garden.deps.tallies.add(0, "unknown_site", 7)
    client = await garden.signed_in()
    page = Reading((await client.get("/")).text)

    [rows] = page.tables.values()
    assert rows == [["A key that no site has", "7"]]


async def test_law_8_the_last_30_days_of_what_named_no_site_are_30(garden: Garden) -> None:
    garden.deps.tallies.add(0, "unknown_site", 7)
    await garden.deps.tallies.flush()
    shown = []
    for days in (29, 1):
        garden.clock.move(days=days)
        client = await garden.signed_in()
        shown.append("A key that no site has" in (await client.get("/?all")).text)

    assert shown == [True, False]


async def test_each_site_has_its_visitors_of_today_on_its_own_clocks(garden: Garden) -> None:
    """It is 13:00 in Berlin: 23:30 UTC of yesterday is today there."""
    garden.event("2025-12-31T23:30:00")
    garden.event("2026-01-01T10:00:00")
    garden.event("2026-01-01T10:00:00", visitor_id=BERT, visit_id=f"{BERT}-1")
    garden.event("2025-12-31T22:30:00", visit_id=f"{ANNA}-2")
    garden.event("2025-12-18T22:30:00", visit_id=f"{ANNA}-3")  # more than 14 days ago
    garden.store()
    client = await garden.signed_in()
    page = Reading((await client.get("/")).text)
    words = " ".join(page.text.split())
    assert "2 visitors today Garden" in words
    assert "0 visitors today Other" in words
    assert sum(tag == "polyline" for tag, _ in page.tags) == 1
    assert await visitors_by_day(garden.deps, garden.site) == [*[0] * 12, 1, 2]


async def test_the_switch_between_sites_keeps_page_and_period_but_no_filter(garden: Garden) -> None:
    client, other = await garden.signed_in(), garden.other.key
    for path, there in (
        ("?period=7d&where=country,is,DE&metric=visits", "?period=7d"),
        ("/return?period=30d&step=week", "/return?period=30d"),
        ("/recording", "/recording"),
        ("/now", "/now"),
    ):
        page = Reading((await client.get(f"/sites/{garden.site.key}{path}")).text)
        assert page.links["Other"] == f"/sites/{other}{there}", path
    assert Reading((await client.get("/?all")).text).links["Other"] == f"/sites/{other}"


def test_a_line_lies_within_its_box() -> None:
    assert points_of([0, 4, 2]) == "0,19 30,1 60,10"
    assert points_of([0, 0]) == ""

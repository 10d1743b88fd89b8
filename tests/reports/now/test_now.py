"""The page "Now" and its stream: five minutes, each visitor once, one question for all."""

import asyncio

from reports.now.watch import FRESH_MS, Watch
from tests.reports.garden import BERT, CLEO, Garden
from tests.reports.reading import Reading

PAGES = "Pages that visitors are on now"
SOURCES = "Sources of the visitors who are here now"


def three_visitors(garden: Garden) -> None:
    """It is noon: Anna and Bert are here, Cleo left more than five minutes ago."""
    click = {"kind": "link_click", "link_url": "https://example.net/"}
    garden.event("2026-01-01T11:40:00", path="/", source="Google")
    garden.event("2026-01-01T11:54:00", path="/a", source="")
    garden.event("2026-01-01T11:56:00", path="/b", source="")
    garden.event("2026-01-01T11:57:00", path="/b", **click)
    garden.event("2026-01-01T11:55:00", path="/b", visitor_id=BERT, visit_id=f"{BERT}-1")
    garden.event("2026-01-01T11:54:59", path="/c", visitor_id=CLEO, visit_id=f"{CLEO}-1")
    garden.store()


async def test_each_visitor_of_five_minutes_counts_once_on_the_last_page(garden: Garden) -> None:
    three_visitors(garden)
    client = await garden.signed_in()
    page = Reading((await client.get(f"/sites/{garden.site.key}/now")).text)
    assert page.tables[PAGES] == [["/b", "2"]]
    assert page.tables[SOURCES] == [["Direct, or not recorded", "1"], ["Google", "1"]]
    assert "2 visitors in the last 5 minutes" in " ".join(page.text.split())

    overview = await client.get(f"/sites/{garden.site.key}?period=yesterday")
    assert Reading(overview.text).links["2 here now"] == (
        f"/sites/{garden.site.key}/now?period=yesterday"
    )


async def test_a_site_where_nobody_is_says_so_and_needs_a_session(garden: Garden) -> None:
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/now"
    assert "Nobody who agreed to be counted was here" in (await client.get(path)).text
    stranger = garden.client()
    assert (await stranger.get(path)).status_code == 303
    assert (await stranger.get(f"{path}/events")).status_code == 204


async def test_everybody_who_looks_shares_one_question_in_three_seconds(garden: Garden) -> None:
    three_visitors(garden)
    asked = 0
    ask = garden.deps.warehouse.ask

    def counted(*given):
        nonlocal asked
        asked += 1
        return ask(*given)

    garden.deps.warehouse.ask = counted
    watch = Watch(garden.deps)
    found = await asyncio.gather(*(watch.look(garden.site) for _ in range(20)))
    assert {one.visitors for one in found} == {2}
    assert asked == 1
    garden.clock.now += FRESH_MS
    assert (await watch.look(garden.site)).visitors == 1  # it is five minutes since Bert came
    assert asked == 2

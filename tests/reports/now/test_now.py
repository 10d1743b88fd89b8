"""The page "Now" and its stream: five minutes, each visitor once, one question for all."""

import asyncio
from collections.abc import AsyncIterator

from reports.now.stream import ENDED, SAME, Listeners, event_of, stream
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
    assert Reading(overview.text).links["2 here now"] == f"/sites/{garden.site.key}/now"


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


async def sent(*shown: str | None, listeners: Listeners | None = None) -> list[str]:
    given = iter(shown)

    async def next_one() -> str | None:
        return next(given)

    events = stream(next_one, listeners or Listeners(), asyncio.Event(), every=0)
    return [event async for event in events]


async def test_a_stream_sends_what_has_changed_and_ends_with_the_session() -> None:
    listeners = Listeners()
    events = await sent("a\nb", "a\nb", "c", None, listeners=listeners)
    assert events == ["retry: 3000\n\n", "data: a\ndata: b\n\n", SAME, "data: c\n\n", ENDED]
    assert listeners.open == 0


async def test_a_stream_ends_at_once_when_the_server_stops() -> None:
    stopping, listeners = asyncio.Event(), Listeners(most=1)

    async def shown() -> str:
        return "here"

    events: AsyncIterator[str] = stream(shown, listeners, stopping, every=3600)
    assert [await anext(events), await anext(events)] == ["retry: 3000\n\n", "data: here\n\n"]
    assert listeners.open == 1
    asyncio.get_running_loop().call_soon(stopping.set)
    assert [event async for event in events] == []
    assert listeners.open == 0


def test_text_cannot_end_an_event_early() -> None:
    assert event_of("a\n\nevent: ended\r\nb") == (
        "data: a\ndata: \ndata: event: ended\ndata: b\n\n"
    )


async def test_one_listener_too_many_is_told_to_come_back(garden: Garden, monkeypatch) -> None:
    monkeypatch.setattr("reports.now.stream.Listeners.__init__.__defaults__", (0,))
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/now/events")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_fast"

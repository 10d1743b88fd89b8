"""The stream of the page "Now": what has changed, until the session ends or the server stops."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reports.now.stream import ENDED, SAME, Listeners, event_of, stream
from tests.reports.garden import Garden


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
    stopping, listeners = asyncio.Event(), Listeners()

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


async def test_one_listener_too_many_is_told_to_come_back(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listeners, "most", 0)
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/now/events")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_fast"

"""The stream of the page "Now": what has changed, until the session ends or the server stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message

from askfirst.errors import TooFast
from reports.now.stream import ENDED, SAME, EventStream, Listeners, event_of, stream
from tests.reports.garden import Garden


async def sent(*shown: str | None) -> list[str]:
    given = iter(shown)

    async def next_one() -> str | None:
        return next(given)

    events = stream(next_one, asyncio.Event(), every=0)
    return [event async for event in events]


async def test_a_stream_sends_what_has_changed_and_ends_with_the_session() -> None:
    events = await sent("a\nb", "a\nb", "c", None)
    assert events == ["retry: 3000\n\n", "data: a\ndata: b\n\n", SAME, "data: c\n\n", ENDED]


async def test_a_stream_ends_at_once_when_the_server_stops() -> None:
    stopping = asyncio.Event()

    async def shown() -> str:
        return "here"

    events: AsyncIterator[str] = stream(shown, stopping, every=3600)
    assert [await anext(events), await anext(events)] == ["retry: 3000\n\n", "data: here\n\n"]
    asyncio.get_running_loop().call_soon(stopping.set)
    assert [event async for event in events] == []


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


async def test_streams_that_are_asked_for_together_are_all_counted(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listeners, "most", 3)
    taken = 0

    class Kept(EventStream):
        """Stays open: it ends without giving its place back."""

        async def __call__(self, *given: Any) -> None:
            nonlocal taken
            taken += 1
            await Response()(*given)

    monkeypatch.setattr("reports.now.here.EventStream", Kept)
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/now/events"
    answers = await asyncio.gather(*(client.get(path) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 429, 429]
    assert taken == 3


def test_one_session_has_six_streams_and_leaves_room_for_others() -> None:
    listeners = Listeners()
    for _ in range(6):
        listeners.take(b"one")
    with pytest.raises(TooFast):
        listeners.take(b"one")
    listeners.take(b"other")
    listeners.give_back(b"one")
    listeners.take(b"one")
    assert listeners.open == 7


@pytest.mark.parametrize("leaves_at", [0, 1, 2])
async def test_a_place_is_given_back_whenever_the_client_leaves(leaves_at: int) -> None:
    listeners, sent = Listeners(), 0

    async def shown() -> str:
        return "here"

    async def receive() -> Message:
        return await asyncio.Future()

    async def send(_message: Message) -> None:
        nonlocal sent
        if sent == leaves_at:
            raise OSError
        sent += 1

    listeners.take(b"one")
    events = stream(shown, asyncio.Event(), every=3600)
    answer = EventStream(events, partial(listeners.give_back, b"one"))
    with contextlib.suppress(ClientDisconnect):
        await answer({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)
    assert (sent, listeners.open) == (leaves_at, 0)

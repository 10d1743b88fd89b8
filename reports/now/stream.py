"""Server-sent events: what a page shows, sent again whenever it has changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from askfirst.errors import TooFast

MOST_LISTENERS = 100
"""Streams of the server at once; further pages are told to reload instead."""
EVERY = 3.0
"""Seconds between two looks."""
ENDED = "event: ended\ndata:\n\n"
"""The last event of a stream that need not be opened again."""
SAME = ": the same\n\n"
"""A comment, which keeps proxies from closing a quiet stream, and shows whether the client left."""


class Listeners:
    """Counts the open streams."""

    most = MOST_LISTENERS

    def __init__(self) -> None:
        self.open = 0

    def __enter__(self) -> None:
        """Count one more."""
        self.open += 1

    def __exit__(self, *_error: object) -> None:
        """Count one less."""
        self.open -= 1

    def refuse_if_full(self) -> None:
        """Raise `TooFast` where no further stream may be opened."""
        if self.open >= self.most:
            raise TooFast("Too many people watch this page at once.", retry_after=60)


async def stream(
    shown: Callable[[], Awaitable[str | None]],
    listeners: Listeners,
    stopping: asyncio.Event,
    every: float = EVERY,
) -> AsyncIterator[str]:
    """Yield an event when what is shown has changed, until it is None or the server stops.

    A server that stops leaves the stream without `ENDED`, so that the browser comes back to the
    next one.
    """
    with listeners:
        yield "retry: 3000\n\n"
        before = ""
        while not stopping.is_set():
            text = await shown()
            if text is None:
                yield ENDED
                return
            yield SAME if text == before else event_of(text)
            before = text
            await _pause(stopping, every)


def event_of(text: str) -> str:
    """Return an event whose data is a text, line by line (HTML Standard, 9.2.6)."""
    return "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return

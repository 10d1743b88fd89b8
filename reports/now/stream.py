"""Server-sent events: what a page shows, sent again whenever it has changed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from askfirst.errors import TooFast

MOST_LISTENERS = 100
"""Streams of the server at once; further pages are told to reload instead."""
MOST_OF_A_SESSION = 6
"""Streams of one session at once."""
EVERY = 3.0
"""Seconds between two looks."""
ENDED = "event: ended\ndata:\n\n"
"""The last event of a stream that need not be opened again."""
SAME = ": the same\n\n"
"""A comment, which keeps proxies from closing a quiet stream, and shows whether the client left."""


class Listeners:
    """Counts the open streams, of everybody and of each session."""

    most = MOST_LISTENERS
    most_of_a_session = MOST_OF_A_SESSION

    def __init__(self) -> None:
        self._open: Counter[bytes] = Counter()

    @property
    def open(self) -> int:
        """How many streams are open."""
        return self._open.total()

    def take(self, session: bytes) -> None:
        """Count one more of a session; raises `TooFast` where no further one may be opened.

        It checks and counts in one step: streams that are asked for together are all counted.
        """
        if self.open >= self.most:
            raise TooFast("Too many people watch this page at once.", retry_after=60)
        if self._open[session] >= self.most_of_a_session:
            raise TooFast("You watch this page in too many tabs at once.", retry_after=60)
        self._open[session] += 1

    def give_back(self, session: bytes) -> None:
        """Count one less of a session."""
        self._open[session] -= 1
        self._open = +self._open  # sessions without a stream are forgotten


class EventStream(StreamingResponse):
    """Answers with events; `ended` is called once, also where the client left before the first."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], ended: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers)
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end or the client leaves."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


async def stream(
    shown: Callable[[], Awaitable[str | None]], stopping: asyncio.Event, every: float = EVERY
) -> AsyncIterator[str]:
    """Yield an event when what is shown has changed, until it is None or the server stops.

    A server that stops leaves the stream without `ENDED`, so that the browser comes back to the
    next one.
    """
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

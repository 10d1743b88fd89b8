"""Lets only so many reports be made at once, so that visitors are answered meanwhile.

Each takes processor time in threads, which share Python's lock with the event loop, and in the loop
itself, where its page is written: forty at once kept a withdrawal waiting for ten seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from math import ceil, inf

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from askfirst.errors import Unavailable
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.system.processors import usable_processors
from askfirst.system.threads import for_reports

SHARED = "/share/"
"""What the paths of shared reports, which anybody with the link may ask for, begin with."""
MOST_WAITING = 32
"""Requests for shared reports that wait for a place; more are refused at once."""
RETRY_S = 10
WRITING_S = 10.0
"""Seconds after which a page that its reader takes slowly keeps no place any more."""


def most_at_once() -> int:
    """Return how many reports are made at once: two for each processor."""
    return max(2, 2 * ceil(usable_processors()))


class Admission:
    """Places for requests for reports, given in the order in which they come.

    Shared reports get half of the places at most. Who has waited for `seconds()` raises
    `TookTooLong`.
    """

    def __init__(self, seconds: Callable[[], float | None], most: int | None = None) -> None:
        most = most or most_at_once()
        self._seconds = seconds
        self._all = asyncio.Semaphore(most)
        self._shared = asyncio.Semaphore(max(1, most // 2))
        self._waiting = 0

    @asynccontextmanager
    async def place(self, scope: Scope, send: Send) -> AsyncIterator[Send]:
        """Wait for a place and keep it within; yield what the answer is to be sent by."""
        limit = TimeLimit(self._seconds() or inf)
        with ExitStack() as taken:
            if scope["path"].startswith(SHARED):
                await self._wait_among_shared(limit, taken)
            await _take(self._all, limit, taken)
            with for_reports():
                yield _until_it_only_writes(send, taken)

    async def _wait_among_shared(self, limit: TimeLimit, taken: ExitStack) -> None:
        if self._waiting >= MOST_WAITING:
            sentence = "Too many shared reports are asked for just now. Try again soon."
            raise Unavailable(sentence, retry_after=RETRY_S)
        self._waiting += 1
        try:
            await _take(self._shared, limit, taken)
        finally:
            self._waiting -= 1


async def _take(places: asyncio.Semaphore, limit: TimeLimit, taken: ExitStack) -> None:
    if places.locked():
        left = limit.left()
        try:
            await asyncio.wait_for(places.acquire(), None if left == inf else left)
        except TimeoutError as error:
            raise limit.error() from error
    else:
        await places.acquire()  # at once
    taken.callback(places.release)


def _until_it_only_writes(send: Send, taken: ExitStack) -> Send:
    """Return `send`, which leaves the places where what follows takes time and little work.

    These are files and streams, which are written piece by piece as far as their reader takes them.
    """
    loop = asyncio.get_running_loop()
    kept = taken.pop_all()
    taken.callback(kept.close)

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            if _takes_time(Headers(raw=message["headers"])):
                kept.close()
            else:
                taken.callback(loop.call_later(WRITING_S, kept.close).cancel)
        await send(message)

    return told


def _takes_time(headers: Headers) -> bool:
    is_stream = headers.get("content-type", "").startswith("text/event-stream")
    return is_stream or "attachment" in headers.get("content-disposition", "")

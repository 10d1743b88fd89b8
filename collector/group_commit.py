"""Group commit: rows that arrive together share one durable transaction, and each learns of it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import structlog

from askfirst.errors import AskfirstError, Unavailable

log = structlog.get_logger()

T = TypeVar("T")
Row = tuple[str, int, str, bytes]
"""Event id, arrival in milliseconds, visitor id, and the entry as JSON."""
Then = Callable[[AskfirstError | None], None]
"""Told once: None when the rows are durable, else why nothing of them was stored."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON")
_SLOW = 0.005  # seconds; a disk that takes longer is waited for in a thread
_MOST_ROWS = 4096  # in one statement; SQLite takes 32,766 values
_NO_ROW = (None, None, None, None, None)

_Waiting = tuple[Sequence[Row], Then]


class GroupCommit:
    """The one connection that writes to a journal, never used by two threads at once.

    A group is committed where the event loop stands, as long as the disk is fast: a thread costs
    more than the commit, because the two take turns at Python's lock. Where a commit took long, or
    the connection is at work in its thread, the group goes to the thread and others are served.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._thread = ThreadPoolExecutor(1, "journal")
        self._in_thread = 0
        self._most = most
        self._queue: list[_Waiting] = []
        self._expected = False
        self._slow = False
        self._task: asyncio.Future[AskfirstError | None] | None = None
        self._closing = False
        self.last = 0
        """The number of the last row that was given one."""

    def put(self, rows: Sequence[Row], then: Then) -> None:
        """Store the rows with the next group and call `then`, in the order of the calls.

        Raises `Unavailable` when too many wait or it is closing: nothing is stored.
        """
        if self._closing or len(self._queue) >= self._most:
            raise Unavailable("Too many events are waiting to be stored.", retry_after=1)
        self._wait(rows, then)

    def _wait(self, rows: Sequence[Row], then: Then) -> None:
        self._queue.append((rows, then))
        if not self._expected:
            self._expected = True
            asyncio.get_running_loop().call_soon(self._next_group)

    def _next_group(self) -> None:
        waiting, self._queue = self._queue, []
        if self._slow or self._in_thread:
            self._task = asyncio.ensure_future(self.run(lambda _: self._stored(waiting)))
            self._task.add_done_callback(lambda done: self._ended(waiting, done.result()))
        else:
            self._ended(waiting, self._stored(waiting))

    def _stored(self, waiting: list[_Waiting]) -> AskfirstError | None:
        started = time.monotonic()
        try:
            self._insert([row for rows, _ in waiting for row in rows])
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            log.warning("journal_not_written", why=type(error).__name__)
            return Unavailable("The journal could not be written.", retry_after=5)
        finally:
            self._slow = time.monotonic() - started > _SLOW
        return None

    def _insert(self, rows: list[Row]) -> None:
        first, self.last = self.last + 1, self.last + len(rows)
        for statement, values in _inserting(rows, first):
            self._connection.execute(statement, values)

    def _ended(self, waiting: list[_Waiting], error: AskfirstError | None) -> None:
        for _, then in waiting:
            then(error)
        self._expected = bool(self._queue)
        if self._queue:
            asyncio.get_running_loop().call_soon(self._next_group)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do other work on the connection, in its thread and in the order of the calls."""
        self._in_thread += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, work, self._connection)
        finally:
            self._in_thread -= 1

    async def close(self) -> None:
        """Store what still waits and close."""
        self._closing = True
        stored = asyncio.get_running_loop().create_future()
        self._wait([], stored.set_result)
        await stored
        await self.run(lambda connection: connection.close())
        self._thread.shutdown()


@cache
def _insert(rows: int) -> str:
    values = ",".join(["(?,?,?,?,?)"] * rows)
    return f"INSERT INTO waiting SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"


def _inserting(rows: Sequence[Row], first: int) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give as few statements as insert the rows, each of a length that is a power of two.

    One statement is one transaction; few lengths, so that each statement is prepared once.
    """
    for start in range(0, len(rows), _MOST_ROWS):
        chunk = [(first + n, *rows[n]) for n in range(start, min(start + _MOST_ROWS, len(rows)))]
        length = 1 << (len(chunk) - 1).bit_length()
        padding = [_NO_ROW] * (length - len(chunk))
        yield _insert(length), tuple(chain.from_iterable([*chunk, *padding]))

"""Group commit: rows that arrive together share one durable transaction, and each learns of it."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from askfirst.errors import AskfirstError, Unavailable
from askfirst.store.sqlite_files import DISTRUST, open_sqlite
from collector.journal.checksum import crc32_of

log = structlog.get_logger()

T = TypeVar("T")
PRAGMAS = (
    DISTRUST,
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "secure_delete=ON",
    "wal_autocheckpoint=16384",  # pages, 64 MB: only where nothing is shipped for long
)
_SLOW = 0.005  # seconds; a disk that takes longer is waited for in a thread
_MOST_AT_ONCE = 1000  # requests in a group
_MOST_TURNS = 8  # of the event loop, until a group is committed although more come
_MOST_BYTES = 64 << 20  # of entries that wait

_INSERT = "INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?)"


class Put(NamedTuple):
    """Entries that are to be stored: their ids, the time in ms, and their JSON, set off by commas.

    `then` is told once: None when they are durable, else why nothing of them was stored.
    """

    ids: list[str]
    arrived_at: int
    body: bytes
    then: Callable[[AskfirstError | None], None]


class GroupCommit:
    """The one connection that writes to a journal, never used by two threads at once.

    A group is committed where the event loop stands, as long as the disk is fast: a thread costs
    more than the commit, because the two take turns at Python's lock. Where a commit took long, or
    the connection is at work in its thread, the group goes to the thread and others are served.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._connection = open_sqlite(path, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._thread = ThreadPoolExecutor(1, "journal")
        self._in_thread = 0
        self._most = most
        self._queue: list[Put] = []
        self._bytes = 0
        self._expected = False
        self._slow = False
        self._task: asyncio.Future[AskfirstError | None] | None = None
        self._closing = False
        self.last = 0
        """The number of the last row that was given one."""

    def put(self, put: Put) -> None:
        """Store entries with the next group; who waits is told in the order of the calls.

        Raises `Unavailable` when too many wait or it is closing: nothing is stored.
        """
        self.refuse_if_full()
        self._wait(put)

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when too many wait or it is closing."""
        too_many = len(self._queue) >= self._most or self._bytes > _MOST_BYTES
        if self._closing or too_many:
            raise Unavailable("Too many events are waiting to be stored.", retry_after=1)

    def _wait(self, put: Put) -> None:
        self._queue.append(put)
        self._bytes += len(put.body)
        if not self._expected:
            self._expected = True
            self._look_again()

    def _look_again(self, seen: int = 0, turns: int = 0) -> None:
        asyncio.get_running_loop().call_soon(self._gather, seen, turns)

    def _gather(self, seen: int, turns: int) -> None:
        """Let the group grow while each turn of the loop brings more; a commit costs much more."""
        if seen < len(self._queue) and turns < _MOST_TURNS:
            self._look_again(len(self._queue), turns + 1)
        else:
            self._next_group()

    def _next_group(self) -> None:
        group, self._queue = self._queue[:_MOST_AT_ONCE], self._queue[_MOST_AT_ONCE:]
        if self._slow or self._in_thread:
            self._task = asyncio.ensure_future(self.run(lambda _: self._stored(group)))
            self._task.add_done_callback(lambda done: self._ended(group, done.result()))
        else:
            self._ended(group, self._stored(group))

    def _stored(self, group: list[Put]) -> AskfirstError | None:
        started = time.monotonic()
        try:
            self._insert([put for put in group if put.ids])
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            log.warning("journal_not_written", why=type(error).__name__)
            return Unavailable("The journal could not be written.", retry_after=5)
        finally:
            self._slow = time.monotonic() - started > _SLOW
        return None

    def _insert(self, puts: list[Put]) -> None:
        """Insert one row, by one statement, which is a durable transaction of its own."""
        if not puts:
            return
        self.last += 1
        arrived_at = max(put.arrived_at for put in puts)
        ids = [event_id for put in puts for event_id in put.ids]
        self._connection.execute(
            _INSERT, (self.last, arrived_at, *row_of(ids, b",".join(put.body for put in puts)))
        )

    def _ended(self, group: list[Put], error: AskfirstError | None) -> None:
        self._bytes -= sum(len(put.body) for put in group)
        self._expected = bool(self._queue)
        if self._queue:
            self._look_again()
        for put in group:
            try:
                put.then(error)
            except Exception as failure:  # the rest of the group must still hear
                log.exception("internal_error", where="journal", why=type(failure).__name__)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do other work on the connection, in its thread and in the order of the calls."""
        loop = asyncio.get_running_loop()
        self._in_thread += 1
        working = self._thread.submit(work, self._connection)
        # Who waits may be cancelled; the connection is free only when the work has ended.
        working.add_done_callback(lambda _: loop.call_soon_threadsafe(self._left_thread))
        return await asyncio.wrap_future(working)

    def _left_thread(self) -> None:
        self._in_thread -= 1

    async def close(self) -> None:
        """Store what still waits and close."""
        self._closing = True
        stored = asyncio.get_running_loop().create_future()
        self._wait(Put([], 0, b"", stored.set_result))
        await stored
        await self.run(lambda connection: connection.close())
        self._thread.shutdown()


def row_of(ids: list[str], body: bytes) -> tuple[int, str, int, bytes]:
    """Return what a row says of its entries: their number, their ids, the sum of both, the JSON."""
    text = msgspec.json.encode(ids)
    return len(ids), text.decode(), crc32_of(text, body), body

"""Group commit: entries that arrive together share one durable transaction."""

import asyncio
import enum
import itertools
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from askfirst.errors import AskfirstError, Unavailable
from askfirst.store.sqlite_files import DISTRUST, open_sqlite
from collector.journal.groups import row_of
from collector.journal.tables import INSERT

log = structlog.get_logger()

T = TypeVar("T")
PRAGMAS = (
    DISTRUST,
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "secure_delete=ON",
    "wal_autocheckpoint=32768",  # pages, 128 MB: only where nothing is shipped for long
)
_SLOW = 0.005  # seconds; a disk that takes longer is waited for in a thread
_MOST_AT_ONCE = 1000  # requests in a group
_MOST_TURNS = 8  # of the event loop, until a group is committed although more come
_MOST_BYTES = 64 << 20  # of entries that wait

OnStored = Callable[[AskfirstError | None], None]
"""Called once: with None when entries are durable, else with the error; nothing is stored then."""


class Put(NamedTuple):
    """Entries to store: their ids, the time in milliseconds, and their JSON separated by commas.

    They may be those of several `requests`, which are all stored or none.
    """

    ids: list[str]
    arrived_at: int
    body: bytes
    on_stored: OnStored
    requests: int = 1


class _Phase(enum.Enum):
    """What happens to the queue. A put leaves IDLE; a group's end returns to it or to GATHERING."""

    IDLE = "the queue is empty and nothing is scheduled"
    GATHERING = "each turn of the event loop checks whether the queue still grows"
    COMMITTING = "a group is being written; what comes meanwhile waits in the queue"


class GroupCommit:
    """The one connection that writes to a journal, never used by two threads at once.

    `put` entries to have them committed with others, or `run` other work on the connection. A group
    is committed on the event loop as long as the disk is fast: a thread would compete with the loop
    for Python's lock, which costs more than the commit. It is committed in the connection's thread
    while the disk is slow or that thread has work, so that the loop can serve others.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._connection = open_sqlite(path, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._thread = ThreadPoolExecutor(1, "journal")
        self._thread_jobs = 0
        self._most = most
        self._queue: list[Put] = []
        self._waiting_requests = 0
        self._waiting_bytes = 0
        self._phase = _Phase.IDLE
        self._disk_is_slow = False
        self._task: asyncio.Future[AskfirstError | None] | None = None
        self._closing = False
        self.last = 0
        """The number of the newest row; the next one gets the number after it."""

    def put(self, put: Put) -> None:
        """Store entries with the next group; `on_stored` is called in the order of the puts.

        Raises `Unavailable` when too many wait or it is closing: nothing is stored then.
        """
        self.refuse_if_full(put.requests)
        self._enqueue(put)

    def refuse_if_full(self, more: int = 1) -> None:
        """Raise `Unavailable` when so many more requests are too many, or it is closing."""
        if more > self.room():
            raise Unavailable("Too many events are waiting to be stored.", retry_after=1)

    def room(self) -> int:
        """Return how many more requests `put` takes; none when it is closing."""
        if self._closing or self._waiting_bytes > _MOST_BYTES:
            return 0
        return self._most - self._waiting_requests

    def _enqueue(self, put: Put) -> None:
        self._queue.append(put)
        self._waiting_requests += put.requests
        self._waiting_bytes += len(put.body)
        if self._phase is _Phase.IDLE:
            self._phase = _Phase.GATHERING
            self._check_next_turn()

    def _check_next_turn(self, seen: int = 0, turns: int = 0) -> None:
        asyncio.get_running_loop().call_soon(self._gather, seen, turns)

    def _gather(self, seen: int, turns: int) -> None:
        """Let the group grow while each turn of the loop brings more; a commit costs much more.

        Requests that were put together were gathered by a worker, and are not kept waiting.
        """
        put_together = self._waiting_requests > len(self._queue)
        if seen < len(self._queue) and turns < _MOST_TURNS and not put_together:
            self._check_next_turn(len(self._queue), turns + 1)
        else:
            self._phase = _Phase.COMMITTING
            self._commit_next_group()

    def _commit_next_group(self) -> None:
        group = self._next_group()
        # SQLite's connection is not safe for two threads at once. While the thread has a job, this
        # group has to become the next job: only an idle thread leaves the connection to the loop.
        if self._disk_is_slow or self._thread_jobs:
            self._task = asyncio.ensure_future(self.run(lambda _: self._commit(group)))
            self._task.add_done_callback(lambda done: self._end(group, done.result()))
        else:
            self._end(group, self._commit(group))

    def _next_group(self) -> list[Put]:
        requests = itertools.accumulate(put.requests for put in self._queue)
        last = next((n for n, sum_ in enumerate(requests) if sum_ >= _MOST_AT_ONCE), _MOST_AT_ONCE)
        group, self._queue = self._queue[: last + 1], self._queue[last + 1 :]
        return group

    def _commit(self, group: list[Put]) -> AskfirstError | None:
        started = time.monotonic()
        try:
            self._insert([put for put in group if put.ids])
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            log.warning("journal_not_written", why=type(error).__name__)
            return Unavailable("The journal could not be written.", retry_after=5)
        finally:
            self._disk_is_slow = time.monotonic() - started > _SLOW
        return None

    def _insert(self, puts: list[Put]) -> None:
        """Insert one row by one statement, which is a durable transaction of its own."""
        if not puts:
            return
        self.last += 1
        arrived_at = max(put.arrived_at for put in puts)
        ids = [event_id for put in puts for event_id in put.ids]
        body = b",".join(put.body for put in puts)
        self._connection.execute(INSERT, (self.last, arrived_at, *row_of(ids, body)))

    def _end(self, group: list[Put], error: AskfirstError | None) -> None:
        self._waiting_requests -= sum(put.requests for put in group)
        self._waiting_bytes -= sum(len(put.body) for put in group)
        self._phase = _Phase.GATHERING if self._queue else _Phase.IDLE
        if self._queue:
            self._check_next_turn()
        for put in group:
            try:
                put.on_stored(error)
            except Exception as failure:  # the rest of the group must still be called
                log.exception("internal_error", where="journal", why=type(failure).__name__)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do other work on the connection, in its thread and in the order of the calls."""
        loop = asyncio.get_running_loop()
        self._thread_jobs += 1
        job = self._thread.submit(work, self._connection)
        # Counted down when the job itself ends, not here: who waits for it may be cancelled.
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._job_ended))
        return await asyncio.wrap_future(job)

    def _job_ended(self) -> None:
        self._thread_jobs -= 1

    async def close(self) -> None:
        """Store what still waits and close."""
        self._closing = True
        stored = asyncio.get_running_loop().create_future()
        self._enqueue(Put([], 0, b"", stored.set_result))
        await stored
        await self.run(lambda connection: connection.close())
        self._thread.shutdown()

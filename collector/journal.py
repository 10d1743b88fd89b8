"""The journal: accepted events on disk until the warehouse has them, by durable group commit."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
import structlog

from askfirst.errors import Unavailable
from askfirst.events import JournalEntry

log = structlog.get_logger()

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    arrived_at INTEGER NOT NULL,
    visitor_id TEXT,
    body BLOB
);
"""
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON")
_MOST_ROWS = 4096  # in one statement; SQLite takes 32,766 values
_NO_ROW = (None, None, None, None)

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(JournalEntry).decode

_Row = tuple[str, int, str, bytes]
_Statement = tuple[str, tuple[Any, ...]]
_Waiting = tuple[Sequence[_Row], "asyncio.Future[None]"]


class Journal:
    """One SQLite file beside its collector, in WAL mode with `synchronous=FULL`.

    Requests that arrive together share one transaction and each is answered when it is durable.
    A row keeps its event id after shipping, so that a resend within a day is harmless; visitor
    and body are taken out of it at once.
    """

    def __init__(
        self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, most: int
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._most = most
        self._queue: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._committer = asyncio.create_task(self._commit_until_closed())
        self.id = ""

    @classmethod
    async def open(cls, path: Path, most_waiting: int = 10_000) -> "Journal":
        """Open or make the journal; `most_waiting` requests may wait before 503 is answered."""
        writer = await _connected(path)
        await writer.executescript(_SCHEMA)
        await writer.execute(
            "INSERT OR IGNORE INTO meta VALUES ('journal', ?)", (secrets.token_hex(8),)
        )
        journal = cls(writer, await _connected(path), most_waiting)
        journal.id = (await journal._read("SELECT value FROM meta WHERE name = 'journal'"))[0][0]
        return journal

    async def append(self, entries: Sequence[JournalEntry], arrived_at: int) -> None:
        """Return when the entries are durable; an event id that is already here is not doubled.

        Raises `Unavailable` when too many wait or the disk does not take it: nothing is stored.
        """
        if self._closing or len(self._queue) >= self._most:
            raise Unavailable("Too many events are waiting to be stored.", retry_after=1)
        rows = [(e.event_id, arrived_at, e.visitor_id, _encode(e)) for e in entries]
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((rows, durable))
        self._wake.set()
        await durable

    async def _commit_until_closed(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                waiting, self._queue = self._queue, []
                await self._commit(waiting)

    async def _commit(self, waiting: list[_Waiting]) -> None:
        rows = [row for request_rows, _ in waiting for row in request_rows]
        try:
            for statement, values in _inserting(rows):
                await self._write(statement, values)
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            log.warning("journal_not_written", why=type(error).__name__)
            for _, durable in waiting:
                if not durable.done():
                    durable.set_exception(
                        Unavailable("The journal could not be written.", retry_after=5)
                    )
            return
        for _, durable in waiting:
            if not durable.done():
                durable.set_result(None)

    async def _write(self, statement: str, values: tuple[Any, ...]) -> int:
        """Run a statement, which is a durable transaction of its own; give the rows it touched."""
        cursor = await self._writer.execute(statement, values)
        return cursor.rowcount

    async def _read(self, question: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return list(await self._reader.execute_fetchall(question, values))

    async def waiting(self, after: int, most: int) -> list[tuple[int, JournalEntry]]:
        """Give (seq, entry) of rows behind a watermark, oldest first."""
        rows = await self._read(
            "SELECT seq, body FROM journal WHERE seq > ? AND body IS NOT NULL ORDER BY seq LIMIT ?",
            (after, most),
        )
        return [(seq, _decode(body)) for seq, body in rows]

    async def trim(self, after: int, seq: int) -> None:
        """Take visitor and body out of the rows behind `after` up to `seq`: they are shipped."""
        emptying = (
            "UPDATE journal SET visitor_id = NULL, body = NULL"
            " WHERE seq > ? AND seq <= ? AND body IS NOT NULL"
        )
        await self._write(emptying, (after, seq))

    async def forget(self, before: int) -> None:
        """Drop the event ids of shipped rows that arrived before a time in milliseconds."""
        forgetting = "DELETE FROM journal WHERE body IS NULL AND arrived_at < ?"
        await self._write(forgetting, (before,))

    async def entries_of(self, visitor_id: str) -> list[JournalEntry]:
        """Give the entries of one visitor that wait to be shipped."""
        rows = await self._read(
            "SELECT body FROM journal WHERE visitor_id = ? AND body IS NOT NULL", (visitor_id,)
        )
        return [_decode(body) for (body,) in rows]

    async def erase(self, visitor_id: str) -> int:
        """Delete a visitor's waiting entries, in the log of the database too; give their number.

        What was accepted before and waits for its transaction is let in first, so that nothing
        comes behind.
        """
        await self.append([], 0)
        count = await self._write("DELETE FROM journal WHERE visitor_id = ?", (visitor_id,))
        await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    async def close(self) -> None:
        """Store what still waits and close."""
        self._closing = True
        self._wake.set()
        await self._committer
        await self._reader.close()
        await self._writer.close()


@cache
def _insert(rows: int) -> str:
    values = ",".join(["(?,?,?,?)"] * rows)
    return (
        "INSERT OR IGNORE INTO journal (event_id, arrived_at, visitor_id, body)"
        f" SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"
    )


def _inserting(rows: Sequence[_Row]) -> Iterator[_Statement]:
    """Give as few statements as insert the rows, each of a length that is a power of two.

    One statement is one transaction, and one turn of the database's thread, which waits for
    Python's lock at each; few lengths, so that each statement is prepared once.
    """
    for start in range(0, len(rows), _MOST_ROWS):
        chunk = rows[start : start + _MOST_ROWS]
        length = 1 << (len(chunk) - 1).bit_length()
        padding = [_NO_ROW] * (length - len(chunk))
        yield _insert(length), tuple(chain.from_iterable([*chunk, *padding]))


async def _connected(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    return connection


class JournalPlace:
    """The journal as a place that knows visitors, for export and erasure."""

    name = "journal.journal"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def rows(self, site_id: int, visitor_id: str) -> list[dict[str, Any]]:
        """Give the visitor's entries that wait to be shipped."""
        entries = await self._journal.entries_of(visitor_id)
        return [msgspec.structs.asdict(entry) for entry in entries if entry.site_id == site_id]

    async def erase(self, site_id: int, visitor_id: str) -> int:
        """Delete the visitor's entries; a visitor id belongs to one site only."""
        return await self._journal.erase(visitor_id)

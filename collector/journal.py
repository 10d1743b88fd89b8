"""The journal: accepted events on disk until the warehouse has them, by durable group commit."""

import asyncio
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from askfirst.errors import AskfirstError
from askfirst.events import JournalEntry
from collector.group_commit import PRAGMAS, GroupCommit, Then

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    visitor_id TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS shipped (
    event_id TEXT PRIMARY KEY,
    arrived_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('last', 0);
"""
_TRIMMED_AT_ONCE = 1024  # rows; requests that come meanwhile wait for no more than these

_WAITING = """
SELECT count(*), max(seq), CAST(group_concat(CASE WHEN fresh THEN body END, ',') AS BLOB) FROM (
    SELECT seq, body, event_id NOT IN (SELECT event_id FROM shipped) AS fresh
    FROM waiting WHERE seq > ? ORDER BY seq LIMIT ?
)
"""
_LAST = """
SELECT max(value, (SELECT coalesce(max(seq), 0) FROM waiting)) FROM meta WHERE name = 'last'
"""
_KEEP_LAST = "UPDATE meta SET value = max(value, ?) WHERE name = 'last'"
_TRIMMING = (
    "INSERT OR IGNORE INTO shipped SELECT event_id, arrived_at FROM waiting WHERE seq <= ?",
    _KEEP_LAST,  # a number is never given again: the warehouse would take its row for shipped
    "DELETE FROM waiting WHERE seq <= ?",
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(JournalEntry).decode
_decode_all = msgspec.json.Decoder(list[JournalEntry]).decode


_Statement = tuple[str, tuple[Any, ...]]


class Batch(msgspec.Struct, frozen=True):
    """Rows to ship, `last` the greatest `seq` of them; `bodies` are their JSON, set off by commas.

    They come as one text, because each row that is fetched waits for Python's lock.
    """

    rows: int
    last: int
    bodies: bytes

    def entries(self) -> list[JournalEntry]:
        """Give the entries, oldest first, each event id once."""
        entries = _decode_all(b"[%b]" % self.bodies)
        return list({entry.event_id: entry for entry in reversed(entries)}.values())[::-1]


class Journal:
    """One SQLite file beside its collector, in WAL mode with `synchronous=FULL`.

    Requests that arrive together share one transaction and each is answered when it is durable.
    An event waits in a table that only grows at its end, where a commit touches few pages. When
    it is shipped its row goes and its id is noted in another, so that a resend within two days
    is harmless: shipping leaves out what was shipped before.
    """

    def __init__(self, group: GroupCommit, reader: aiosqlite.Connection) -> None:
        self._group = group
        self._reader = reader
        self.id = ""

    @classmethod
    async def open(cls, path: Path, most_waiting: int = 10_000) -> "Journal":
        """Open or make the journal; `most_waiting` requests may wait before 503 is answered."""
        group = await asyncio.to_thread(GroupCommit, path, most_waiting)
        await group.run(_prepare)
        reader = await aiosqlite.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            await reader.execute_fetchall(f"PRAGMA {pragma}")
        journal = cls(group, reader)
        journal.id = (await journal._read("SELECT value FROM meta WHERE name = 'journal'"))[0][0]
        group.last = (await journal._read(_LAST))[0][0]
        return journal

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, then: Then) -> None:
        """Call `then` when the entries are durable; however often sent, an event is shipped once.

        Raises `Unavailable` when too many requests wait: nothing is stored, and `then` not called.
        """
        self._group.put([(e.event_id, arrived_at, e.visitor_id, _encode(e)) for e in entries], then)

    async def append(self, entries: Sequence[JournalEntry], arrived_at: int) -> None:
        """Return when the entries are durable.

        Raises `Unavailable` when too many wait or the disk does not take it: nothing is stored.
        """
        told: asyncio.Future[AskfirstError | None] = asyncio.get_running_loop().create_future()
        self.put(entries, arrived_at, lambda error: None if told.done() else told.set_result(error))
        if error := await told:
            raise error

    async def _write(self, *statements: _Statement) -> int:
        """Run statements in one durable transaction; give the rows that the last one touched."""

        def work(connection: sqlite3.Connection) -> int:
            with _transaction(connection):
                return [connection.execute(*one).rowcount for one in statements][-1]

        return await self._group.run(work)

    async def _read(self, question: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return list(await self._reader.execute_fetchall(question, values))

    async def go_on_behind(self, seq: int) -> bool:
        """Number the next rows behind `seq`, the warehouse's watermark; True if that was needed.

        A log that lost its end would give numbers again that the warehouse takes for shipped.
        """
        behind, self._group.last = seq > self._group.last, max(seq, self._group.last)
        if behind:
            await self._write((_KEEP_LAST, (seq,)))
        return behind

    async def remember(self, known: Sequence[tuple[str, int]]) -> None:
        """Know (event id, arrival in milliseconds) of events that must not be shipped again."""

        def work(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                connection.executemany("INSERT OR IGNORE INTO shipped VALUES (?, ?)", known)

        await self._group.run(work)

    async def waiting(self, after: int, most: int) -> Batch | None:
        """Give the oldest rows behind a watermark, or None when there are none."""
        rows, last, bodies = (await self._read(_WAITING, (after, most)))[0]
        return Batch(rows, last, bodies or b"") if rows else None

    async def trim(self, seq: int) -> None:
        """Remove the rows up to `seq` and keep their event ids: they are shipped."""
        ((first,),) = await self._read("SELECT coalesce(min(seq), ?) FROM waiting", (seq + 1,))
        for start in range(first, seq + 1, _TRIMMED_AT_ONCE):
            last = (min(start + _TRIMMED_AT_ONCE - 1, seq),)
            await self._write(*((statement, last) for statement in _TRIMMING))

    async def forget(self, before: int) -> None:
        """Drop the event ids of shipped rows that arrived before a time in milliseconds."""
        await self._write(("DELETE FROM shipped WHERE arrived_at < ?", (before,)))

    async def entries_of(self, visitor_id: str) -> list[JournalEntry]:
        """Give the entries of one visitor that wait to be shipped."""
        rows = await self._read("SELECT body FROM waiting WHERE visitor_id = ?", (visitor_id,))
        return [_decode(body) for (body,) in rows]

    async def erase(self, visitor_id: str) -> int:
        """Delete a visitor's waiting entries, in the log of the database too; give their number.

        What was accepted before and waits for its transaction is let in first, so that nothing
        comes behind.
        """
        await self.append([], 0)
        erasing = ("DELETE FROM waiting WHERE visitor_id = ?", (visitor_id,))
        count = await self._write((_KEEP_LAST, (self._group.last,)), erasing)
        await self._group.run(_empty_log)
        return count

    async def close(self) -> None:
        """Store what still waits and close."""
        await self._group.close()
        await self._reader.close()


def _empty_log(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(_SCHEMA)
    own = (secrets.token_hex(8),)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('journal', ?)", own)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise

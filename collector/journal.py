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
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON")
_MOST_ROWS = 4096  # in one statement; SQLite takes 32,766 values
_TRIMMED_AT_ONCE = 1024  # rows; requests that come meanwhile wait for no more than these
_NO_ROW = (None, None, None, None, None)

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

_Row = tuple[str, int, str, bytes]
_Statement = tuple[str, tuple[Any, ...]]
_Waiting = tuple[Sequence[_Row], "asyncio.Future[None]"]


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
        self._last = 0
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
        journal._last = (await journal._read(_LAST))[0][0]
        return journal

    async def append(self, entries: Sequence[JournalEntry], arrived_at: int) -> None:
        """Return when the entries are durable; an event id is shipped once, however often sent.

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
        first, self._last = self._last + 1, self._last + len(rows)
        try:
            for statement, values in _inserting(rows, first):
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

    async def go_on_behind(self, seq: int) -> bool:
        """Number the next rows behind `seq`, the warehouse's watermark; True if that was needed.

        A log that lost its end would give numbers again that the warehouse takes for shipped.
        """
        behind, self._last = seq > self._last, max(seq, self._last)
        if behind:
            await self._write(_KEEP_LAST, (seq,))
        return behind

    async def remember(self, known: Sequence[tuple[str, int]]) -> None:
        """Know (event id, arrival in milliseconds) of events that must not be shipped again."""
        await self._writer.execute("BEGIN")
        await self._writer.executemany("INSERT OR IGNORE INTO shipped VALUES (?, ?)", known)
        await self._writer.execute("COMMIT")

    async def waiting(self, after: int, most: int) -> Batch | None:
        """Give the oldest rows behind a watermark, or None when there are none."""
        rows, last, bodies = (await self._read(_WAITING, (after, most)))[0]
        return Batch(rows, last, bodies or b"") if rows else None

    async def trim(self, seq: int) -> None:
        """Remove the rows up to `seq` and keep their event ids: they are shipped.

        Each statement is durable by itself; after a crash between them it is done again.
        """
        ((first,),) = await self._read("SELECT coalesce(min(seq), ?) FROM waiting", (seq + 1,))
        for start in range(first, seq + 1, _TRIMMED_AT_ONCE):
            last = min(start + _TRIMMED_AT_ONCE - 1, seq)
            for statement in _TRIMMING:
                await self._write(statement, (last,))

    async def forget(self, before: int) -> None:
        """Drop the event ids of shipped rows that arrived before a time in milliseconds."""
        await self._write("DELETE FROM shipped WHERE arrived_at < ?", (before,))

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
        await self._write(_KEEP_LAST, (self._last,))
        count = await self._write("DELETE FROM waiting WHERE visitor_id = ?", (visitor_id,))
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
    values = ",".join(["(?,?,?,?,?)"] * rows)
    return f"INSERT INTO waiting SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"


def _inserting(rows: Sequence[_Row], first: int) -> Iterator[_Statement]:
    """Give as few statements as insert the rows, each of a length that is a power of two.

    One statement is one transaction, and one turn of the database's thread, which waits for
    Python's lock at each; few lengths, so that each statement is prepared once.
    """
    for start in range(0, len(rows), _MOST_ROWS):
        chunk = [(first + n, *rows[n]) for n in range(start, min(start + _MOST_ROWS, len(rows)))]
        length = 1 << (len(chunk) - 1).bit_length()
        padding = [_NO_ROW] * (length - len(chunk))
        yield _insert(length), tuple(chain.from_iterable([*chunk, *padding]))


async def _connected(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    return connection

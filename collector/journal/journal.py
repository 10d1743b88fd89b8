"""The journal: accepted events on disk until the warehouse has them, by durable group commit."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
import structlog

from askfirst.errors import AskfirstError, Unavailable
from askfirst.events import JournalEntry
from collector.journal.checksum import matches_crc32
from collector.journal.group_commit import PRAGMAS, GroupCommit, Put, row_of
from collector.journal.known_ids import KnownIds
from collector.journal.tables import (
    GONE,
    GROUPS_BETWEEN,
    IDS,
    KEEP_LAST,
    KNOW,
    KNOWN,
    LAST,
    LEFT,
    MOVE_LOG,
    NEXT,
    OF_VISITOR,
    ROWS,
    SCHEMA,
    SET_ASIDE,
    TRIMMED_AT_ONCE,
    TRIMMING,
)

log = structlog.get_logger()

OnStored = Callable[[AskfirstError | None], None]
"""Told once: None when the entries are durable, else why nothing of them was stored."""

Belongs = Callable[[JournalEntry], bool]

_ERASED_AT_ONCE = 1 << 20  # bytes of groups; requests wait while so many are looked through
_encode = msgspec.json.Encoder().encode
_ids = msgspec.json.Decoder(list[str]).decode
_decode_all = msgspec.json.Decoder(list[JournalEntry]).decode

_Statement = tuple[str, tuple[Any, ...]]


class Batch(msgspec.Struct, frozen=True):
    """Groups of events to ship: `last` is the number of the last, `bodies` the JSON of each.

    `events` is the number of the entries, resends among them included.
    """

    events: int
    last: int
    bodies: list[bytes]

    def entries(self) -> list[JournalEntry]:
        """Return the entries, oldest first, each event id once."""
        entries = [entry for body in self.bodies for entry in _entries(body)]
        first = {entry.event_id: entry for entry in reversed(entries)}
        return list(first.values())[::-1]


class Journal:
    """One SQLite file beside its collector, in WAL mode with `synchronous=FULL`.

    Requests that arrive together are one row and one transaction, and each is answered when it is
    durable. The rows wait in a table that only grows at its end, where a commit touches few pages.
    When one is shipped it goes and its events' ids are noted in another table, so that a resend
    within two days is harmless: shipping leaves out what was shipped before.
    """

    def __init__(self, group: GroupCommit, reader: aiosqlite.Connection) -> None:
        self._group = group
        self._reader = reader
        self._known: KnownIds | None = None
        self.id = ""

    @classmethod
    async def open(cls, path: Path, most_waiting: int = 10_000) -> "Journal":
        """Open or make the journal; `most_waiting` requests may wait before 503 is answered."""
        group = await asyncio.to_thread(GroupCommit, path, most_waiting)
        reader = await aiosqlite.connect(path, isolation_level=None)
        journal = cls(group, reader)
        try:
            await group.run(_prepare)
            await journal._begin()
        except BaseException:
            await journal.close()  # its thread would keep the process alive
            raise
        return journal

    async def _begin(self) -> None:
        for pragma in PRAGMAS:
            await self._read(f"PRAGMA {pragma}")
        self.id = (await self._read("SELECT value FROM meta WHERE name = 'journal'"))[0][0]
        self._group.last = (await self._read(LAST))[0][0]

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when too many requests wait, as `put` does."""
        self._group.refuse_if_full()

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, then: OnStored) -> None:
        """Call `then` when the entries are durable; however often sent, an event is shipped once.

        Raises `Unavailable` when too many requests wait: nothing is stored, and `then` not called.
        """
        self.store([entry.event_id for entry in entries], arrived_at, encoded(entries), then)

    def store(self, ids: list[str], arrived_at: int, body: bytes, then: OnStored) -> None:
        """Do as `put` with entries that are encoded already, and their ids."""
        self._group.put(Put(ids, arrived_at, body, then))

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
                return [0, *(connection.execute(*one).rowcount for one in statements)][-1]

        return await self._group.run(work)

    async def _read(self, question: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return list(await self._reader.execute_fetchall(question, values))

    async def go_on_behind(self, seq: int) -> bool:
        """Number the next rows behind `seq`, the warehouse's watermark; True if that was needed.

        A log that lost its end would give numbers again that the warehouse takes for shipped.
        """
        behind, self._group.last = seq > self._group.last, max(seq, self._group.last)
        if behind:
            await self._write((KEEP_LAST, (seq,)))
        return behind

    async def remember(self, known: Sequence[tuple[str, int]]) -> None:
        """Know (event id, arrival in milliseconds) of events that must not be shipped again."""
        parts = [known[n : n + TRIMMED_AT_ONCE] for n in range(0, len(known), TRIMMED_AT_ONCE)]
        rows = [(max(at for _, at in part), _text([one for one, _ in part])) for part in parts]
        await self._write(*((KNOW, row) for row in rows))
        self._known = None

    async def waiting(self, after: int, most: int) -> Batch | None:
        """Return the oldest events behind a watermark, `most` and the rest of their group, or None.

        A group whose bytes have changed on the disk is set aside, and that is said.
        """
        ahead = await self._read(NEXT, (after, most, most))
        if not ahead:
            return None
        bounds = (after, ahead[-1][0])
        rows = await self._read(ROWS, bounds)
        bad = [row for row in rows if not matches_crc32(*row[2:])]
        for seq, events, *_ in bad:
            log.error("journal_group_damaged", events=events)
            await self._write(*((statement, (seq,)) for statement in SET_ASIDE))
        if bad:
            return await self.waiting(after, most)
        return Batch(ahead[-1][1], bounds[1], [row[4] for row in rows])

    async def fresh(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Return those of the entries that were not shipped before."""
        known = await self._known_ids()
        perhaps = await asyncio.to_thread(known.among, [entry.event_id for entry in entries])
        if not perhaps:
            return list(entries)
        shipped = {row[0] for row in await self._read(KNOWN, (_encode(perhaps),))}
        return [entry for entry in entries if entry.event_id not in shipped]

    async def _known_ids(self) -> KnownIds:
        """Return what is known of the ids in memory; read from the disk when it is first asked."""
        if self._known is None:
            known = KnownIds()
            rows = await self._read("SELECT CAST(ids AS BLOB) FROM shipped")
            await asyncio.to_thread(known.add, _ids_in(rows))
            self._known = known
        return self._known

    async def trim(self, seq: int) -> None:
        """Remove the groups up to `seq` and keep their events' ids: they are shipped."""
        while ahead := await self._read(NEXT, (0, TRIMMED_AT_ONCE, TRIMMED_AT_ONCE)):
            if ahead[0][0] > seq:
                return
            last = min(ahead[-1][0], seq)
            rows = await self._read(IDS, (last,))
            if self._known is not None:
                self._known.add(_ids_in(rows))
            try:
                await self._write(*((statement, (last,)) for statement in TRIMMING))
            except BaseException:
                self._known = None  # what is known is read again: each try would add it once more
                raise

    async def empty_log(self) -> None:
        """Move what the write-ahead log holds into the database, so that the log begins anew.

        Beside those who write at first, and then, when little is left, in their row. SQLite would
        do it in the middle of a commit, which takes many times as long then.
        """
        await self._reader.execute_fetchall(MOVE_LOG)
        await self._group.run(lambda connection: connection.execute(MOVE_LOG).fetchall())

    async def forget(self, before: int) -> None:
        """Drop the event ids of shipped rows that arrived before a time in milliseconds."""
        await self._write(("DELETE FROM shipped WHERE arrived_at < ?", (before,)))
        self._known = None

    async def entries_of(self, visitor_id: str) -> list[JournalEntry]:
        """Return the entries of one visitor that wait to be shipped."""
        rows = await self._read(OF_VISITOR, (visitor_id,))
        found = [one for _, *group in rows if matches_crc32(*group) for one in _entries(group[2])]
        return [entry for entry in found if entry.visitor_id == visitor_id]

    async def erase(self, visitor_id: str) -> int:
        """Delete a visitor's waiting entries, in the log of the database too; give their number.

        What was accepted before and waits for its transaction is let in first, so that nothing
        comes behind. Groups whose bytes have changed go too, also those that were set aside for it:
        they may hold the visitor.
        """
        return await self._erase(lambda entry: entry.visitor_id == visitor_id, visitor_id.encode())

    async def erase_site(self, site_id: int) -> int:
        """Delete a site's waiting entries as `erase` does a visitor's; give their number."""
        return await self._erase(lambda entry: entry.site_id == site_id, b'",%d,"' % site_id)

    async def _erase(self, belongs: Belongs, word: bytes) -> int:
        """Delete what belongs, in the groups that hold `word`: requests come in between some."""
        await self.append([], 0)
        last, after, count = self._group.last, 0, 0
        await self._write((KEEP_LAST, (last,)), ("DELETE FROM damaged", ()))
        while after < last:
            erased, after = await self._group.run(partial(_erase, belongs, word, (after, last)))
            count += erased
        if not await self._group.run(_cut_log):
            raise Unavailable("The journal is being read; try again soon.", retry_after=60)
        return count

    async def close(self) -> None:
        """Store what still waits and close."""
        await self._group.close()
        await self._reader.close()


def encoded(entries: Sequence[JournalEntry]) -> bytes:
    """Return entries as JSON, set off by commas."""
    return _encode(entries)[1:-1]


def _text(ids: list[str]) -> str:
    return _encode(ids).decode()


def _entries(bodies: bytes) -> list[JournalEntry]:
    return _decode_all(b"[%b]" % bodies)


def _erase(
    belongs: Belongs, word: bytes, bounds: tuple[int, int], connection: sqlite3.Connection
) -> tuple[int, int]:
    """Write groups between two numbers anew without the entries that belong.

    Give the number of those, and that of the last group that was looked at. Only the groups whose
    bytes hold `word` are decoded, and only those that lose something are written.
    """
    erased, last = 0, bounds[0]
    with _transaction(connection):
        for seq, *group in _some_groups(connection, bounds):
            last = seq
            if matches_crc32(*group) and word not in group[2]:
                continue
            entries = _entries(group[2]) if matches_crc32(*group) else []
            left = [entry for entry in entries if not belongs(entry)]
            if entries and len(left) == len(entries):
                continue
            connection.execute(LEFT, (*row_of([e.event_id for e in left], encoded(left)), seq))
            connection.execute(GONE, (seq,))
            erased += len(entries) - len(left)
    return erased, last if last > bounds[0] else bounds[1]


def _some_groups(connection: sqlite3.Connection, bounds: tuple[int, int]) -> list[Any]:
    """Give the first groups behind the first bound, up to the second: a megabyte, or one group."""
    groups, size = [], 0
    with closing(connection.execute(GROUPS_BETWEEN, bounds)) as found:
        for one in found:
            groups.append(one)
            size += len(one[3])
            if size >= _ERASED_AT_ONCE:
                break
    return groups


def _cut_log(connection: sqlite3.Connection) -> bool:
    """Empty the log; False when a reader still needs it, so that erased bytes may lie in it."""
    ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return not busy


def _ids_in(rows: Sequence[Any]) -> Iterator[str]:
    """Yield the ids of rows of bytes; those that have changed are left out."""
    for (ids,) in rows:
        try:
            yield from _ids(ids or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.error("journal_ids_damaged")  # noqa: TRY400 - the error would show the bytes


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(SCHEMA)
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

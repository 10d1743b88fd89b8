"""The journal: accepted events on disk until the warehouse has them."""

import asyncio
import secrets
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import structlog

from askfirst.errors import AskfirstError, Unavailable
from askfirst.events import JournalEntry
from collector.journal.erasing import Belongs, empty_log, erase_some
from collector.journal.group_commit import PRAGMAS, GroupCommit, OnStored, Put
from collector.journal.groups import Batch, StoredGroup, encoded
from collector.journal.shipped_ids import ShippedIds
from collector.journal.tables import (
    GROUPS_BETWEEN,
    KEEP_LAST,
    LAST,
    MOVE_LOG,
    NEXT,
    OF_VISITOR,
    SCHEMA,
    SET_ASIDE,
    TRIMMED_AT_ONCE,
)
from collector.journal.transaction import Statement, run_statements

__all__ = ["Journal", "OnStored", "encoded"]

log = structlog.get_logger()


class Journal:
    """One SQLite file beside its collector, in WAL mode with `synchronous=FULL`.

    `put` entries as they come, read those that are `waiting`, and `trim` what was shipped. Requests
    that arrive together become one row and one transaction, and each is answered when that is
    durable. Rows wait in a table that only grows at its end, where a commit touches few pages. When
    a row is shipped it is removed and its events' ids are kept in another table, so that a request
    sent again within two days has no effect: `fresh` leaves out what was shipped before.
    """

    def __init__(self, group: GroupCommit, reader: aiosqlite.Connection) -> None:
        self._group = group
        self._reader = reader
        self._shipped = ShippedIds(self._read, self._write)
        self.id = ""

    @classmethod
    async def open(cls, path: Path, most_waiting: int = 10_000) -> "Journal":
        """Open or create the journal; when `most_waiting` requests wait, more are refused."""
        group = await asyncio.to_thread(GroupCommit, path, most_waiting)
        reader = await aiosqlite.connect(path, isolation_level=None)
        journal = cls(group, reader)
        try:
            await group.run(_create_tables)
            await journal._begin()
        except BaseException:
            await journal.close()  # its thread would keep the process alive
            raise
        return journal

    async def _begin(self) -> None:
        for pragma in PRAGMAS:
            await self._read(f"PRAGMA {pragma}")
        ((self.id,),) = await self._read("SELECT value FROM meta WHERE name = 'journal'")
        ((self._group.last,),) = await self._read(LAST)

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when too many requests wait, as `put` does."""
        self._group.refuse_if_full()

    def room(self) -> int:
        """Return how many more requests are taken now."""
        return self._group.room()

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, on_stored: OnStored) -> None:
        """Queue entries, and call `on_stored` when they are durable or could not be stored.

        An event that is put several times is shipped once. Raises `Unavailable` when too many
        requests wait: nothing is stored then, and `on_stored` is not called.
        """
        ids = [entry.event_id for entry in entries]
        self.store(ids, arrived_at, encoded(entries), on_stored)

    def store(
        self, ids: list[str], arrived_at: int, body: bytes, on_stored: OnStored, requests: int = 1
    ) -> None:
        """Queue entries of so many requests, already encoded, with their ids, as `put` does."""
        self._group.put(Put(ids, arrived_at, body, on_stored, requests))

    async def append(self, entries: Sequence[JournalEntry], arrived_at: int) -> None:
        """Store entries and return when they are durable.

        Raises `Unavailable` when too many requests wait or the disk fails: nothing is stored then.
        """
        stored: asyncio.Future[AskfirstError | None] = asyncio.get_running_loop().create_future()

        def on_stored(error: AskfirstError | None) -> None:
            if not stored.done():  # the waiter may have been cancelled
                stored.set_result(error)

        self.put(entries, arrived_at, on_stored)
        if error := await stored:
            raise error

    async def _write(self, statements: Sequence[Statement]) -> None:
        """Run statements in one durable transaction."""
        await self._group.run(partial(run_statements, statements))

    async def _read(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return list(await self._reader.execute_fetchall(sql, values))

    async def continue_numbering_after(self, seq: int) -> bool:
        """Number the next rows after the warehouse's watermark; return whether that was needed.

        A journal that lost its last rows would otherwise use numbers again that the warehouse takes
        for shipped.
        """
        behind, self._group.last = seq > self._group.last, max(seq, self._group.last)
        if behind:
            await self._write([(KEEP_LAST, (seq,))])
        return behind

    async def skip_numbers(self, count: int) -> None:
        """Leave out so many numbers, because it is not known which the warehouse has."""
        await self.continue_numbering_after(self._group.last + count)

    async def waiting(self, after: int, most: int) -> Batch | None:
        """Return the oldest events after a watermark, or None.

        The batch has `most` events and the rest of the last one's group. A group whose bytes are
        damaged is set aside and logged.
        """
        ahead = await self._read(NEXT, (after, most))
        if not ahead:
            return None
        last, events = ahead[-1]
        rows = await self._read(GROUPS_BETWEEN, (after, last))
        groups = [StoredGroup(*row) for row in rows]
        damaged = [group for group in groups if not group.is_intact]
        for group in damaged:
            log.error("journal_group_damaged", events=group.events)
            await self._write([(statement, (group.seq,)) for statement in SET_ASIDE])
        if damaged:
            return await self.waiting(after, most)
        return Batch(events, last, [group.body for group in groups])

    async def fresh(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Return the entries that have not been shipped before."""
        return await self._shipped.fresh(entries)

    async def remember(self, events: Sequence[tuple[str, int]]) -> None:
        """Keep (event id, arrival in milliseconds) of events that must not be shipped again."""
        await self._shipped.remember(events)

    async def shipped_after(self, seq: int) -> list[tuple[str, int]]:
        """Return (event id, arrival in milliseconds) of what was shipped after a number, no sooner.

        The warehouse has lost them where the number is its watermark and it does not hold them.
        """
        return await self._shipped.after(seq)

    async def forget_shipped_after(self, seq: int, but: Sequence[tuple[str, int]]) -> None:
        """Forget that anything but these events was shipped after a number: it may come again."""
        await self._shipped.forget_after(seq, but)

    async def forget(self, before: int) -> None:
        """Remove the ids of shipped events that arrived before a time in milliseconds."""
        await self._shipped.forget(before)

    async def trim(self, seq: int) -> None:
        """Remove the groups up to `seq`, which are shipped, and keep their events' ids."""
        while ahead := await self._read(NEXT, (0, TRIMMED_AT_ONCE)):
            (first, _), (last, _) = ahead[0], ahead[-1]
            if first > seq:
                return
            await self._shipped.move(min(last, seq))

    async def empty_log(self) -> None:
        """Move what is in the write-ahead log into the database, so that the log starts anew.

        Most is moved beside those who write, and the small rest in turn with them. SQLite would do
        all of it in the middle of a commit, which then takes many times as long.
        """
        await self._reader.execute_fetchall(MOVE_LOG)
        await self._group.run(lambda connection: connection.execute(MOVE_LOG).fetchall())

    async def entries_of(self, visitor_id: str) -> list[JournalEntry]:
        """Return the entries of one visitor that wait to be shipped."""
        groups = [StoredGroup(*row) for row in await self._read(OF_VISITOR, (visitor_id,))]
        found = [entry for group in groups if group.is_intact for entry in group.entries()]
        return [entry for entry in found if entry.visitor_id == visitor_id]

    async def erase(self, visitor_id: str, span: tuple[int, int] | None = None) -> int:
        """Delete a visitor's waiting entries, also from the write-ahead log; return their number.

        With `span`, only what happened from a time on and before another, in milliseconds. Entries
        that were accepted before and wait for their transaction are stored first, so none is stored
        after the erasure. Damaged groups are deleted too, also those that were set aside: they may
        hold the visitor's entries.
        """

        def belongs(entry: JournalEntry) -> bool:
            within = span is None or span[0] <= entry.happened_at < span[1]
            return within and entry.visitor_id == visitor_id

        return await self._erase(belongs, visitor_id.encode())

    async def erase_site(self, site_id: int) -> int:
        """Delete a site's waiting entries as `erase` does a visitor's; return their number."""
        return await self._erase(lambda entry: entry.site_id == site_id, b'",%d,"' % site_id)

    async def _erase(self, belongs: Belongs, word: bytes) -> int:
        """Delete entries from the groups that contain `word`, some at a time between requests."""
        await self.append([], 0)
        last, after, count = self._group.last, 0, 0
        await self._write([(KEEP_LAST, (last,)), ("DELETE FROM damaged", ())])
        while after < last:
            erased, after = await self._group.run(partial(erase_some, belongs, word, (after, last)))
            count += erased
        if not await self._group.run(empty_log):
            raise Unavailable("The journal is being read; try again soon.", retry_after=60)
        return count

    async def close(self) -> None:
        """Store what still waits and close."""
        await self._group.close()
        await self._reader.close()


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.executescript(SCHEMA)
    journal_id = secrets.token_hex(8)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('journal', ?)", (journal_id,))

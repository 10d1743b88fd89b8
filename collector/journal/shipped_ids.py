"""The ids of shipped events, kept so that an event that is sent again has no effect."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from askfirst.events import JournalEntry
from collector.journal.groups import decoded_ids, encoded_ids
from collector.journal.known_ids import KnownIds
from collector.journal.tables import (
    FORGET_AFTER,
    IDS,
    KNOW,
    KNOWN,
    LAST_SHIPPED,
    SHIPPED_AFTER,
    TRIMMED_AT_ONCE,
    TRIMMING,
)
from collector.journal.transaction import Statement

Read = Callable[[str, tuple[Any, ...]], Awaitable[list[Any]]]
Write = Callable[[Sequence[Statement]], Awaitable[None]]


class ShippedIds:
    """The table `shipped`, with a filter in memory in front of it.

    `fresh` looks only those ids up on the disk that the filter reports as perhaps known. The filter
    is filled from the table when it is first needed and whenever ids were removed.
    """

    def __init__(self, read: Read, write: Write) -> None:
        self._read = read
        self._write = write
        self._filter: KnownIds | None = None

    async def fresh(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Return the entries that have not been shipped before."""
        known = await self._loaded()
        perhaps = await asyncio.to_thread(known.among, [entry.event_id for entry in entries])
        if not perhaps:
            return list(entries)
        rows = await self._read(KNOWN, (encoded_ids(perhaps),))
        shipped = {event_id for (event_id,) in rows}
        return [entry for entry in entries if entry.event_id not in shipped]

    async def _loaded(self) -> KnownIds:
        if self._filter is None:
            known = KnownIds()
            rows = await self._read("SELECT CAST(ids AS BLOB) FROM shipped", ())
            await asyncio.to_thread(known.add, decoded_ids(ids for (ids,) in rows))
            self._filter = known
        return self._filter

    async def move(self, last: int) -> None:
        """Remove the groups up to `last` from `waiting` and keep their ids, in one transaction."""
        rows = await self._read(IDS, (last,))
        if self._filter is not None:
            self._filter.add(decoded_ids(ids for (ids,) in rows))
        try:
            await self._write([(statement, (last,)) for statement in TRIMMING])
        except BaseException:
            self._filter = None  # else each further try would add the same ids once more
            raise

    async def remember(self, events: Sequence[tuple[str, int]]) -> None:
        """Add events, (id, arrival in milliseconds) each, that must not be shipped again."""
        await self._write(_knowing(events))
        self._filter = None

    async def after(self, seq: int) -> list[tuple[str, int]]:
        """Return (event id, arrival in milliseconds) of what was shipped after a number, no sooner.

        Mostly there is nothing, and then no group is read.
        """
        ((last,),) = await self._read(LAST_SHIPPED, ())
        found = await self._read(SHIPPED_AFTER, (seq,)) if last > seq else []
        return [(event_id.decode(errors="replace"), at) for event_id, at in found]

    async def forget_after(self, seq: int, but: Sequence[tuple[str, int]]) -> None:
        """Remove the ids of the groups after a number, but for these events."""
        await self._write([(FORGET_AFTER, (seq,)), *_knowing(but)])
        self._filter = None

    async def forget(self, before: int) -> None:
        """Remove the ids of events that arrived before a time in milliseconds."""
        await self._write([("DELETE FROM shipped WHERE arrived_at < ?", (before,))])
        self._filter = None


def _knowing(events: Sequence[tuple[str, int]]) -> list[Statement]:
    parts = [events[n : n + TRIMMED_AT_ONCE] for n in range(0, len(events), TRIMMED_AT_ONCE)]
    rows = [
        (max(at for _, at in part), encoded_ids([event_id for event_id, _ in part]))
        for part in parts
    ]
    return [(KNOW, row) for row in rows]

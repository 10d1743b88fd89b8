"""The segments that a site's team keeps: conditions of filters by a name, in the ledger."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.errors import Malformed
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import segments
from askfirst.store.warehouse.filters.conditions import (
    Condition,
    Segment,
    check_segment,
    compile_all,
    patterns_of,
)

MOST_SEGMENTS = 100
"""Segments of one site."""
LONGEST_NAME = 64


@dataclass(frozen=True)
class SavedSegment:
    """A segment with its number and name, and who changed it last (ms)."""

    id: int
    name: str
    segment: Segment
    changed_by: str
    changed_at: int


class SavedSegments:
    """Reads and writes the segments of sites."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def of(self, site_id: int) -> tuple[SavedSegment, ...]:
        """Return the segments of a site, sorted by name."""
        async with self._ledger.read() as connection:
            found = await segments_of(connection, site_id)
        await compile_patterns([one.segment for one in found])
        return found

    async def keep(
        self,
        connection: AsyncConnection,
        site_id: int,
        named: tuple[str, Segment],
        who: str,
        number: int | None = None,
    ) -> str:
        """Store a segment by its name, or change the one of a number, within a transaction.

        Return what is wrong with it as a sentence, '' where it is stored.
        """
        name, segment = " ".join(named[0].split()), named[1]
        known = await segments_of(connection, site_id)
        others = {one.name.casefold() for one in known if one.id != number}
        if fault := _fault(name, others, is_full=number is None and len(known) >= MOST_SEGMENTS):
            return fault
        row: dict[str, Any] = {"name": name, "conditions": written(segment)}
        row |= {"changed_by": who, "changed_at": self._clock()}
        if number is None:
            await connection.execute(insert(segments).values(site_id=site_id, **row))
            return ""
        mine = (segments.c.site_id == site_id) & (segments.c.id == number)
        done = await connection.execute(update(segments).where(mine).values(row))
        return "" if done.rowcount else "This segment is gone meanwhile."

    async def remove(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Delete a segment of a site within a transaction; return whether there was one."""
        mine = (segments.c.site_id == site_id) & (segments.c.id == number)
        return bool((await connection.execute(delete(segments).where(mine))).rowcount)


async def segments_of(connection: AsyncConnection, site_id: int) -> tuple[SavedSegment, ...]:
    """Return the segments of a site, sorted by name, within a transaction."""
    table = segments.c
    asked = select(table.id, table.name, table.conditions, table.changed_by, table.changed_at)
    mine = asked.where(table.site_id == site_id).order_by(func.lower(table.name), table.id)
    return tuple(
        SavedSegment(row.id, row.name, read(row.conditions), row.changed_by, row.changed_at)
        for row in await connection.execute(mine)
    )


def _fault(name: str, others: set[str], *, is_full: bool) -> str:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return f"Give it a name of at most {LONGEST_NAME} characters."
    if name.casefold() in others:
        return "Another segment has this name. Choose another, or replace that one."
    if is_full:
        return f"A site has at most {MOST_SEGMENTS} segments. Delete one first."
    return ""


def written(segment: Segment) -> dict[str, Any]:
    """Return a segment as the ledger stores it."""
    conditions = [[one.column, one.operator, list(one.values)] for one in segment.conditions]
    return {"on": segment.on, "conditions": conditions}


def read(stored: Mapping[str, Any]) -> Segment:
    """Return the segment that `written` has written."""
    conditions = (
        Condition(column, operator, tuple(values))
        for column, operator, values in stored["conditions"]
    )
    return Segment(tuple(conditions), stored["on"])


async def compile_patterns(found: Sequence[Segment]) -> None:
    """Compile regular expressions of stored segments in a thread: `is_allowed` then knows them."""
    if any(patterns_of(one) for one in found):
        await asyncio.to_thread(compile_all, found)


def is_allowed(segment: Segment, columns: frozenset[str]) -> bool:
    """Return whether reports may still ask for a segment: a new policy may cover fewer columns."""
    try:
        check_segment(segment, columns)
    except Malformed:
        return False
    return True

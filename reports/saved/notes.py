"""The notes that a site's team puts on its chart: a day and a few words, in the ledger."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import notes

MOST_NOTES = 1000
"""Notes of one site."""
LONGEST_WORDS = 200


@dataclass(frozen=True)
class Note:
    """A note: its local day, its words, and the account that wrote it last."""

    id: int
    day: date
    words: str
    changed_by: str


class Notes:
    """Reads and writes the notes of sites."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def of(
        self, site_id: int, first: date = date.min, last: date = date.max
    ) -> tuple[Note, ...]:
        """Return the notes of a site on the days from `first` to `last`, the earliest first."""
        table = notes.c
        within = table.day.between(first.isoformat(), last.isoformat())
        asked = select(table.id, table.day, table.words, table.changed_by)
        mine = asked.where(table.site_id == site_id, within).order_by(table.day, table.id)
        async with self._ledger.read() as connection:
            rows = await connection.execute(mine)
            return tuple(
                Note(row.id, date.fromisoformat(row.day), row.words, row.changed_by) for row in rows
            )

    async def put(
        self,
        connection: AsyncConnection,
        site_id: int,
        said: tuple[date, str],
        who: str,
        number: int | None = None,
    ) -> bool:
        """Add a note, or change the one of a number, within a transaction.

        Return False where there are too many, or the one that is changed is gone.
        """
        row: dict[str, Any] = {"day": said[0].isoformat(), "words": said[1]}
        row |= {"changed_by": who, "changed_at": self._clock()}
        if number is not None:
            changed = update(notes).where(_mine(site_id, number)).values(row)
            return bool((await connection.execute(changed)).rowcount)
        mine = select(func.count()).select_from(notes).where(notes.c.site_id == site_id)
        if (await connection.execute(mine)).scalar_one() >= MOST_NOTES:
            return False
        await connection.execute(insert(notes).values(site_id=site_id, **row))
        return True

    async def remove(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Delete a note of a site within a transaction; return whether there was one."""
        return bool(
            (await connection.execute(delete(notes).where(_mine(site_id, number)))).rowcount
        )


def _mine(site_id: int, number: int) -> ColumnElement[bool]:
    return (notes.c.site_id == site_id) & (notes.c.id == number)

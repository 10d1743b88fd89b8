"""The register of what was revealed of visitors outside; entries are added and never changed.

A correction is a new entry that names the one it corrects, which is then corrected by no other. So
corrections of one entry are a line, and the newest says until when the whole line is hidden from
the visitor: a ban that is lifted early shows all of it, one that is extended hides all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import disclosure_register

LONGEST_WHOM = 200
LONGEST_REFERENCE = 100
_TABLE = disclosure_register.c


@dataclass(frozen=True)
class Disclosed:
    """What was revealed: days as YYYY-MM-DD, `hidden_until` in ms since the epoch or None.

    `ground` and each of `kinds` are names, such as `court` and `events`. `corrects` is the number
    of the entry that this one corrects, or None.
    """

    revealed_on: str
    to_whom: str
    ground: str
    reference: str
    kinds: tuple[str, ...]
    first_day: str
    last_day: str
    hidden_until: int | None = None
    corrects: int | None = None


@dataclass(frozen=True)
class RegisterEntry(Disclosed):
    """An entry: its number, whose data it was, and by whom it was entered when (ms).

    `visitor_id` is None where the visitor was erased; `corrected_by` is the number of the entry
    that corrects this one, or None. `line_hidden_until` is what the newest correction says.
    """

    id: int = 0
    site_id: int = 0
    visitor_id: str | None = None
    entered_at: int = 0
    entered_by: str = ""
    corrected_by: int | None = None
    line_hidden_until: int | None = None

    def is_hidden(self, now: int) -> bool:
        """Return whether the visitor may not read the entry at a time, in ms since the epoch."""
        return self.line_hidden_until is not None and now < self.line_hidden_until


async def told_to(
    ledger: Ledger, site_id: int, visitor_ids: Sequence[str], now: int
) -> list[RegisterEntry]:
    """Return the entries of these visitors that they may read at a time (ms), oldest first."""
    theirs = (_TABLE.site_id == site_id) & _TABLE.visitor_id.in_(visitor_ids)
    async with ledger.read() as connection:
        return [one for one in await _entries(connection, theirs) if not one.is_hidden(now)]


async def all_entries(ledger: Ledger, site_id: int) -> list[RegisterEntry]:
    """Return every entry of a site for its staff, hidden from visitors or not, oldest first."""
    async with ledger.read() as connection:
        return await _entries(connection, _TABLE.site_id == site_id)


async def entry_of(connection: AsyncConnection, site_id: int, number: int) -> RegisterEntry | None:
    """Return the entry of a number, without what corrects it being read; None: there is none."""
    found = await _entries(connection, (_TABLE.site_id == site_id) & (_TABLE.id == number))
    return found[0] if found else None


async def is_corrected(connection: AsyncConnection, number: int) -> bool:
    """Return whether an entry has a correction already."""
    asked = select(func.count()).where(_TABLE.corrects == number)
    return bool((await connection.execute(asked)).scalar_one())


async def enter(
    connection: AsyncConnection,
    site_id: int,
    visitor_id: str | None,
    what: Disclosed,
    by: tuple[str, int],
) -> int:
    """Add an entry in the caller's transaction and return its number; `by` is who, and when (ms).

    The caller has checked that a correction's older entry is the site's and not yet corrected.
    """
    who, now = by
    row = asdict(what) | {"kinds": list(what.kinds), "entered_by": who, "entered_at": now}
    added = insert(disclosure_register).values(site_id=site_id, visitor_id=visitor_id, **row)
    return int((await connection.execute(added)).inserted_primary_key[0])  # type: ignore[index]


def without_visitor(which: ColumnElement[bool]) -> Any:
    """Return the statement that takes the visitor out of entries: their only change, ever."""
    return update(disclosure_register).where(which).values(visitor_id=null())


async def _entries(connection: AsyncConnection, which: ColumnElement[bool]) -> list[RegisterEntry]:
    asked = select(disclosure_register).where(which).order_by(_TABLE.id)
    rows = (await connection.execute(asked)).mappings().all()
    after = {row["corrects"]: row for row in rows if row["corrects"] is not None}
    return [_entry(row, after) for row in rows]


def _entry(row: Mapping[Any, Any], after: Mapping[int, Mapping[Any, Any]]) -> RegisterEntry:
    newest = row
    while newest["id"] in after:
        newest = after[newest["id"]]
    by = after[row["id"]]["id"] if row["id"] in after else None
    changed = {"kinds": tuple(row["kinds"]), "corrected_by": by}
    return RegisterEntry(**{**row, **changed}, line_hidden_until=newest["hidden_until"])

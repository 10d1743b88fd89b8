"""The requests for erasure in the ledger: recorded, counted, and turned into receipts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.erasure_receipts import (
    REMOVED,
    UNDER_WAY,
    carried_out,
    receipt_id_of,
    rows_by_holder,
)
from askfirst.store.ledger.tables import consent_records, erasures
from consent.proof.records import OPEN_STATES
from consent.rights.parts import Part, part_in
from consent.rights.removed import Removed

_TABLE = erasures.c


@dataclass(frozen=True)
class Request:
    """What is to be erased of one visitor id: a part, or everything for None."""

    site_id: int
    visitor_id: str
    part: Part | None = None

    @property
    def receipt_id(self) -> str:
        """The number of its receipt."""
        return receipt_id_of(self.site_id, self.visitor_id, self.part.name() if self.part else "")


@dataclass(frozen=True)
class Reached:
    """What the erasure of one id reached: rows by table, events, and when its yeses were given."""

    request: Request
    rows: dict[str, int]
    removed: Removed
    given: list[int]


async def ask(connection: AsyncConnection, request: Request, under: str, by: str, now: int) -> None:
    """Record one id's request, or reopen an earlier one; `under` is the receipt to count it in."""
    known = await earlier(connection, request.receipt_id)
    counts = dict(known["counts"]) if known else {}
    counts[UNDER_WAY] = {**counts.get(UNDER_WAY, {}), "receipt_id": under}
    asking = _asking(request, now) | {"asked_by": by, "counts": counts}
    if known:
        await change(connection, request.receipt_id, **asking)
        return
    first = {"receipt_id": request.receipt_id, "site_id": request.site_id, "requested_at": now}
    await connection.execute(insert(erasures).values(**first | asking))


def _asking(request: Request, now: int) -> dict[str, Any]:
    """Return what a request says; a part's time is that of its last one, see `later_decisions`."""
    state = {"completed_at": None, "bytes_gone_at": None}
    if request.part is None:
        return {"visitor_id": request.visitor_id} | state
    asked = {"part_of": request.visitor_id, "requested_at": now}
    return asked | request.part.columns() | state


async def complete(connection: AsyncConnection, reached: Reached, now: int) -> None:
    """Write one id's receipt, without the id, its visit and when its yeses were given.

    Its rows are also added to the receipt of the id that was asked for, so that the latter can be
    read later as it was first returned.
    """
    receipt_id = reached.request.receipt_id
    counts = (await earlier(connection, receipt_id))["counts"]
    nobody = {"visitor_id": null(), "part_of": null(), "visit_id": null()}
    await change(connection, receipt_id, completed_at=now, counts=carried_out(counts), **nobody)
    under = counts.get(UNDER_WAY, {}).get("receipt_id", receipt_id)
    asked = await earlier(connection, under)
    added: dict[str, Any] = {"counts": _with(asked["counts"], reached), "bytes_gone_at": None}
    if asked["completed_at"] is not None:
        added["completed_at"] = now
    await change(connection, under, **added)


def _with(counts: dict[str, Any], reached: Reached) -> dict[str, Any]:
    rows = dict(Counter(rows_by_holder(counts)) + Counter(reached.rows))
    if not reached.removed.events:
        return {**counts, **rows}
    removed = Removed.read(counts.get(REMOVED)).plus(reached.removed)
    return {**counts, **rows, REMOVED: removed.as_counts()}


async def waiting(connection: AsyncConnection, ids: Sequence[str] | None = None) -> list[Request]:
    """Return the requests that are not carried out, parts first; with `ids`, parts of these."""
    asked = select(erasures).where(_TABLE.completed_at.is_(None)).order_by(_TABLE.part.is_(None))
    if ids is not None:
        asked = asked.where(_TABLE.part_of.in_(ids))
    named = asked.where(or_(_TABLE.visitor_id.is_not(None), _TABLE.part_of.is_not(None)))
    rows = [dict(row) for row in (await connection.execute(named)).mappings()]
    return [
        Request(row["site_id"], row["part_of"] or row["visitor_id"], part_in(row)) for row in rows
    ]


async def is_under_way(connection: AsyncConnection, site_id: int, ids: Sequence[str]) -> bool:
    """Return whether one of these ids is being erased, in whole or in part."""
    found = await waiting(connection)
    return any(one.site_id == site_id and one.visitor_id in ids for one in found)


async def given(connection: AsyncConnection, request: Request) -> list[int]:
    """Return when the first and the last yes that go were given; [] where none goes."""
    if request.part is not None:
        return []
    table = consent_records.c
    theirs = (table.site_id == request.site_id) & (table.visitor_id == request.visitor_id)
    time = table.event_time
    asked = select(func.min(time), func.max(time)).where(theirs, table.state.in_(OPEN_STATES))
    return [at for at in (await connection.execute(asked)).one() if at is not None]


async def earlier(connection: AsyncConnection, receipt_id: str) -> Any:
    """Return the row of a receipt's number, or None."""
    statement = select(erasures).where(_TABLE.receipt_id == receipt_id)
    return (await connection.execute(statement)).mappings().first()


async def change(connection: AsyncConnection, receipt_id: str, **values: Any) -> None:
    """Change the row of a receipt's number."""
    row = update(erasures).where(_TABLE.receipt_id == receipt_id)
    await connection.execute(row.values(**values))


async def is_erased(connection: AsyncConnection, site_id: int, visitor_id: str) -> bool:
    """Return whether an id was erased or is to be, so that no id may be linked with it."""
    return await earlier(connection, receipt_id_of(site_id, visitor_id)) is not None

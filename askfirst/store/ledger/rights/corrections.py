"""Corrections in the ledger: read for the events that come, and forgotten in part later."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, case, delete, insert, null, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS
from askfirst.rules.corrections import Correction, detached_visit
from askfirst.store.ledger.erasure_receipts import VISIT, receipt_id_of
from askfirst.store.ledger.tables import corrections, erasures

LATE_MS = 3 * DAY_MS
"""For how long events may come late: pages send them for a day, and what waits is shipped then."""
NOBODYS = "-"
"""Instead of the id of a visit that was detached."""
_TABLE = corrections.c
_KNOWN_LATE = ("last_visit", "visit_first", "visit_last", "page_mark", "detached_id")
_READ = (
    _TABLE.kind,
    _TABLE.to_value,
    _TABLE.corrected_at,
    _TABLE.visit_id,
    _TABLE.last_visit,
    _TABLE.page_mark,
    _TABLE.detached_id,
    _TABLE.visit_first,
    _TABLE.visit_last,
)


async def corrections_by_site(
    connection: AsyncConnection,
) -> dict[int, dict[str, tuple[Correction, ...]]]:
    """Return the corrections of every visitor, by site and visitor id, in their order."""
    found: dict[int, dict[str, tuple[Correction, ...]]] = {}
    rows = await connection.execute(
        select(_TABLE.site_id, _TABLE.visitor_id, *_READ).order_by(_TABLE.id)
    )
    for site_id, visitor_id, *said in rows:
        known = found.setdefault(site_id, {})
        known[visitor_id] = (*known.get(visitor_id, ()), _correction(*said))
    return found


def _correction(*row: Any) -> Correction:
    kind, to_value, corrected_at, *rest = row
    names = ("visit_id", "last_visit", "page", "detached_id", "first", "last")
    known = {name: value for name, value in zip(names, rest, strict=True) if value is not None}
    return Correction(kind=kind, to=to_value, until=corrected_at, **known)


async def forget_late(connection: AsyncConnection, now: int) -> bool:
    """Forget hidden pages and detached visits which are complete; return whether there were any.

    No event of them can come any more. A value that was corrected in a visit which was detached
    later is of no visit then. That a detached visit was erased stays known, for restored backups;
    while its erasure is under way the visit is not complete.
    """
    done = _TABLE.applied_at < now - LATE_MS
    under_way = await _keep_erased(connection, done)
    done &= _TABLE.id.not_in(under_way)
    detached = select(_TABLE.site_id, _TABLE.visit_id).where(done, _TABLE.kind == "visit")
    of_them = tuple_(_TABLE.site_id, _TABLE.visit_id).in_(detached)
    nobodys = update(corrections).where(_TABLE.kind != "visit", of_them)
    await connection.execute(nobodys.values(visit_id=NOBODYS))
    known = or_(*(corrections.c[name].is_not(None) for name in _KNOWN_LATE))
    own = {"visit_id": case((_TABLE.kind == "visit", null()), else_=_TABLE.visit_id)}
    forgetting = update(corrections).where(known, done)
    forgotten = await connection.execute(
        forgetting.values(own | {name: null() for name in _KNOWN_LATE})
    )
    return bool(forgotten.rowcount)


async def _keep_erased(connection: AsyncConnection, which: ColumnElement[bool]) -> list[int]:
    """Note detached visits that were erased as erasures of the visits that they were before.

    The new id says nothing of anybody then, and without this a backup would bring the visit back.
    Return the rows of those whose erasure is under way: of these nothing is noted.
    """
    asked = select(_TABLE.id, _TABLE.site_id, _TABLE.detached_id, _TABLE.which)
    detached = asked.where(which, _TABLE.detached_id.is_not(None))
    under_way: list[int] = []
    for row_id, site_id, detached_id, before in (await connection.execute(detached)).all():
        number = erasures.c.receipt_id == receipt_id_of(site_id, detached_id)
        erased = (await connection.execute(select(erasures).where(number))).mappings().first()
        if erased is None:
            continue
        if erased["bytes_gone_at"] is None:
            under_way.append(row_id)
            continue
        nobody = dict.fromkeys(("visitor_id", "part_of", "visit_id"))
        visit = {**erased, **nobody, "receipt_id": before, "part": VISIT, "counts": {}}
        await connection.execute(insert(erasures).prefix_with("OR IGNORE").values(visit))
    return under_way


async def forget_old_ids(connection: AsyncConnection, whose: ColumnElement[bool]) -> None:
    """Name detached visits by their new ids alone; to be called when what is stored has these.

    What was corrected in such a visit before follows, so that an event of it that comes late does.
    """
    waiting = whose & (_TABLE.kind == "visit") & _TABLE.applied_at.is_(None)
    asked = select(_TABLE.site_id, _TABLE.visitor_id, _TABLE.visit_id, _TABLE.detached_id)
    for site_id, visitor_id, old, detached_id in await connection.execute(asked.where(waiting)):
        mine = (_TABLE.site_id == site_id) & (_TABLE.visitor_id == visitor_id)
        for name in ("visit_id", "last_visit"):
            named = update(corrections).where(mine, _TABLE[name] == old)
            await connection.execute(named.values({name: detached_visit(detached_id)}))


async def named_visits(connection: AsyncConnection, whose: ColumnElement[bool]) -> set[str]:
    """Return the visits that some corrections name, without those that were detached."""
    asked = select(_TABLE.kind, _TABLE.visit_id, _TABLE.last_visit).where(whose)
    rows = (await connection.execute(asked)).all()
    named = {one for row in rows for one in (row.visit_id, row.last_visit) if one}
    return named - {NOBODYS, *(row.visit_id for row in rows if row.kind == "visit")}


async def forget_named(
    connection: AsyncConnection, whose: ColumnElement[bool], visits: Collection[str]
) -> None:
    """Delete the corrections that are of these visits, and take their ids out of the others."""
    await connection.execute(delete(corrections).where(whose, _TABLE.visit_id.in_(visits)))
    others = update(corrections).where(whose, _TABLE.last_visit.in_(visits))
    await connection.execute(others.values(last_visit=null()))


async def forget_before(connection: AsyncConnection, site_id: int, time: int) -> bool:
    """Delete what visitors of a site corrected before a time (ms); return whether there was any."""
    over = (_TABLE.site_id == site_id) & (_TABLE.corrected_at < time)
    done = over & _TABLE.applied_at.is_not(None)
    return bool((await connection.execute(delete(corrections).where(done))).rowcount)

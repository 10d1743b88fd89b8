"""Erasing a visitor everywhere: the ledger records the request first, so a crash only delays it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import UNDER_WAY, receipt_id_of, rows_by_holder
from askfirst.store.ledger.tables import consent_records, erasures
from askfirst.store.ledger.visitor_links import forget_links, linked_ids
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import KEPT_BY_ERASE, PersonalData
from consent.proof.records import BY_VISITOR, OPEN_STATES
from consent.rights.withdrawal import withdraw_visitor

Count = Callable[[int, int], None]
"""Counts a yes that an erasure withdrew: the site's number and the version it was given to."""
Quiet = Callable[[], AbstractAsyncContextManager[None]]
"""Pauses shipping while the block runs, so that no row moves from one store to the next."""


@dataclass(frozen=True)
class ErasureReceipt:
    """What remains of an erasure: its number, when it was done, and what it reached.

    `places` has the number of rows of each table, such as `warehouse.events`, and `rows` their sum.
    `identifiers` is the number of visitor ids; `first_given` and `last_given` are when their first
    and last yes were given, None where there is none. Times are milliseconds since the epoch.
    Where nothing was left, `rows` and `identifiers` are 0.
    """

    receipt_id: str
    completed_at: int
    rows: int
    identifiers: int = 0
    first_given: int | None = None
    last_given: int | None = None
    places: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Reached:
    """What the erasure of one id reached: rows by table, and when its yeses were given."""

    visitor_id: str
    rows: dict[str, int]
    given: list[int]


class Eraser:
    """Erases visitors one at a time; `resume` continues after a crash at any step.

    The steps: (1) record the requests for every id of the visitor and the withdrawals, in one
    transaction, with the gate refusing the consents first; then for each id (2) count its rows and
    record the counts, and (3) erase the rows of every table; (4) write the receipts, which forget
    the ids and their links; (5) empty the ledger's write-ahead log, which still holds old pages.
    """

    def __init__(
        self,
        ledger: Ledger,
        personal_data: PersonalData,
        withdrawn: Withdrawn,
        clock: Clock,
        quiet: Quiet,
        count: Count,
    ) -> None:
        self._ledger = ledger
        self._personal_data = personal_data
        self._withdrawn = withdrawn
        self._clock = clock
        self._quiet = quiet
        self._count = count
        self._one_at_a_time = asyncio.Lock()

    async def erase(self, site_id: int, visitor_id: str, by: str = BY_VISITOR) -> ErasureReceipt:
        """Withdraw and erase everything of the browser that has, or had, this visitor id.

        `by` is who erases, for the records that end the consents. The receipt's number is made from
        this id; a second erasure returns the same number and 0 rows.
        """
        async with self._one_at_a_time:
            async with self._ledger.read() as connection:
                ids = await linked_ids(connection, site_id, visitor_id)
            asked = await self._request(site_id, ids, visitor_id, by)
            return await self._carry_out(site_id, asked, visitor_id)

    async def erase_alone(self, site_id: int, visitor_ids: Sequence[str]) -> ErasureReceipt:
        """Withdraw and erase these ids, and leave others of the same browser as they are.

        The receipt's number is made from the last of them that any table has.
        """
        async with self._one_at_a_time:
            asked = await self._request(site_id, visitor_ids)
            return await self._carry_out(site_id, asked, [*visitor_ids, *asked][-1])

    async def resume(self) -> int:
        """Finish the erasures that were interrupted; return the number of visitor ids."""
        columns = (erasures.c.site_id, erasures.c.visitor_id)
        waiting = select(*columns).where(erasures.c.completed_at.is_(None))
        async with self._one_at_a_time:
            await self._withdrawn.refresh()
            async with self._ledger.read() as connection:
                found = (await connection.execute(waiting)).all()
            for site_id, visitor_id in found:
                await self._carry_out(site_id, [visitor_id], visitor_id)
            await self._ledger.checkpoint()
        return len(found)

    async def _request(
        self, site_id: int, ids: Sequence[str], whose: str | None = None, by: str = BY_VISITOR
    ) -> list[str]:
        """Record the requests and withdraw; return the ids, none where nothing is left of them.

        An id that was linked with `whose` since its ids were read is included.
        """
        found = [await self._personal_data.holds(site_id, one) for one in ids]
        ended: list[int] = []
        with self._withdrawn.marked_before_commit(self._clock) as mark:
            async with self._ledger.write() as connection:
                if whose is None:
                    linked = [one for one, any_row in zip(ids, found, strict=True) if any_row]
                else:
                    linked = await linked_ids(connection, site_id, whose)
                    if not any(found) and linked == list(ids):
                        return []
                receipt_id = receipt_id_of(site_id, whose or [*ids, *linked][-1])
                for one in linked:
                    ended += await withdraw_visitor(connection, site_id, one, mark, by)
                    await _ask(connection, site_id, one, receipt_id, self._clock())
        for version in ended:
            self._count(site_id, version)
        return linked

    async def _carry_out(self, site_id: int, ids: Sequence[str], asked: str) -> ErasureReceipt:
        reached = [await self._erase_one(site_id, one) for one in ids]
        receipt_id, now = receipt_id_of(site_id, asked), self._clock()
        async with self._ledger.write() as connection:
            earlier = await _earlier(connection, receipt_id)
            for one in reached:
                await _complete(connection, site_id, one, now)
            await forget_links(connection, site_id, ids)
        if not reached:
            return ErasureReceipt(receipt_id, earlier["completed_at"] if earlier else now, 0)
        await self._ledger.checkpoint()
        return _receipt(receipt_id, now, reached)

    async def _erase_one(self, site_id: int, visitor_id: str) -> _Reached:
        """Erase one id; rows that were counted and erased before a crash are reported too."""
        async with self._quiet():
            rows, given = await self._counted(site_id, visitor_id)
            gone = await self._personal_data.erase(site_id, visitor_id)
        reached = {place: max(rows.get(place, 0), n) for place, n in gone.items()}
        return _Reached(
            visitor_id, {p: n for p, n in reached.items() if p not in KEPT_BY_ERASE}, given
        )

    async def _counted(self, site_id: int, visitor_id: str) -> tuple[dict[str, int], list[int]]:
        """Count an id's rows and record the counts, or return those recorded before a crash."""
        receipt_id = receipt_id_of(site_id, visitor_id)
        async with self._ledger.read() as connection:
            counts = (await _earlier(connection, receipt_id))["counts"]
            given = await _given(connection, site_id, visitor_id)
        known = counts.get(UNDER_WAY, {})
        if "rows" not in known:
            known |= {"rows": await self._personal_data.count(site_id, visitor_id), "given": given}
            async with self._ledger.write() as connection:
                values = {"counts": {**counts, UNDER_WAY: known}}
                await connection.execute(_row(receipt_id).values(**values))
        return known["rows"], known["given"]


async def is_erased(connection: AsyncConnection, site_id: int, visitor_id: str) -> bool:
    """Return whether an id was erased or is to be, so that no id may be linked with it."""
    return await _earlier(connection, receipt_id_of(site_id, visitor_id)) is not None


def _receipt(receipt_id: str, now: int, reached: Sequence[_Reached]) -> ErasureReceipt:
    places: Counter[str] = Counter()
    for one in reached:
        places.update(one.rows)
    given = [time for one in reached for time in one.given]
    return ErasureReceipt(
        receipt_id=receipt_id,
        completed_at=now,
        rows=places.total(),
        identifiers=len(reached),
        first_given=min(given, default=None),
        last_given=max(given, default=None),
        places=dict(places),
    )


async def _ask(
    connection: AsyncConnection, site_id: int, visitor_id: str, under: str, now: int
) -> None:
    """Record one id's request, or reopen an earlier one; `under` is the receipt to count it in."""
    receipt_id = receipt_id_of(site_id, visitor_id)
    earlier = await _earlier(connection, receipt_id)
    counts = dict(earlier["counts"]) if earlier else {}
    counts[UNDER_WAY] = {**counts.get(UNDER_WAY, {}), "receipt_id": under}
    asking = {"visitor_id": visitor_id, "completed_at": None, "bytes_gone_at": None}
    if earlier:
        await connection.execute(_row(receipt_id).values(**asking, counts=counts))
        return
    first = {"receipt_id": receipt_id, "site_id": site_id, "requested_at": now, "counts": counts}
    await connection.execute(insert(erasures).values(**first, **asking))


async def _complete(connection: AsyncConnection, site_id: int, reached: _Reached, now: int) -> None:
    """Write one id's receipt, without the id and without when its yeses were given.

    Its rows are also added to the receipt of the id that was asked for, so that the latter can be
    read later as it was first returned.
    """
    receipt_id = receipt_id_of(site_id, reached.visitor_id)
    counts = (await _earlier(connection, receipt_id))["counts"]
    done = {"completed_at": now, "counts": rows_by_holder(counts), "visitor_id": null()}
    await connection.execute(_row(receipt_id).values(**done))
    under = counts.get(UNDER_WAY, {}).get("receipt_id", receipt_id)
    asked = await _earlier(connection, under)
    total = dict(Counter(rows_by_holder(asked["counts"])) + Counter(reached.rows))
    added: dict[str, Any] = {"counts": {**asked["counts"], **total}, "bytes_gone_at": None}
    if asked["completed_at"] is not None:
        added["completed_at"] = now
    await connection.execute(_row(under).values(**added))


async def _given(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[int]:
    """Return when the first and the last yes of an id were given; [] where there is none."""
    table = consent_records.c
    theirs = (table.site_id == site_id) & (table.visitor_id == visitor_id)
    time = table.event_time
    asked = select(func.min(time), func.max(time)).where(theirs, table.state.in_(OPEN_STATES))
    return [at for at in (await connection.execute(asked)).one() if at is not None]


async def _earlier(connection: AsyncConnection, receipt_id: str) -> Any:
    statement = select(erasures).where(erasures.c.receipt_id == receipt_id)
    return (await connection.execute(statement)).mappings().first()


def _row(receipt_id: str) -> Any:
    return update(erasures).where(erasures.c.receipt_id == receipt_id)

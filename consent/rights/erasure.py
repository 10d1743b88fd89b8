"""Erasing a visitor everywhere: the ledger records the request first, so a crash only delays it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from askfirst.clock import Clock
from askfirst.errors import Unavailable
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import REMOVED, UNDER_WAY, receipt_id_of
from askfirst.store.ledger.visitor_links import forget_links, linked_ids
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import KEPT_BY_ERASE, PersonalData, Row
from consent.proof.records import BY_VISITOR
from consent.rights.erasure_receipt import Asked, ErasureReceipt, receipt_of
from consent.rights.erasure_requests import (
    Reached,
    Request,
    ask,
    change,
    complete,
    earlier,
    given,
    waiting,
)
from consent.rights.parts import Part
from consent.rights.removed import Removed
from consent.rights.withdrawal import withdraw_visitor

__all__ = ["Count", "Eraser", "ErasureReceipt", "Pauses", "Quiet"]

Count = Callable[[int, int], None]
"""Counts a yes that an erasure withdrew: the site's number and the version it was given to."""
Quiet = Callable[[], AbstractAsyncContextManager[None]]
"""Pauses shipping while the block runs, so that no row moves from one store to the next."""


@dataclass(frozen=True)
class Pauses:
    """The pauses of shipping: `quiet`, and `settled`, before which what waits is shipped.

    An event has a visit only when it is shipped; so what is a part of a visitor is known then.
    """

    quiet: Quiet
    settled: Quiet


class Eraser:
    """Erases visitors one at a time; `resume` continues after a crash at any step.

    The steps: (1) record the requests for every id of the visitor and, unless only a part goes, the
    withdrawals, in one transaction, with the gate refusing the consents first; then for each id
    (2) count its rows and record the counts, and (3) erase the rows of every table; (4) write the
    receipts, which forget the ids, their links and the visit that was asked for; (5) empty the
    ledger's write-ahead log, which still holds old pages.
    """

    def __init__(
        self,
        ledger: Ledger,
        personal_data: PersonalData,
        withdrawn: Withdrawn,
        clock: Clock,
        pauses: Pauses,
        count: Count,
    ) -> None:
        self._ledger = ledger
        self._personal_data = personal_data
        self._withdrawn = withdrawn
        self._clock = clock
        self._pauses = pauses
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
            return await self._carry_out_whole(site_id, asked, visitor_id)

    async def erase_alone(self, site_id: int, visitor_ids: Sequence[str]) -> ErasureReceipt:
        """Withdraw and erase these ids, and leave others of the same browser as they are.

        The receipt's number is made from the last of them that any table has.
        """
        async with self._one_at_a_time:
            asked = await self._request(site_id, visitor_ids)
            return await self._carry_out_whole(site_id, asked, [*visitor_ids, *asked][-1])

    async def erase_part(
        self, site_id: int, visitor_id: str, part: Part, by: str = BY_VISITOR
    ) -> ErasureReceipt:
        """Erase a visit or a span of time, under every id of the browser; nothing is withdrawn.

        `by` is who erases. The receipt's number is made from this id and the part. Where nothing
        of it is this browser's (another's visit, an unknown one), 0 rows are told and nothing is
        recorded. What comes after this call is recorded: the consent is in force.
        """
        mine = Request(site_id, visitor_id, part)
        async with self._one_at_a_time:
            requests = await self._request_part(mine, by) if await self._has(mine) else []
            return await self._carry_out(requests, mine.receipt_id, part)

    async def resume(self) -> int:
        """Finish the erasures that were interrupted; return the number of visitor ids."""
        async with self._one_at_a_time:
            await self._withdrawn.refresh()
            async with self._ledger.read() as connection:
                found = await waiting(connection)
            for request in found:
                await self._carry_out([request], request.receipt_id, request.part)
            await self._ledger.checkpoint()
        return len(found)

    async def _has(self, request: Request) -> bool:
        """Return whether a part holds an event of the browser, or may: it cannot be read now."""
        async with self._ledger.read() as connection:
            ids = await linked_ids(connection, request.site_id, request.visitor_id)
        of_ids = [Request(request.site_id, one, request.part) for one in ids]
        try:
            async with self._pauses.settled():
                found = [await self._rows(one) for one in of_ids]
        except Unavailable:
            return True
        return any(rows for holders in found for rows in holders.values())

    async def _request_part(self, mine: Request, by: str) -> list[Request]:
        """Record the requests for a part, under every id of the browser."""
        async with self._ledger.write() as connection:
            ids = await linked_ids(connection, mine.site_id, mine.visitor_id)
            requests = [Request(mine.site_id, one, mine.part) for one in ids]
            for request in requests:
                await ask(connection, request, mine.receipt_id, by, self._clock())
        return requests

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
                    await ask(connection, Request(site_id, one), receipt_id, by, self._clock())
        for version in ended:
            self._count(site_id, version)
        return linked

    async def _carry_out_whole(
        self, site_id: int, ids: Sequence[str], asked: str
    ) -> ErasureReceipt:
        """Erase ids, after the parts of them that a crash has left: these have own receipts."""
        async with self._ledger.read() as connection:
            parts = await waiting(connection, ids)
        for one in parts:
            await self._carry_out([one], one.receipt_id, one.part)
        requests = [Request(site_id, one) for one in ids]
        return await self._carry_out(requests, receipt_id_of(site_id, asked))

    async def _carry_out(
        self, requests: Sequence[Request], receipt_id: str, part: Part | None = None
    ) -> ErasureReceipt:
        reached = [await self._erase_one(request) for request in requests]
        now = self._clock()
        async with self._ledger.write() as connection:
            known = await earlier(connection, receipt_id)
            for one in reached:
                await complete(connection, one, now)
                if one.request.part is None:
                    await forget_links(connection, one.request.site_id, [one.request.visitor_id])
        asked = Asked.of(receipt_id, part, known)
        if not reached:
            done = known["completed_at"] if known else now
            return receipt_of(asked, done, [])
        await self._ledger.checkpoint()
        return receipt_of(asked, now, reached)

    async def _erase_one(self, request: Request) -> Reached:
        """Erase one id; rows that were counted and erased before a crash are reported too."""
        pause = self._pauses.quiet if request.part is None else self._pauses.settled
        async with pause():
            counted = await self._counted(request)
            gone = await self._erase_rows(request)
        reached = {place: max(counted["rows"].get(place, 0), n) for place, n in gone.items()}
        return Reached(
            request,
            {place: n for place, n in reached.items() if place not in KEPT_BY_ERASE},
            Removed.read(counted[REMOVED]),
            counted["given"],
        )

    async def _erase_rows(self, request: Request) -> dict[str, int]:
        site_id, visitor_id, part = request.site_id, request.visitor_id, request.part
        if part is None:
            return await self._personal_data.erase(site_id, visitor_id)
        holders = self._personal_data.events_holders
        with self._personal_data.without_copies(site_id, visitor_id):
            gone = {one.name: await part.erase_from(one, site_id, visitor_id) for one in holders}
            await self._personal_data.forget_gone_visits(site_id, visitor_id)
        return gone

    async def _rows(self, request: Request) -> dict[str, list[Row]]:
        """Return the rows that a request is about, by holder."""
        site_id, visitor_id, part = request.site_id, request.visitor_id, request.part
        if part is None:
            return await self._personal_data.rows_of(site_id, [visitor_id])
        found = await self._personal_data.events_of(site_id, visitor_id)
        return {name: [row for row in rows if part.covers(row)] for name, rows in found.items()}

    async def _counted(self, request: Request) -> dict[str, Any]:
        """Count an id's rows and record the counts, with those recorded before a crash."""
        rows = await self._rows(request)
        async with self._ledger.write() as connection:
            counts = (await earlier(connection, request.receipt_id))["counts"]
            known = counts.get(UNDER_WAY, {})
            if "rows" not in known:
                known |= {"rows": _numbers(rows), "given": await given(connection, request)}
            removed = Removed.of(self._events(rows)).or_more(Removed.read(known.get(REMOVED)))
            known |= {REMOVED: removed.as_counts()}
            values = {"counts": {**counts, UNDER_WAY: known}}
            await change(connection, request.receipt_id, **values)
        return dict(known)

    def _events(self, rows: Mapping[str, list[Row]]) -> Iterable[Row]:
        return [row for one in self._personal_data.events_holders for row in rows[one.name]]


def _numbers(rows: Mapping[str, list[Row]]) -> dict[str, int]:
    return {name: 0 if name in KEPT_BY_ERASE else len(found) for name, found in rows.items()}

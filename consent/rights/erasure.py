"""Erasing a visitor everywhere: the ledger records the request first, so a crash only delays it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from consent.rights.withdrawal import Ending, withdraw_all

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


AT_ONCE = 25
"""Ids of one person that are erased in one pause of shipping; other erasures come in between."""


class InHand:
    """The visitor ids that are being erased: whoever wants one of them waits until it is free.

    Erasures of different people go side by side, and those of one person one after the other.
    """

    def __init__(self) -> None:
        self._ids: set[tuple[int, str]] = set()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def take(self, wanted: Sequence[tuple[int, str]]) -> AsyncIterator["Taken"]:
        """Take ids as soon as all of them are free, and give them back after the block."""
        while not self._ids.isdisjoint(wanted):
            await self._freed.wait()
        taken = Taken(self._ids, set())
        taken.more(wanted)
        try:
            yield taken
        finally:
            self._ids -= taken.own
            freed, self._freed = self._freed, asyncio.Event()
            freed.set()

    def free_among(self, requests: Sequence[Request]) -> list[Request]:
        """Return the requests of ids that nobody has in hand."""
        return [one for one in requests if (one.site_id, one.visitor_id) not in self._ids]


@dataclass(frozen=True)
class Taken:
    """The ids that one erasure has in hand, among those of all."""

    every: set[tuple[int, str]]
    own: set[tuple[int, str]]

    def more(self, ids: Sequence[tuple[int, str]]) -> bool:
        """Take ids too, without waiting; return False where another erasure has one of them."""
        wanted = set(ids) - self.own
        if not self.every.isdisjoint(wanted):
            return False
        self.every.update(wanted)
        self.own.update(wanted)
        return True


class Eraser:
    """Erases visitors, several ids of one in one pass; `resume` continues after a crash.

    The steps: (1) record the requests for every id of the visitor and, unless only a part goes, the
    withdrawals, in one transaction, with the gate refusing the consents first; then for some ids at
    a time (2) count their rows and record the counts, and (3) erase the rows of every table; (4)
    write the receipts, which forget the ids, their links and the visit that was asked for; (5)
    empty the ledger's write-ahead log, which still holds old pages.
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
        self._in_hand = InHand()

    async def erase(self, site_id: int, visitor_id: str, by: str = BY_VISITOR) -> ErasureReceipt:
        """Withdraw and erase everything of the browser that has, or had, this visitor id.

        `by` is who erases, for the records that end the consents. The receipt's number is made from
        this id; a second erasure returns the same number and 0 rows.
        """
        while True:
            ids = await self._linked(site_id, visitor_id)
            async with self._in_hand.take([(site_id, one) for one in ids]) as taken:
                asked = await self._request(site_id, ids, taken, visitor_id, by)
                if asked is not None:
                    return await self._carry_out_whole(site_id, asked, visitor_id)

    async def erase_alone(self, site_id: int, visitor_ids: Sequence[str]) -> ErasureReceipt:
        """Withdraw and erase these ids, and leave others of the same browser as they are.

        The receipt's number is made from the last of them that any table has.
        """
        async with self._in_hand.take([(site_id, one) for one in visitor_ids]) as taken:
            asked = await self._request(site_id, visitor_ids, taken) or []
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
        while True:
            ids = await self._linked(site_id, visitor_id)
            async with self._in_hand.take([(site_id, one) for one in ids]) as taken:
                has = await self._has(mine, ids)
                requests = await self._request_part(mine, taken, by) if has else []
                if requests is not None:
                    return await self._carry_out(requests, mine.receipt_id, part)

    async def resume(self) -> int:
        """Finish the erasures that were interrupted; return the number of visitor ids."""
        await self._withdrawn.refresh()
        async with self._ledger.read() as connection:
            found = self._in_hand.free_among(await waiting(connection))
        async with self._in_hand.take([(one.site_id, one.visitor_id) for one in found]):
            async with self._ledger.read() as connection:
                left = [one for one in await waiting(connection) if one in found]
            for request in left:
                await self._carry_out([request], request.receipt_id, request.part)
        await self._ledger.checkpoint()
        return len(found)

    async def _linked(self, site_id: int, visitor_id: str) -> list[str]:
        async with self._ledger.read() as connection:
            return await linked_ids(connection, site_id, visitor_id)

    async def _has(self, request: Request, ids: Sequence[str]) -> bool:
        """Return whether a part holds an event of the browser, or may: it cannot be read now."""
        part = request.part
        try:
            async with self._pauses.settled():
                found = await self._personal_data.events_of(request.site_id, *ids)
        except Unavailable:
            return True
        return any(part is None or part.covers(row) for rows in found.values() for row in rows)

    async def _request_part(self, mine: Request, taken: Taken, by: str) -> list[Request] | None:
        """Record the requests for a part, under every id of the browser.

        None: one that was linked since is being erased, and nothing is recorded.
        """
        async with self._ledger.write() as connection:
            ids = await linked_ids(connection, mine.site_id, mine.visitor_id)
            if not taken.more([(mine.site_id, one) for one in ids]):
                return None
            requests = [Request(mine.site_id, one, mine.part) for one in ids]
            for request in requests:
                await ask(connection, request, mine.receipt_id, by, self._clock())
        return requests

    async def _request(
        self,
        site_id: int,
        ids: Sequence[str],
        taken: Taken,
        whose: str | None = None,
        by: str = BY_VISITOR,
    ) -> list[str] | None:
        """Record the requests and withdraw; return the ids, none where nothing is left of them.

        An id that was linked with `whose` since its ids were read is included. None: such an id is
        being erased, and nothing is recorded.
        """
        holds = self._personal_data.holds
        if whose is None:
            found = [one for one in ids if await holds(site_id, one)]
        else:
            found = list(ids) if await holds(site_id, *ids) else []
        ended: list[int] = []
        with self._withdrawn.marked_before_commit(self._clock) as mark:
            async with self._ledger.write() as connection:
                linked = found
                if whose is not None:
                    linked = await linked_ids(connection, site_id, whose)
                    if not found and linked == list(ids):
                        return []
                    if not taken.more([(site_id, one) for one in linked]):
                        return None
                receipt_id = receipt_id_of(site_id, whose or [*ids, *linked][-1])
                ended += await withdraw_all(
                    connection, site_id, linked, mark, Ending("erasure", by)
                )
                for one in linked:
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
        reached: list[Reached] = []
        at_once = AT_ONCE if part is None else 1
        for start in range(0, len(requests), at_once):
            reached += await self._erase_some(requests[start : start + at_once])
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

    async def _erase_some(self, requests: Sequence[Request]) -> list[Reached]:
        """Erase some ids of a site; rows that were counted and erased before a crash are told too.

        Of a part it is one id.
        """
        pause = self._pauses.quiet if requests[0].part is None else self._pauses.settled
        async with pause():
            counted = await self._counted(requests)
            gone = await self._erase_rows(requests)
        places = [dict(one["rows"]) for one in counted]
        for place, number in gone.items():  # what came since it was counted is told of the last
            more = number - sum(one.get(place, 0) for one in places)
            places[-1][place] = places[-1].get(place, 0) + max(0, more)
        return [
            Reached(
                request,
                {place: n for place, n in rows.items() if place in gone.keys() - KEPT_BY_ERASE},
                Removed.read(one[REMOVED]),
                one["given"],
            )
            for request, rows, one in zip(requests, places, counted, strict=True)
        ]

    async def _erase_rows(self, requests: Sequence[Request]) -> dict[str, int]:
        site_id, part = requests[0].site_id, requests[0].part
        if part is None:
            return await self._personal_data.erase(site_id, *[one.visitor_id for one in requests])
        visitor_id = requests[0].visitor_id
        holders = self._personal_data.events_holders
        with self._personal_data.without_copies(site_id, visitor_id):
            gone = {one.name: await part.erase_from(one, site_id, visitor_id) for one in holders}
            await self._personal_data.forget_gone_visits(site_id, visitor_id)
        return gone

    async def _rows(self, requests: Sequence[Request]) -> list[dict[str, list[Row]]]:
        """Return the rows that each request is about, by holder."""
        site_id, part = requests[0].site_id, requests[0].part
        ids = [one.visitor_id for one in requests]
        if part is None:
            found = await self._personal_data.rows_of_each(site_id, ids)
            return [found[one] for one in ids]
        events = await self._personal_data.events_of(site_id, *ids)
        return [{name: [row for row in rows if part.covers(row)] for name, rows in events.items()}]

    async def _counted(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Count the rows of ids and record the counts, with those recorded before a crash."""
        found = await self._rows(requests)
        removed = await asyncio.to_thread(self._removed, found)
        recorded = []
        async with self._ledger.write() as connection:
            for request, rows, these in zip(requests, found, removed, strict=True):
                counts = (await earlier(connection, request.receipt_id))["counts"]
                known = counts.get(UNDER_WAY, {})
                if "rows" not in known:
                    known |= {"rows": _numbers(rows), "given": await given(connection, request)}
                known |= {REMOVED: these.or_more(Removed.read(known.get(REMOVED))).as_counts()}
                values = {"counts": {**counts, UNDER_WAY: known}}
                await change(connection, request.receipt_id, **values)
                recorded.append(dict(known))
        return recorded

    def _removed(self, found: Sequence[Mapping[str, list[Row]]]) -> list[Removed]:
        return [Removed.of(self._events(rows)) for rows in found]

    def _events(self, rows: Mapping[str, list[Row]]) -> Iterable[Row]:
        return [row for one in self._personal_data.events_holders for row in rows[one.name]]


def _numbers(rows: Mapping[str, list[Row]]) -> dict[str, int]:
    return {name: 0 if name in KEPT_BY_ERASE else len(found) for name, found in rows.items()}

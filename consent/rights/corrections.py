"""Correcting: a visitor says what is wrong, hides a page, or that a visit was somebody else's."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock
from askfirst.errors import Malformed, NotFound, Unavailable
from askfirst.rules.corrections import Correction
from askfirst.rules.report_rules import ReportRules
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rights.corrections import forget_before, forget_late, forget_old_ids
from askfirst.store.ledger.rules.report_rules import noting_change
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import corrections
from askfirst.store.ledger.visitor_links import linked_ids
from askfirst.store.personal_data import PersonalData, Row
from consent.proof.records import BY_VISITOR
from consent.rights.corrected_events import Asked, Known, to_record
from consent.rights.erasure import Quiet
from consent.rights.erasure_requests import is_erased
from consent.rights.hidden_pages import untold
from consent.rights.parts import Part, TimeSpan, time_of
from consent.rights.restriction import May, refuse_unless

__all__ = ["Asked", "Corrections", "Made"]

MOST = 100
"""Corrections of one person."""
Apply = Callable[[int, str, Sequence[Correction], ReportRules], Awaitable[int]]
"""Stores a visitor's events as they are corrected; returns how many that changed."""
EVENTS = "warehouse.events"
_TABLE = corrections.c


@dataclass(frozen=True)
class Made:
    """A correction that was made: when (ms), of what, from what to what; '' is not said."""

    number: str
    at: int
    kind: str
    from_value: str
    to_value: str
    of_all: bool
    """Whether it is of every visit so far."""


@dataclass(frozen=True)
class Act:
    """The act of correcting: its number, when (ms), by whom, and whether a restore repeats it.

    `may` tells within the transaction whether the proof of who corrects still holds.
    """

    number: str
    at: int
    by: str = BY_VISITOR
    is_again: bool = False
    may: May | None = None


class Corrections:
    """Corrects what is recorded of a person, under every id of the browser.

    It is on record first; what is stored follows while nothing is shipped, and after a crash by
    `resume`. What comes late follows it when it is shipped. `settled` ships what waits and then
    pauses shipping; `apply` changes what is stored.
    """

    def __init__(
        self,
        ledger: Ledger,
        book: SiteBook,
        personal_data: PersonalData,
        settled: Quiet,
        apply: Apply,
    ) -> None:
        self._ledger = ledger
        self._book = book
        self._personal_data = personal_data
        self._settled = settled
        self._apply = apply
        self._one_at_a_time = asyncio.Lock()

    async def correct(
        self, site_id: int, visitor_id: str, asked: Asked, clock: Clock, by: str = BY_VISITOR
    ) -> str:
        """Correct something, and return the number of the correction.

        `by` is who asks: `BY_VISITOR` or `BY_CONTROLLER`. Raises `NotFound` where the person has no
        such visit or page, or was erased, and `Malformed` for a value that is none, where no page
        would be left, or for too many corrections.
        """
        async with self._ledger.read() as connection:
            ids = await linked_ids(connection, site_id, visitor_id)
        act = Act(secrets.token_hex(16), clock(), by)
        return await self.correct_ids(site_id, ids, asked, act)

    async def correct_ids(self, site_id: int, ids: Sequence[str], asked: Asked, act: Act) -> str:
        """Correct something of these ids and no others, as `correct` does."""
        async with self._one_at_a_time, self._settled():
            rows: dict[str, list[Row]] = {one: [] for one in ids}
            for row in await self._events(site_id, ids):
                rows[row["visitor_id"]].append(row)
            facts = {"site_id": site_id, "number": act.number, "corrected_by": act.by}
            known = Known(site_id, rows, act.at, act.is_again)
            made = [facts | row for row in to_record(known, asked)]
            async with self._ledger.write() as connection:
                await refuse_unless(act.may, connection)
                await self._refuse(connection, site_id, ids)
                await connection.execute(insert(corrections), made)
            await self._follow(site_id, [str(row["visitor_id"]) for row in made])
        return act.number

    async def with_untold(self, site_id: int, ids: Sequence[str], part: Part) -> Part:
        """Return what goes where a part of a person goes: all, where no more could be told then.

        Where the events cannot be read now it is the part alone, which is erased when they can.
        """
        try:
            async with self._settled():
                rows = await self._events(site_id, ids)
        except Unavailable:
            return part
        if len(untold(rows, part.covers)) in (0, len(rows)):
            return part
        times = [time_of(row) for row in rows]
        return TimeSpan(min(times), max(times) + 1)

    async def _events(self, site_id: int, ids: Sequence[str]) -> list[Row]:
        return (await self._personal_data.events_of(site_id, *ids))[EVENTS] if ids else []

    async def _refuse(self, connection: AsyncConnection, site_id: int, ids: Sequence[str]) -> None:
        for one in ids:
            if await is_erased(connection, site_id, one):
                raise NotFound("There is no such visitor, or it was erased.")
        numbers = select(func.count(_TABLE.number.distinct())).where(_of(site_id, ids))
        if (await connection.scalar(numbers) or 0) >= MOST:
            raise Malformed(f"At most {MOST} corrections are kept of a person.", field="do")

    async def _follow(self, site_id: int, ids: Sequence[str]) -> None:
        """Let what is stored follow all corrections of these ids; to be called while settled."""
        await self._book.refresh()
        site = self._book.by_id(site_id)
        if site is None:
            return
        for one in dict.fromkeys(ids):
            await self._apply(site_id, one, site.corrections.get(one, ()), site.report_rules)
        every = (known.until for one in ids for known in site.corrections.get(one, ()))
        now = max(every, default=0)
        async with self._ledger.write() as connection:
            mine = _of(site_id, ids) & _TABLE.applied_at.is_(None)
            await forget_old_ids(connection, _of(site_id, ids))
            await connection.execute(update(corrections).where(mine).values(applied_at=now))
            if site.has_report_rules:  # they may say something else of what is right
                await connection.execute(noting_change(site_id, now))
        await self._book.refresh()

    async def resume(self) -> int:
        """Finish the corrections that were interrupted; return the number of visitor ids."""
        waiting = select(_TABLE.site_id, _TABLE.visitor_id).where(_TABLE.applied_at.is_(None))
        async with self._ledger.read() as connection:
            found = (await connection.execute(waiting.distinct())).all()
        for site_id, visitor_id in found:
            async with self._one_at_a_time, self._settled():
                await self._follow(site_id, [visitor_id])
        return len(found)

    async def forget(self, now: int, ended: Mapping[int, int]) -> None:
        """Forget which page was hidden and which visit detached, where no event can come late.

        `ended` has the time (ms) before which a site keeps no events: what was corrected then goes
        a day later, for a visit that goes on takes at most as long.
        """
        async with self._ledger.write() as connection:
            forgotten = [await forget_late(connection, now)]
            for site_id, time in ended.items():
                forgotten.append(await forget_before(connection, site_id, time - DAY_MS))
        if any(forgotten):
            await self._book.refresh()

    async def of(self, site_id: int, visitor_ids: Sequence[str]) -> tuple[Made, ...]:
        """Return a person's corrections, newest first; one of several ids is told once."""
        mine = select(corrections).where(_of(site_id, visitor_ids)).order_by(_TABLE.id)
        async with self._ledger.read() as connection:
            rows = (await connection.execute(mine)).mappings().all()
        found = {row["number"]: _made(row) for row in rows}
        return tuple(reversed(found.values()))


def _of(site_id: int, ids: Sequence[str]) -> Any:
    return (_TABLE.site_id == site_id) & _TABLE.visitor_id.in_(ids)


def _made(row: Any) -> Made:
    return Made(
        number=row["number"],
        at=row["corrected_at"],
        kind=row["kind"],
        from_value=row["from_value"],
        to_value=row["to_value"],
        of_all=not row["which"],
    )

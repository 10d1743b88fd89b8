"""Tallies: how often something was refused, by site, day and reason, without any identifier."""

from collections.abc import Iterable

from sqlalchemy import func, select

from askfirst.clock import Clock, utc_day
from askfirst.store.ledger.counted_events import CountedEvents
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import tallies
from askfirst.store.ledger.upsert import WaitingSums

NO_SITE = 0
"""The site number for refusals whose site is not known."""


class Tallies:
    """Sums up counts in memory, and writes them to the ledger when `flush` is called."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sums = WaitingSums(ledger, tallies)
        self._counted = CountedEvents()

    def add(self, site_id: int, reason: str, count: int = 1, time: int | None = None) -> None:
        """Count a reason for a site, on the day of a time (ms), or else today."""
        day = utc_day(self._clock() if time is None else time)
        self._sums.add(site_id, day, reason, times=count)

    def add_events(self, site_id: int, reason: str, event_ids: Iterable[str]) -> None:
        """Count events for a site today, each once however often it is sent."""
        if count := self._counted.new(site_id, event_ids, self._clock()):
            self.add(site_id, reason, count)

    async def flush(self) -> None:
        """Write the sums, as `WaitingSums` does."""
        await self._sums.flush()

    async def read(self, site_id: int, first_day: str, last_day: str) -> dict[str, int]:
        """Return the sums by reason over whole UTC days, both included."""
        await self.flush()
        chosen = (tallies.c.site_id == site_id) & tallies.c.day.between(first_day, last_day)
        sums = (
            select(tallies.c.reason, func.sum(tallies.c.count))
            .where(chosen)
            .group_by(tallies.c.reason)
        )
        async with self._ledger.read() as connection:
            return {reason: int(count) for reason, count in await connection.execute(sums)}

    async def by_day(
        self, site_id: int, first_day: str, last_day: str
    ) -> list[tuple[str, str, int]]:
        """Return (day, reason, sum) over whole UTC days, both included, oldest first."""
        await self.flush()
        chosen = (tallies.c.site_id == site_id) & tallies.c.day.between(first_day, last_day)
        rows = select(tallies.c.day, tallies.c.reason, tallies.c.count).where(chosen)
        async with self._ledger.read() as connection:
            found = await connection.execute(rows.order_by(tallies.c.day, tallies.c.reason))
            return [(day, reason, int(count)) for day, reason, count in found]

    async def totals(self) -> list[tuple[int, str, int]]:
        """Return (number of the site or `NO_SITE`, reason, sum) over all time."""
        await self.flush()
        rows = select(tallies.c.site_id, tallies.c.reason, func.sum(tallies.c.count))
        grouped = rows.group_by(tallies.c.site_id, tallies.c.reason)
        async with self._ledger.read() as connection:
            found = await connection.execute(grouped)
            return [(site_id, reason, int(count)) for site_id, reason, count in found]

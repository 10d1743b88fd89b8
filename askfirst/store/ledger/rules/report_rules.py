"""Storing an owner's rules for the reports, and whether what is stored follows them yet."""

from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from askfirst.errors import Malformed
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import left_out_visitors, sites

MOST_VISITORS = 200
"""Visitors whom a site leaves out."""


class RulesOfSites:
    """Changes the rules of sites, in the ledger and then in the book.

    Whatever changes them notes since when stored events do not follow them (`rules_changed_at`),
    in the same transaction; `followed` takes the note away.
    """

    def __init__(self, ledger: Ledger, book: SiteBook) -> None:
        self._ledger = ledger
        self._book = book

    async def save(self, site: Site, rules: ReportRules, now: int) -> None:
        """Store all rules of a site."""
        await self._write(
            noting_change(site.id, now).values(report_rules=msgspec.to_builtins(rules))
        )

    async def follow_again(self, site: Site, now: int) -> None:
        """Note that stored events may not follow the rules any more."""
        await self._write(noting_change(site.id, now))

    async def leave_out(self, site: Site, visitor_id: str, now: int, *, left_out: bool) -> None:
        """Leave a visitor out of the reports, or count the visitor again.

        Raises `Malformed` where too many are left out.
        """
        mine = (left_out_visitors.c.site_id == site.id) & (
            left_out_visitors.c.visitor_id == visitor_id
        )
        others = select(func.count()).where(left_out_visitors.c.site_id == site.id)
        row = {"site_id": site.id, "visitor_id": visitor_id, "left_out_at": now}
        async with self._ledger.write() as connection:
            await connection.execute(delete(left_out_visitors).where(mine))
            if left_out:
                if (await connection.scalar(others) or 0) >= MOST_VISITORS:
                    raise Malformed(f"At most {MOST_VISITORS} visitors can be left out.")
                await connection.execute(insert(left_out_visitors).values(row))
            await connection.execute(noting_change(site.id, now))
        await self._book.refresh()

    async def followed(self, site: Site) -> None:
        """Note that stored events follow these rules, unless they were changed meanwhile."""
        same = (sites.c.id == site.id) & (sites.c.rules_changed_at == site.rules_changed_at)
        await self._write(update(sites).where(same).values(rules_changed_at=None))

    async def _write(self, statement: Any) -> None:
        async with self._ledger.write() as connection:
            await connection.execute(statement)
        await self._book.refresh()


def noting_change(site_id: int, now: int) -> Any:
    """Return the statement that notes a change, by a number that no earlier one has."""
    alive = (sites.c.id == site_id) & sites.c.deleted_at.is_(None)
    following = func.max(func.coalesce(sites.c.rules_changed_at, 0) + 1, now)
    return update(sites).where(alive).values(rules_changed_at=following)

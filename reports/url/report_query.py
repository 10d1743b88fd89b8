"""From a request to a site, a period and a scope, and to the answer of a query."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd
from starlette.requests import Request

from askfirst.clock import MONTH, as_datetime
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.goals import Goal, GoalBook
from askfirst.store.warehouse.compiled import Question
from reports.dependencies import Dependencies
from reports.questions.scope import NOT_SUMMARISED, Scope, Summarised, scope_between
from reports.questions.span import span
from reports.saved.segments import SavedSegment, SavedSegments
from reports.url.periods import Period, Window, read_period
from reports.url.steps import moment_of, ms_of

T = TypeVar("T")
_TRIES = 3


class ReportQuery:
    """Reads a request into a site, a period and a scope, and runs queries."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def site(self, request: Request) -> Site:
        """Return the site of the address; raises `NotFound`."""
        return self._deps.site(request)

    async def segments(self, site: Site) -> tuple[SavedSegment, ...]:
        """Return the segments that the site's team keeps, by name."""
        return await SavedSegments(self._deps.ledger, self._deps.clock).of(site.id)

    async def goals(self, site: Site) -> tuple[Goal, ...]:
        """Return the goals of the site, by name."""
        return await GoalBook(self._deps.ledger, self._deps.clock).goals_of(site.id)

    async def ask(self, site: Site, question: Question, *values: Any) -> pd.DataFrame:
        """Run a query about a site over the warehouse, in a thread."""
        return await asyncio.to_thread(self._ask, site, question, *values)

    def _ask(self, site: Site, question: Question, *values: Any) -> pd.DataFrame:
        return self._deps.warehouse.page(site.id).ask(question, *values)

    async def answered(self, site: Site, answer: Callable[[Summarised], Awaitable[T]]) -> T:
        """Return what `answer` makes of what the summaries of a site hold.

        A late event may open a day again meanwhile, whose summaries are then gone: `answer` is
        called again, and at last without summaries.
        """
        for _ in range(_TRIES):
            known = await self._summarised(site)
            found = await answer(known)
            now = await self._summarised(site)
            if now.zone == known.zone and now.until >= known.until:
                return found
        return await answer(NOT_SUMMARISED)

    async def _summarised(self, site: Site) -> Summarised:
        return await asyncio.to_thread(self._deps.warehouse.summarised, site.id)

    async def period(self, request: Request, site: Site) -> Period:
        """Read the period of the address; raises `Malformed`."""
        query = request.query_params
        first = None
        now = as_datetime(self._deps.clock())
        if query.get("period") == "all":
            first = await self._beginning(site, now.replace(tzinfo=None))
        return read_period(query, site.time_zone, now, first)

    async def has_events(self, site: Site) -> bool:
        """Say whether anything of a site is recorded, at whatever time."""
        return int((await self.ask(site, span, site.id))["events"].iloc[0]) > 0

    async def _beginning(self, site: Site, now: datetime) -> datetime | None:
        """Return the time of the first event or of the first counted day; None without either.

        Days before the first yes belong to all time. Days whose events are deleted after their
        retention do not: their loads would look like loads of which nothing was recorded.
        """
        found = (await self.ask(site, span, site.id))["first"].iloc[0]
        most = self._deps.settings.retention_months
        content = self._deps.book.policy(site).content
        kept = min(most, int(content.get("retention_months", most))) * MONTH
        day = await self._deps.counts.first_day(site.id, str((now - kept).date()))
        first = [] if pd.isna(found) else [moment_of(int(found))]
        return min([*first, *([datetime.fromisoformat(day)] if day else [])], default=None)


def scope_of(site: Site, window: Window, summarised: Summarised = NOT_SUMMARISED) -> Scope:
    """Return the scope of a site's window, of which summaries answer for what they hold."""
    start, end = ms_of(window.start), ms_of(window.end)
    return scope_between(site.id, start, end, site.time_zone, summarised)


def page_number(request: Request) -> int:
    """Read `page` out of the address, 1 or more; raises `Malformed`."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
        raise Malformed("The page is a whole number from 1.", field="page")
    return int(text)

"""What a request to a report asks to see: site, period, and the segment that its filters make."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.filters.address import read_segment, segment_query
from askfirst.store.warehouse.filters.conditions import Condition, Segment, columns_for
from reports.authentication.sessions import Session
from reports.saved.segments import SavedSegment
from reports.shell import Shell
from reports.url.comparing import FIELDS
from reports.url.goal_conditions import looked_up
from reports.url.links import Address, period_query
from reports.url.periods import Period
from reports.url.report_query import ReportQuery


@dataclass(frozen=True)
class ReportView:
    """What the address of a report chose; `address` has all of it, for the links of the page.

    `saved` are the segments that the site's team keeps, `goals` the goals of the site.
    """

    site: Site
    period: Period
    segment: Segment
    address: Address
    saved: tuple[SavedSegment, ...] = field(default=(), kw_only=True)
    goals: tuple[Goal, ...] = field(default=(), kw_only=True)

    @property
    def is_filtered(self) -> bool:
        """Whether the report is about some visits only."""
        return bool(self.segment.conditions)

    def shell(self, session: Session, title: str, tab: str, within: bool = False) -> Shell:
        """Return the frame of a page about this, which lies in a tab of the header, or below it."""
        site = self.site
        names = ("period", "from", "to", *FIELDS)
        kept = {name: text for name, text in self.address.query.items() if name in names}
        chosen = Address("", kept).with_()
        reports = self.beside("").with_().removeprefix(f"/sites/{site.key}")
        return Shell(
            title,
            session.email,
            session.csrf,
            site.key,
            site.name,
            tab,
            chosen,
            reports=reports,
            within=within,
        )

    def beside(self, path: str) -> Address:
        """Return the address of another report of the site, with the same period and filters."""
        kept = {"period", "from", "to", *FIELDS, *segment_query(self.segment)}
        query = {name: value for name, value in self.address.query.items() if name in kept}
        return Address(f"/sites/{self.site.key}{path}", query)

    def keeping(self, **fields: str) -> Self:
        """Return the same view, whose links keep some more fields."""
        return replace(self, address=replace(self.address, query={**self.address.query, **fields}))

    def filtered(self, segment: Segment) -> str:
        """Return the address of this report with another segment, on its first page."""
        fields: dict[str, str | None] = {"where": None, "on": None, "page": None, "edit": None}
        return self.address.with_(**{**fields, **segment_query(segment)})

    def toggled(self, column: str, value: str) -> str:
        """Return the address with the condition that a column is this value, or without it."""
        condition = Condition(column, "is", (value,))
        conditions = self.segment.conditions
        if condition in conditions:
            kept = tuple(one for one in conditions if one != condition)
        else:
            kept = (*conditions, condition)
        return self.filtered(replace(self.segment, conditions=kept))


async def read_report_view(
    query: ReportQuery, request: Request, path: str = "", kept: Iterable[str] = ()
) -> ReportView:
    """Read a request to `/sites/KEY` and `path`; `kept` are further fields that its links keep.

    Raises `NotFound` or `Malformed`.
    """
    site, fields = query.site(request), request.query_params
    period = await query.period(request, site)
    segment = await asyncio.to_thread(read_segment, fields, columns_for(site))  # RE2 compiles
    saved, goals = await asyncio.gather(query.segments(site), query.goals(site))
    segment = looked_up(segment, site, goals)
    others = {name: fields[name] for name in kept if name in fields}
    chosen = {**period_query(period, fields), **segment_query(segment), **others}
    address = Address(f"/sites/{site.key}{path}", chosen)
    return ReportView(site, period, segment, address, saved=saved, goals=goals)

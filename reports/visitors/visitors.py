"""The list of visitors of a period."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.questions.visitors import visitors
from reports.shell import Shell
from reports.staff.click_guard import only_by_own_click
from reports.staff.guard import Guard
from reports.url.links import Address, PeriodNav, period_nav, period_query
from reports.url.report_query import ReportQuery, page_number, scope_of
from reports.visitors.disclosures import LISTED, Disclosures
from reports.visitors.visitor_list import DayOfVisitors, days_of, everybody_of

LIST_ROWS = 50


@dataclass(frozen=True)
class VisitorsPage:
    """`visitors.html`: the visitors of a period, last seen first, under a heading a day."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    days: tuple[DayOfVisitors, ...]
    """The visitors of this page, by the day on which they were last seen."""
    base: str
    """The address of the list, below which each visitor's page lies."""
    zone: str
    """The site's time zone."""
    first_row: int
    """The number of the first visitor on this page, from 1."""
    shown: int
    """How many visitors stand on this page."""
    everybody: int | None
    """How many visitors the period has; None on a page behind the last."""
    all_href: str
    """The address of the same list for all time; '' where it is that already."""
    newer: str
    """The address of the page before, or ''."""
    older: str
    """The address of the page after, or ''."""


class VisitorsHandler:
    """Serves `/sites/KEY/visitors`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        page = only_by_own_click(self._deps, self._page)
        return [Route("/sites/{key}/visitors", self._guard.page(page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        site, page = self._query.site(request), page_number(request)
        period = await self._query.period(request, site)
        scope, offset = scope_of(site, period.window), (page - 1) * LIST_ROWS
        frame = await self._query.ask(visitors, scope, LIST_ROWS + 1, offset)
        more, frame = len(frame) > LIST_ROWS, frame.head(LIST_ROWS)
        ids = [str(visitor) for visitor in frame["visitor_id"]]
        shown = await self._disclosures.disclose(site.id, ids, session.email, LISTED)
        address = Address(f"/sites/{site.key}/visitors", period_query(period, request.query_params))
        context = VisitorsPage(
            shell=Shell("Visitors", session.email, session.csrf, site.key, site.name, "visitors"),
            nav=period_nav(address, period),
            days=days_of(frame, shown, site.time_zone, period.now),
            base=address.path,
            zone=site.time_zone,
            first_row=offset + 1,
            shown=len(shown),
            everybody=everybody_of(frame),
            all_href="" if period.name == "all" else f"{address.path}?period=all",
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if more else "",
        )
        return self._deps.pages.page("reports/visitors/visitors.html", context)

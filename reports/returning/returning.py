"""The page about return: who comes back, after how long, and how often."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.formatting.readers import decimal
from reports.questions.returning.between_visits import between_visits
from reports.questions.returning.cohorts import cohorts
from reports.questions.returning.visits_each import visits_each
from reports.returning.chart import ReturnChart, return_chart
from reports.returning.cohort_table import (
    CohortTable,
    NewAndReturning,
    cells_of,
    cohort_table,
    new_and_returning,
    new_of,
)
from reports.returning.distributions import (
    DAYS,
    VISITS,
    Group,
    counts_of,
    grouped,
    mean_of,
    median_of,
)
from reports.returning.steps import AHEAD, STEPS, intervals, offered, read_step
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view
from reports.url.steps import shifts


@dataclass(frozen=True)
class ReturningPage:
    """`returning.html`: cohorts, new and returning visitors, visits, and days between them."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    by: str
    """The step: day, week or month."""
    steps: tuple[Link, ...]
    """The steps to choose from."""
    table: CohortTable
    """The cohorts."""
    chart: ReturnChart
    """New and returning visitors over time."""
    rows: tuple[NewAndReturning, ...]
    """The numbers of the chart."""
    visitors: int
    """The visitors who had a visit that began in the period."""
    new: int
    """Those of them who came for the first time ever."""
    visits_each: float | None
    """The mean number of visits a visitor; None without visitors."""
    visits: tuple[Group, ...]
    """How many visitors had so many visits."""
    days_between: str
    """The median number of days between two visits; '' where nobody came again."""
    between: tuple[Group, ...]
    """After how many days visitors came again."""
    all_time: str
    """The address of the same for all time, '' where it is that already."""
    zone: str
    """The site's time zone."""


@dataclass(frozen=True)
class _Found:
    cells: dict[tuple[int, int], int]
    visits: dict[int, int]
    between: dict[int, int]


class ReturningHandler:
    """Serves `/sites/KEY/return`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/return", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        fields = request.query_params
        view = await read_report_view(self._query, request, "/return", kept=("step",))
        by = read_step(fields, view.period)
        found = await answered(self._deps, view, lambda asked: _ask(view, asked, by))
        context = _context(view, session, by, found, fields.get("edit", ""))
        return self._deps.pages.page("reports/returning/returning.html", context)


async def _ask(view: ReportView, asked: Asked, by: str) -> _Found:
    scope, period = asked.scope(), view.period
    offsets = shifts(period.window, period.zone, by)
    cells, visits, between = await asyncio.gather(
        asked.ask(cohorts, scope, by, offsets),
        asked.ask(visits_each, scope),
        asked.ask(between_visits, scope),
    )
    return _Found(
        cells_of(cells),
        counts_of(visits, "visits", "visitors"),
        counts_of(between, "days", "visits"),
    )


def _context(
    view: ReportView, session: Session, by: str, found: _Found, edit: str
) -> ReturningPage:
    period = view.period
    steps = intervals(period, by)
    rows = new_and_returning(found.cells, steps)
    return ReturningPage(
        shell=view.shell(session, "Return", "return"),
        nav=_nav(view),
        filters=filter_bar(view, edit),
        by=by,
        steps=_step_links(view, by),
        table=cohort_table(found.cells, steps, AHEAD[by]),
        chart=return_chart(rows, [one.start for one in steps], by),
        rows=rows,
        visitors=sum(found.visits.values()),
        new=new_of(found.cells),
        visits_each=mean_of(found.visits),
        visits=grouped(found.visits, VISITS),
        days_between=_median(found.between),
        between=grouped(found.between, DAYS),
        all_time="" if period.name == "all" else _with_period(view, "all"),
        zone=period.zone,
    )


def _median(days: Mapping[int, int]) -> str:
    median = median_of(days)
    return "" if median is None else decimal(median, 1 if median % 1 else 0)


def _nav(view: ReportView) -> PeriodNav:
    """Build the menu of periods, which drops the step: another length needs another."""
    fields = {name: value for name, value in view.address.query.items() if name != "step"}
    return period_nav(replace(view.address, query=fields), view.period)


def _with_period(view: ReportView, name: str) -> str:
    return view.address.with_(period=name, from_=None, to=None, step=None)


def _step_links(view: ReportView, by: str) -> tuple[Link, ...]:
    return tuple(
        Link(STEPS[one], view.address.with_(step=one), one == by)
        for one in offered(view.period, by)
    )

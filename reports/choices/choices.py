"""The page about choices: how often the banner was shown, accepted, refused, ignored, withdrawn."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.sites import Site
from askfirst.store.warehouse.filters.address import WHERE
from reports.authentication.sessions import Session
from reports.choices.chart import StackedChart, stacked
from reports.choices.figures import (
    ChoiceRow,
    MergedRows,
    frame_of,
    merged_rows,
    steps_of_choices,
    total_of,
    versions_of,
)
from reports.choices.table import Lines, lines_of, named_versions
from reports.dependencies import Dependencies
from reports.figures.consent_rate import ConsentRate, consent_rate_of, recorded_views
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.comparing import DAY
from reports.url.kept import kept_query, kept_shell
from reports.url.links import Address, Link, PeriodNav, grain_links, period_nav
from reports.url.periods import GRAINS, Period, Window
from reports.url.report_query import ReportQuery
from reports.url.steps import Bucket, buckets

MOST_ROWS = 50
_UTC = "UTC"


@dataclass(frozen=True)
class ChoicesPage:
    """`choices.html`: what visitors chose in the banner, from counts alone."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    consent_rate: ConsentRate | None
    """How much of what happened was recorded; None where nothing was counted."""
    chart: StackedChart
    """Yes, no and no answer over time."""
    by: str
    """The step of the chart: day, week or month."""
    grains: tuple[Link, ...]
    """The steps to choose from."""
    total: ChoiceRow
    """The counts of the whole period."""
    steps: Lines
    """The counts of each step, newest first."""
    pages: MergedRows
    """The counts by page, where they are not too small."""
    languages: MergedRows
    """The counts by language, where they are not too small."""
    versions: tuple[ChoiceRow, ...]
    """The counts by version of the wording, newest first."""
    smallest: int
    """The smallest count that is shown (the setting `smallest_count`)."""
    most_rows: int
    """How many pages are listed."""
    is_empty: bool
    """Whether nothing was counted in the period."""
    is_filtered: bool
    """Whether the reports that led here have filters, which are kept for them."""


@dataclass(frozen=True)
class View:
    """What a request to the page chose."""

    site: Site
    period: Period
    address: Address

    @property
    def by(self) -> str:
        """The step of the chart; the counts know no shorter one than a day."""
        return "day" if self.period.by == "hour" else self.period.by

    @property
    def today(self) -> date:
        """The UTC day that it is."""
        return self.period.now.date()

    @property
    def steps(self) -> tuple[Bucket, ...]:
        """The steps of the chart, by UTC days."""
        first, last = self.period.utc_days
        start, end = (datetime.combine(day, time.min) for day in (first, last + DAY))
        return buckets(Window(start, end), _UTC, self.by)


class ChoicesHandler:
    """Serves `/sites/KEY/choices`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/choices", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await self._view(request)
        site = view.site
        frame, views, published = await asyncio.gather(
            self._frame(view),
            recorded_views(self._deps, view.site, view.period),
            self._published(view.site),
        )
        total, steps = total_of(frame), view.steps
        rows = steps_of_choices(frame, steps, view.by)
        smallest = self._deps.settings.smallest_count
        pages, languages = await asyncio.to_thread(_merged, frame, smallest)
        context = ChoicesPage(
            shell=kept_shell(site, session, request.query_params, "Choices", "choices"),
            nav=period_nav(view.address, view.period),
            consent_rate=consent_rate_of(total.loaded, views, total.ignored),
            chart=stacked(
                rows, [step.local for step in steps], view.by, view.today, _within(view, published)
            ),
            by=view.by,
            grains=_grains(view),
            total=total,
            steps=lines_of(rows, steps, view.by, view.today),
            pages=pages,
            languages=languages,
            versions=named_versions(versions_of(frame, smallest), published, view.today),
            smallest=smallest,
            most_rows=MOST_ROWS,
            is_empty=frame.empty,
            is_filtered=WHERE in request.query_params,
        )
        return self._deps.pages.page("reports/choices/choices.html", context)

    async def _view(self, request: Request) -> View:
        site, query = self._query.site(request), request.query_params
        period = await self._query.period(request, site)
        chosen = {"by": query["by"]} if "by" in query else {}
        address = Address(f"/sites/{site.key}/choices", {**kept_query(query), **chosen})
        return View(site, period, address)

    async def _frame(self, view: View) -> pd.DataFrame:
        first, last = view.period.utc_days
        counts = await self._deps.counts.read(view.site.id, str(first), str(last))
        return await asyncio.to_thread(frame_of, counts)

    async def _published(self, site: Site) -> list[tuple[int, date]]:
        """Return the versions of the wording and the UTC days on which they were published."""
        versions = await self._deps.book.versions(site)
        return [(one.version, as_datetime(one.published_at).date()) for one in versions]


def _merged(frame: pd.DataFrame, smallest: int) -> tuple[MergedRows, MergedRows]:
    """Sum up by page and by language; a site has thousands of pages."""
    with_language = frame[frame["language"] != ""]
    return merged_rows(frame, "page", smallest), merged_rows(with_language, "language", smallest)


def _within(view: View, published: Sequence[tuple[int, date]]) -> list[tuple[int, date]]:
    first, last = view.period.utc_days
    return [(version, day) for version, day in published if first <= day <= last]


def _grains(view: View) -> tuple[Link, ...]:
    """Offer the steps of the chart; hours are not counted."""
    links = grain_links(view.address, view.period)
    return tuple(link for link in links if link.text != GRAINS["hour"])

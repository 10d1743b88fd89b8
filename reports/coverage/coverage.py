"""The page about what the reports see: the estimate for all page loads, and coverage in detail."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.store.ledger.choice_counts import LOADED, SHOWN, SIGNAL
from askfirst.store.warehouse.filters.conditions import Segment
from reports.authentication.sessions import Session
from reports.choices.figures import frame_of, total_of
from reports.coverage.by_day import (
    RecordedDay,
    RecordedDays,
    both,
    counts_of,
    loads_by_day,
    recorded_of,
)
from reports.coverage.by_language import covered_languages, covered_sources, loads_of, log_days
from reports.coverage.by_page import covered_pages
from reports.coverage.estimates import EstimatedFigure, estimated, people_of
from reports.dependencies import Dependencies
from reports.figures.consent_rate import ConsentRate, consent_rate_of
from reports.filters.bar import FilterBar, filter_bar
from reports.formatting.dates import weekday_of
from reports.formatting.template_filters import round_percent
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import answered
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view
from reports.url.way_out import way_out

_WIDEST = 0.25
"""A share whose range is wider than this tells nothing."""


@dataclass(frozen=True)
class CoveredDay:
    """A UTC day; `share` is None where it cannot be told."""

    name: str
    loads: int
    recorded: int
    share: float | None


@dataclass(frozen=True)
class CoveredValue:
    """A page, or a language by its code; `share` is in words, '' if it cannot be told."""

    name: str
    loads: int
    """Those counted by name."""
    share: str


@dataclass(frozen=True)
class CoveredSource:
    """Where something is counted, how often, and how much of it was recorded or agreed to."""

    title: str
    counted: int
    recorded: int
    share: float | None


SOURCES = {
    "tag": "Page loads with the tag, and page views recorded",
    "banner": "Banners shown, and answers yes",
    "log": "Pages in imported logs, and page views recorded",
}
"""What each source counts, and how much of it counts as seen."""


@dataclass(frozen=True)
class CoveragePage:
    """`coverage.html`: the estimate, and the share recorded by day, page, language and source."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply to the estimate."""
    consent_rate: ConsentRate | None
    """The share of the whole period; None where nothing was counted."""
    figures: tuple[EstimatedFigure, ...]
    """The estimates; none where no day's share can be told."""
    days: tuple[CoveredDay, ...]
    """Each UTC day on which anything was counted, the newest first."""
    pages: tuple[CoveredValue, ...]
    """The pages whose loads are counted by name, the most first."""
    languages: tuple[CoveredValue, ...]
    """The languages whose loads are counted by name, the most first."""
    sources: tuple[CoveredSource, ...]
    """Where is counted."""
    unnamed: int
    """Loads that are counted without a page."""
    signals: int
    """Loads whose browser asked not to be measured."""
    shown: int
    """How often the banner was shown."""
    smallest: int
    """From how many loads a day on a page is counted by name."""
    is_filtered: bool
    """Whether the estimate is about some visits only."""
    way: Link
    """What to do next where no page load was counted; its fields may be ''."""
    back: str
    """The address of the overview with the same choices."""
    choices_href: str
    """The address of the page about choices, which has the banner by language."""


class CoverageHandler:
    """Serves `/sites/KEY/coverage`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/coverage", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_report_view(self._query, request, "/coverage")
        whole = replace(view, segment=Segment(()))
        counts = await counts_of(self._deps, view)
        smallest = self._deps.settings.smallest_count
        by_language = await loads_of(self._deps, view)
        (every, some), people, pages, languages = await asyncio.gather(
            both(self._deps, view),
            answered(self._deps, view, people_of),
            covered_pages(self._deps, whole, counts, smallest, log_days(by_language)),
            covered_languages(self._deps, whole, by_language, smallest),
        )
        recorded = recorded_of(every)
        loads = loads_by_day(counts)
        total = total_of(frame_of(counts))
        context = CoveragePage(
            shell=view.shell(session, "What the reports see", "overview"),
            nav=period_nav(view.address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            consent_rate=consent_rate_of(total.loaded, recorded, total.ignored),
            figures=estimated(view, loads, (every, some), people),
            days=_days(view, loads, every),
            pages=tuple(CoveredValue(one.page, one.loads, _share(one.share)) for one in pages),
            languages=tuple(
                CoveredValue(one.language, one.loads, _share(one.share)) for one in languages
            ),
            sources=tuple(
                CoveredSource(SOURCES[one.source], one.counted, one.recorded, one.share)
                for one in covered_sources(by_language, counts, recorded.views)
            ),
            unnamed=sum(one.times for one in counts if one.kind == LOADED and not one.page),
            signals=sum(one.times for one in counts if one.kind == SIGNAL),
            shown=sum(one.times for one in counts if one.kind == SHOWN),
            smallest=smallest,
            is_filtered=view.is_filtered,
            way=await way_out(self._query, replace(whole, address=view.address), bool(counts)),
            back=view.beside("").with_(),
            choices_href=replace(whole, address=view.address).beside("/choices").with_(),
        )
        return self._deps.pages.page("reports/coverage/coverage.html", context)


def _days(
    view: ReportView, loads: Mapping[date, int], every: RecordedDays
) -> tuple[CoveredDay, ...]:
    today = view.period.now.date()
    found = []
    for day in sorted({*loads, *every}, reverse=True):
        loaded, recorded = loads.get(day, 0), every.get(day, RecordedDay()).of_tag
        share = recorded / loaded if loaded and recorded <= loaded else None
        found.append(CoveredDay(weekday_of(day, today), loaded, recorded, share))
    return tuple(found)


def _share(found: tuple[float, float] | None) -> str:
    if found is None or found[1] - found[0] > _WIDEST:
        return ""
    low, high = map(round_percent, found)
    return low if low == high else f"{low} to {high}"

"""The overview of a site: figures, chart and cards."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.store.warehouse.logical.opened import keep_opened
from reports.authentication.sessions import Session
from reports.charts.line_chart import Chart, chart_of
from reports.charts.pins import ChartNotes, pins_of
from reports.choices.figures import ChoiceRow, frame_of, total_of
from reports.choices.tally import TallyRow, tally_rows
from reports.dependencies import Dependencies
from reports.figures.consent_rate import ConsentRate, consent_rate_of, recorded_views
from reports.figures.figures import (
    Headline,
    Totals,
    cut_steps,
    headlines_of,
    steps_of,
    totals_of,
)
from reports.filters.bar import FilterBar, filter_bar
from reports.overview.breakdown import BreakdownHandler
from reports.overview.cards import TabbedCard, tabbed_cards
from reports.overview.choice_summary import ChoiceSummary, choice_summary_of
from reports.overview.dimensions import DIMENSIONS, NUMBERS, SHOWN
from reports.overview.view import METRICS, View, read_view
from reports.questions.breakdown import breakdown
from reports.questions.lists import lists, shown_of
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.saved.notes import Notes
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import Address, Link, PeriodNav, dates_of, grain_links, period_nav
from reports.url.periods import Period, Window
from reports.url.report_query import ReportQuery
from reports.url.steps import buckets, shifts, since_of

CARD_ROWS = 8


@dataclass(frozen=True)
class OverviewPage:
    """`overview.html`: figures and a chart of a period, and a card for each group of dimensions."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days of the period before, in words; '' where nothing is compared."""
    headlines: tuple[Headline, ...]
    """The figures above the chart, each with its change."""
    metrics: Mapping[str, Link]
    """The figures that the chart can show, by name: the links that choose them."""
    chart: Chart
    """The chosen figure over time."""
    notes: ChartNotes
    """The notes on the chart."""
    grains: tuple[Link, ...]
    """The steps of the chart to choose from."""
    cards: tuple[TabbedCard, ...]
    """The cards with the dimensions."""
    consent_rate: ConsentRate | None
    """How much of what happened was recorded; None where nothing was counted."""
    choices: ChoiceSummary
    """What visitors chose in the banner."""
    choices_href: str
    """The address of the page about choices, with the same period."""
    tally: tuple[TallyRow, ...]
    """What was not recorded, by reason."""
    not_recorded_href: str
    """The address of the page about what was not recorded, with the same period."""
    check_href: str
    """The address of the consent check."""
    zone: str
    """The site's time zone, which the foot of the page names."""
    is_empty: bool
    """Whether nothing was recorded; the page then leads to the lines to paste."""


@dataclass(frozen=True)
class _Found:
    """What the warehouse answered: totals of the period and of the one before, chart and lists."""

    now: Totals
    before: Totals | None
    chart: Chart
    frames: dict[str, pd.DataFrame]


class OverviewHandler:
    """Serves `/sites/KEY`: the overview, or with `?show=` every row of one dimension."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._notes = Notes(deps.ledger, deps.clock)
        self._breakdown = BreakdownHandler(deps)

    def routes(self) -> list[Route]:
        """Return the route of the overview."""
        return [Route("/sites/{key}", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        if "show" in request.query_params:
            return await self._breakdown.page(request, session)
        view = await read_view(self._query, request)
        found, tally, total, recorded = await asyncio.gather(
            answered(self._deps, view, lambda asked: self._found(view, asked), *_others(view)),
            self._tally(view),
            self._choices(view),
            recorded_views(self._query, view.site, view.period),
        )
        now, before, frames = found.now, found.before, found.frames
        context = OverviewPage(
            shell=view.shell(session, "Overview", "overview"),
            nav=period_nav(view.address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=_compared(view.period),
            headlines=headlines_of(now, before),
            metrics=_metric_links(view),
            chart=found.chart,
            notes=await self._notes_of(view),
            grains=grain_links(view.address, view.period),
            cards=tabbed_cards(view, view.tabs, frames, now),
            consent_rate=consent_rate_of(total.loaded, recorded, total.ignored),
            choices=choice_summary_of(total),
            choices_href=f"{view.address.path}/choices{_of_period(view)}",
            tally=tally_rows(tally),
            not_recorded_href=f"{view.address.path}/not-recorded{_of_period(view)}",
            check_href=f"{view.address.path}/consent-check",
            zone=view.site.time_zone,
            is_empty=now.visits == 0,
        )
        return self._deps.pages.page("reports/overview/overview.html", context)

    async def _found(self, view: View, asked: Asked) -> _Found:
        (now, frames), before, chart = await asyncio.gather(
            self._of_period(asked), self._before(view, asked), self._chart(view, asked)
        )
        return _Found(now, before, chart, frames)

    async def _of_period(self, asked: Asked) -> tuple[Totals, dict[str, pd.DataFrame]]:
        """Ask for the totals and every list; what the open part adds to them is found once."""
        page = asked.page
        scope = await asyncio.to_thread(keep_opened, page, asked.scope(), ("all", *SHOWN))
        others = {key: one for key, one in DIMENSIONS.items() if one.question is not breakdown}
        figures, rows, *single = await asyncio.gather(
            asyncio.to_thread(page.ask, totals, scope),
            asyncio.to_thread(page.ask, lists, scope, SHOWN, CARD_ROWS),
            *(
                asyncio.to_thread(page.ask, one.question, scope, *one.values, CARD_ROWS)
                for one in others.values()
            ),
        )
        frames = {key: shown_of(rows, NUMBERS[key], CARD_ROWS) for key in DIMENSIONS}
        return totals_of(figures), frames | dict(zip(others, single, strict=True))

    async def _before(self, view: View, asked: Asked) -> Totals | None:
        compared = view.period.compared
        if compared is None:
            return None
        return totals_of(await asked.ask(totals, asked.scope(compared)))

    async def _chart(self, view: View, asked: Asked) -> Chart:
        period = view.period
        windows = [period.window] if period.before is None else [period.window, period.before]
        answers = [self._over_time(view, window, asked) for window in windows]
        now, *before = await asyncio.gather(*answers)
        keys = [buckets(window, period.zone, period.by) for window in windows]
        steps = steps_of(
            now,
            before[0] if before else None,
            (keys[0], keys[1] if before else ()),
            view.metric,
            period.local_now,
        )
        days = (period.first, period.last)
        whole = cut_steps(steps, period.by, days, period.local_now)
        return chart_of(METRICS[view.metric], whole, period.by, period.local_now.date())

    async def _over_time(self, view: View, window: Window, asked: Asked) -> pd.DataFrame:
        scope, by, zone = asked.scope(window), view.period.by, view.period.zone
        return await asked.ask(
            over_time, scope, by, shifts(window, zone, by), since_of(scope, zone, by)
        )

    async def _notes_of(self, view: View) -> ChartNotes:
        period = view.period
        notes = await self._notes.of(view.site.id, period.first, period.last)
        steps = [one.local for one in buckets(period.window, period.zone, period.by)]
        pins = pins_of(notes, steps, period.local_now.date())
        page = view.beside("/notes").with_()
        return ChartNotes(pins, page, f"{page}#note")

    async def _tally(self, view: View) -> dict[str, int]:
        first, last = view.period.utc_days
        return await self._deps.tallies.read(view.site.id, str(first), str(last))

    async def _choices(self, view: View) -> ChoiceRow:
        """Sum up what was counted of the banner, as the page of choices does."""
        first, last = view.period.utc_days
        counts = await self._deps.counts.read(view.site.id, str(first), str(last))
        return total_of(await asyncio.to_thread(frame_of, counts))


def _others(view: View) -> list[Window]:
    """Return the windows that the overview asks about beside the period itself."""
    return [window for window in (view.period.before,) if window]


def _of_period(view: View) -> str:
    """Return the query of pages about the same period that filters do not apply to."""
    names = ("period", "from", "to")
    kept = {name: value for name, value in view.address.query.items() if name in names}
    return Address("", kept).with_()


def _compared(period: Period) -> str:
    if period.before is None:
        return ""
    same_time = ", up to the same time of day" if period.is_running else ""
    return f"{dates_of(period.previous)}{same_time}"


def _metric_links(view: View) -> dict[str, Link]:
    return {
        key: Link(text, view.address.with_(metric=key), key == view.metric)
        for key, text in METRICS.items()
    }

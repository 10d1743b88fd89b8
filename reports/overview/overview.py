"""The overview of a site: figures, chart and cards, of which the cards are sent last."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from askfirst.errors import AskfirstError
from reports.authentication.sessions import Session
from reports.charts.line_chart import Chart
from reports.charts.pins import ChartNotes, pins_of
from reports.choices.figures import ChoiceRow, frame_of, total_of
from reports.choices.summary import ChoiceSummary, choice_summary_of
from reports.choices.tally import TallyRow, tally_rows
from reports.coverage.estimates import EstimatedFigure, estimates_of
from reports.dependencies import Dependencies
from reports.figures.consent_rate import ConsentRate, consent_rate_of, recorded_views
from reports.figures.figures import Headline, headlines_of
from reports.filters.bar import FilterBar, filter_bar
from reports.now.watch import Watch
from reports.overview.breakdown import BreakdownHandler
from reports.overview.card import card_page
from reports.overview.found import Head, head_of
from reports.overview.lists import Lists, ListsPage, lists_of
from reports.overview.view import MEASURES, METRICS, View, read_view
from reports.saved.notes import Notes
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.links import (
    Link,
    PeriodNav,
    charted_words,
    compared_words,
    grain_links,
    period_nav,
)
from reports.url.report_query import ReportQuery
from reports.url.steps import buckets
from reports.url.way_out import to_install

LATER = "<!-- lists -->"
"""Where lists that are sent later stand; autoescape lets no value of a page look like it."""

log = structlog.get_logger()


@dataclass(frozen=True)
class OverviewPage:
    """`overview.html`: figures and a chart of a period, and a card for each group of dimensions."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days that it is compared with, in words; '' where nothing is compared."""
    charted: str
    """The same of the chart, where these days are whole."""
    against: str
    """What these days are called, such as `period before`."""
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
    measures: tuple[Link, ...]
    """The figures that the cards can show."""
    lists: Lists | None
    """The cards below the chart; None where they are sent later, in the place of `LATER`."""
    consent_rate: ConsentRate | None
    """How much of what happened was recorded; None where nothing was counted."""
    choices: ChoiceSummary
    """What visitors chose in the banner."""
    choices_href: str
    """The address of the page about choices, with the same period and filters."""
    estimates: Mapping[str, EstimatedFigure] | None
    """Estimates for all page loads by the keys of the figures; None where they are not shown."""
    estimate_href: str
    """The address of the same page with or without them."""
    coverage_href: str
    """The address of the page about what the reports see, with the same period and filters."""
    tally: tuple[TallyRow, ...]
    """What was not recorded, by reason."""
    not_recorded_href: str
    """The address of the page about what was not recorded, with the same period and filters."""
    check_href: str
    """The address of the consent check."""
    zone: str
    """The site's time zone, which the foot of the page names."""
    here_now: int
    """How many visitors are on the site now."""
    is_empty: bool
    """Whether there is no visit."""
    is_new: bool
    """Whether nothing of the site was ever recorded, so that the page says how to begin."""
    way: Link
    """What to do next where a card has nothing to show; its fields may be ''."""


class OverviewHandler:
    """Serves `/sites/KEY`: the overview; with `?card=` a card of it, with `?show=` a whole list."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._notes = Notes(deps.ledger, deps.clock)
        self._watch = Watch(deps)
        self._breakdown = BreakdownHandler(deps)

    def routes(self) -> list[Route]:
        """Return the route of the overview."""
        return [Route("/sites/{key}", self._guard.page(self._page), methods=["GET"])]

    async def context(self, request: Request, session: Session) -> OverviewPage:
        """Return what the whole page says, for what makes a file of it."""
        view = await read_view(self._query, request)
        page, head = await self._first(view, request, session)
        return replace(page, lists=await lists_of(self._deps, view, head))

    async def _page(self, request: Request, session: Session) -> Response:
        if "show" in request.query_params:
            return await self._breakdown.page(request, session)
        view = await read_view(self._query, request)
        if "card" in request.query_params:
            return await card_page(self._deps, view, request.query_params["card"])
        page, head = await self._first(view, request, session)
        text = self._deps.pages.text("reports/overview/overview.html", page)
        return StreamingResponse(self._parts(view, head, text), media_type="text/html")

    async def _parts(self, view: View, head: Head, text: str) -> AsyncIterator[str]:
        """Yield the page: what stands above the lists at once, and the lists when they are there.

        The answer has begun, so what goes wrong is said in the place of the lists.
        """
        first, _, last = text.partition(LATER)
        yield first
        lists, fault = None, ""
        try:
            lists = await lists_of(self._deps, view, head)
        except AskfirstError as error:
            fault = error.message
        except Exception as error:
            log.exception("internal_error", where="lists", why=type(error).__name__)
            fault = AskfirstError("Something went wrong here; it is logged.").message
        context = ListsPage(lists, fault, view.site.time_zone, head.way, view.address.with_())
        yield self._deps.pages.text("reports/overview/lists.html", context) + last

    async def _first(
        self, view: View, request: Request, session: Session
    ) -> tuple[OverviewPage, Head]:
        """Return the page without its lists, and what these go on from."""
        head, tally, total, recorded, here, estimates = await asyncio.gather(
            head_of(self._deps, view),
            self._tally(view),
            self._choices(view),
            recorded_views(self._deps, view.site, view.period),
            self._watch.look(view.site),
            self._estimates(view),
        )
        page = OverviewPage(
            shell=view.shell(session, "Overview", "overview"),
            nav=period_nav(view.address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=compared_words(view.period),
            charted=charted_words(view.period),
            against=view.period.against_words,
            headlines=headlines_of(
                head.now, head.before, view.period.weight, view.period.other_days
            ),
            metrics=_metric_links(view),
            chart=head.chart,
            notes=await self._notes_of(view),
            grains=grain_links(view.address, view.period),
            measures=_measure_links(view),
            lists=None,
            consent_rate=consent_rate_of(total.loaded, recorded, total.ignored),
            choices=choice_summary_of(total),
            choices_href=view.beside("/choices").with_(),
            estimates=estimates,
            estimate_href=view.address.with_(estimate=None if view.estimates else "shown"),
            coverage_href=view.beside("/coverage").with_(),
            tally=tally_rows(tally),
            not_recorded_href=view.beside("/not-recorded").with_(),
            check_href=f"{view.address.path}/consent-check",
            zone=view.site.time_zone,
            here_now=here.visitors,
            is_empty=head.now.visits == 0,
            is_new=head.way == to_install(view),
            way=head.way,
        )
        return page, head

    async def _estimates(self, view: View) -> Mapping[str, EstimatedFigure] | None:
        if not view.estimates:
            return None
        return {one.key: one for one in await estimates_of(self._deps, view)}

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


def _metric_links(view: View) -> dict[str, Link]:
    return {
        key: Link(text, view.address.with_(metric=key), key == view.metric)
        for key, text in METRICS.items()
    }


def _measure_links(view: View) -> tuple[Link, ...]:
    usual = Link("What suits each", view.address.with_(measure=None), view.measure is None)
    return (
        usual,
        *(
            Link(text, view.address.with_(measure=name), name == view.measure)
            for name, (text, _) in MEASURES.items()
        ),
    )

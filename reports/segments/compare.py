"""The page that shows up to three segments beside each other: figures, chart and longest lists."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.columns import DIMENSIONS
from askfirst.errors import Malformed
from askfirst.store.warehouse.filters.conditions import Segment
from askfirst.store.warehouse.logical.opened import keep_opened
from reports.authentication.sessions import Session
from reports.charts.series import Lines, lines_of, steps_over
from reports.dependencies import Dependencies
from reports.figures.figures import Headline, Row, Step, Totals, headlines_of, rows_of, totals_of
from reports.figures.over_time import with_engaged
from reports.filters.bar import sentences
from reports.questions.breakdown import lead_of
from reports.questions.lists import lists as lists_of
from reports.questions.lists import shown_of
from reports.questions.totals import totals
from reports.saved.segments import SavedSegment
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.goal_conditions import looked_up, why_not
from reports.url.links import Link, PeriodNav, grain_links, period_nav
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

MOST = 3
ROWS = 5
METRICS = {"visitors": "Visitors", "visits": "Visits", "views": "Page views"}
LISTS = ("path", "source", "country", "device")
ALL_VISITS = SavedSegment(0, "All visits", Segment(), "", 0)
"""What a segment is compared with that is none; its number in the address is 0."""
SEGMENT_FIELDS = ("a", "b", "c")


@dataclass(frozen=True)
class ComparedSegment:
    """A segment that is shown: its name, conditions in words, and its overview."""

    name: str
    sentences: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class ComparedFigure:
    """A figure of each segment; `href` turns the chart, or is ''."""

    label: str
    href: str
    current: bool
    values: tuple[Headline, ...]


@dataclass(frozen=True)
class ComparedList:
    """The longest rows of each segment.

    `kind` is how names are written, `column` whose values they are.
    """

    title: str
    heading: str
    """The heading of the names."""
    kind: str
    column: str
    lead: str
    """The heading of what rows are counted by."""
    columns: tuple[tuple[Row, ...], ...]


@dataclass(frozen=True)
class Chooser:
    """A field of the form: its name, and the number of the segment that is chosen, or -1."""

    field: str
    chosen: int


@dataclass(frozen=True)
class ComparePage:
    """`compare.html`: segments beside each other."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    back: str
    """The address of the overview."""
    choosers: tuple[Chooser, ...]
    """The fields of the form."""
    choices: tuple[SavedSegment, ...]
    """The segments to choose from, all visits first."""
    kept: dict[str, str]
    """The other fields of the address, which the form keeps."""
    segments: tuple[ComparedSegment, ...]
    """Those that are shown."""
    left_out: Mapping[str, str]
    """The names of those that may not be asked for now, and why."""
    figures: tuple[ComparedFigure, ...]
    """The figures of each."""
    lines: Lines | None
    """The chart with a line each; None where nothing is chosen."""
    metric: str
    """What the chart shows, in words."""
    grains: tuple[Link, ...]
    """The steps of the chart to choose from."""
    lists: tuple[ComparedList, ...]
    """The longest lists of each."""
    zone: str
    """The site's time zone."""


@dataclass(frozen=True)
class _Found:
    """What the warehouse answered about one segment."""

    totals: Totals
    steps: tuple[Step, ...]
    rows: pd.DataFrame


class CompareHandler:
    """Serves `/sites/KEY/compare`, with the numbers of segments as `a`, `b` and `c`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/compare", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        kept = ("by", "metric", *SEGMENT_FIELDS)
        view = await read_report_view(self._query, request, "/compare", kept=kept)
        fields = request.query_params
        metric = fields.get("metric", "visitors")
        if metric not in METRICS:
            raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
        choices = (ALL_VISITS, *view.saved)
        named = {name: fields.get(name, "") for name in SEGMENT_FIELDS}
        chosen = chosen_segments(named, choices)
        barred = {one.id: why_not(one.segment, view.site, view.goals) for one in choices}
        shown = [one for one in chosen if not barred[one.id]]
        # One after the other: each is a page of questions by itself, and the engine takes turns.
        found = [await self._found(view, one.segment, metric) for one in shown]
        drawn = [(one.name, of.steps) for one, of in zip(shown, found, strict=True)]
        context = ComparePage(
            shell=view.shell(session, "Segments compared", "overview"),
            nav=_nav(view),
            back=view.beside("").with_(where=None, on=None),
            choosers=_choosers(chosen),
            choices=tuple(one for one in choices if not barred[one.id]),
            kept=_kept(view),
            segments=tuple(_compared(view, one) for one in shown),
            left_out={one.name: barred[one.id] for one in chosen if barred[one.id]},
            figures=_figures(view, metric, found),
            lines=lines_of(drawn, view.period) if drawn else None,
            metric=METRICS[metric],
            grains=grain_links(view.address, view.period),
            lists=tuple(_list_of(name, found) for name in LISTS) if found else (),
            zone=view.site.time_zone,
        )
        return self._deps.pages.page("reports/segments/compare.html", context)

    async def _found(self, view: ReportView, segment: Segment, metric: str) -> _Found:
        one = replace(view, segment=looked_up(segment, view.site, view.goals))

        async def answer(asked: Asked) -> _Found:
            steps = await steps_over(asked, view.period, metric)
            figures, rows = await asyncio.to_thread(_figures_and_lists, asked)
            return _Found(await with_engaged(asked, totals_of(figures)), steps, rows)

        return await answered(self._deps, one, answer)


def _figures_and_lists(asked: Asked) -> tuple[pd.DataFrame, pd.DataFrame]:
    page = asked.page
    scope = keep_opened(page, asked.scope(), ("all", *LISTS))
    return page.ask(totals, scope), page.ask(lists_of, scope, LISTS, ROWS)


def chosen_segments(
    fields: dict[str, str], choices: tuple[SavedSegment, ...]
) -> list[SavedSegment]:
    """Return the segments that the address names, each once.

    Without any they are all visits and the first segments, as many as fit. One that is gone is
    left out. Raises `Malformed` for what is no number.
    """
    by_number = {str(one.id): one for one in choices}
    wrong = next((n for n, text in fields.items() if text and not text.isdecimal()), None)
    if wrong:
        raise Malformed("A segment is chosen by its number.", field=wrong)
    if not any(fields.values()):
        return list(choices[:MOST])
    named = dict.fromkeys(text for text in fields.values() if text in by_number)
    return [by_number[text] for text in named]


def _choosers(chosen: list[SavedSegment]) -> tuple[Chooser, ...]:
    numbers = [*(one.id for one in chosen), *[-1] * MOST]
    return tuple(
        Chooser(name, number) for name, number in zip(SEGMENT_FIELDS, numbers, strict=False)
    )


def _kept(view: ReportView) -> dict[str, str]:
    """Return the fields of the address that the form does not choose; filters do not apply."""
    others = (*SEGMENT_FIELDS, "where", "on")
    return {name: value for name, value in view.address.query.items() if name not in others}


def _nav(view: ReportView) -> PeriodNav:
    """Return the menu of periods; its form keeps the segments as well."""
    nav = period_nav(view.address, view.period)
    more = {k: v for k, v in view.address.query.items() if k in SEGMENT_FIELDS}
    return replace(nav, kept={**nav.kept, **more})


def _compared(view: ReportView, one: SavedSegment) -> ComparedSegment:
    overview = replace(view, address=view.beside(""))
    words = sentences(one.segment, view.goals)
    return ComparedSegment(one.name, words, overview.filtered(one.segment))


def _figures(view: ReportView, metric: str, found: list[_Found]) -> tuple[ComparedFigure, ...]:
    columns = [headlines_of(one.totals, None) for one in found]
    return tuple(
        ComparedFigure(
            label=values[0].label,
            href=view.address.with_(metric=values[0].key) if values[0].key in METRICS else "",
            current=values[0].key == metric,
            values=values,
        )
        for values in zip(*columns, strict=True)
    )


def _list_of(name: str, found: list[_Found]) -> ComparedList:
    of = DIMENSIONS[name]
    counted, words = {"views": ("views", "Views"), "visits": ("visits", "Visits")}.get(
        of.by, ("visitors", "Visitors")
    )
    return ComparedList(
        title=of.listed.title if of.listed else of.heading,
        heading=of.heading,
        kind=of.listed.kind if of.listed else "attribute",
        column=of.texts,
        lead=words,
        columns=tuple(
            rows_of(
                shown_of(one.rows, of.number, ROWS), lead_of(name), getattr(one.totals, counted)
            )
            for one in found
        ),
    )

"""The charts that can be taken as files: each with its text alternative and its table."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.requests import Request

from askfirst.errors import NotFound
from reports.cards.heat_map import HeatMap, heat_map
from reports.charts.grid import Grid, GridCell
from reports.charts.line_chart import Chart
from reports.dependencies import Dependencies
from reports.files.drawing import Drawing, NothingToDraw, about, drawable
from reports.files.other_drawings import goal_over_time, segments_compared, world
from reports.files.table_drawings import SHAPES, of_table
from reports.formatting.dates import NOTHING, full_hour
from reports.formatting.hour_marks import hour_head, hour_mark
from reports.formatting.template_filters import delta, figure, number, round_percent
from reports.overview.cards import heading_of
from reports.overview.dimensions import DIMENSIONS, Dimension
from reports.overview.found import chart_over_time
from reports.overview.view import read_metric
from reports.questions.cards.hours import hours
from reports.questions.returning.cohorts import cohorts
from reports.returning.cohort_table import Cohort, CohortTable, cells_of, cohort_table
from reports.returning.steps import AHEAD, intervals, read_step
from reports.segments.compare import SEGMENT_FIELDS
from reports.tables.asking import rows_of
from reports.tables.registry import REPORTS
from reports.tables.table import Cut
from reports.url.asking import answered
from reports.url.links import charted_words
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view
from reports.url.steps import shifts

BARS = 20
"""How many rows the chart of a list has."""


async def drawing_of(deps: Dependencies, request: Request, name: str) -> Drawing:
    """Return a chart of the address's period and filters, by its name in `_DRAWN`, or a list's.

    Raises `NotFound` where there is no such chart, or nothing to draw.
    """
    kept = ("by", "metric", "step", "goal", "funnel", "at", "steps", *SEGMENT_FIELDS)
    if name not in _DRAWN and name not in DIMENSIONS:
        raise NotFound("There is no such chart.")
    view = await read_report_view(ReportQuery(deps), request, f"/charts/{name}", kept)
    if name in DIMENSIONS:
        return await _list(deps, view, DIMENSIONS[name])
    return await _DRAWN[name](deps, view, request)


async def _over_time(deps: Dependencies, view: ReportView, request: Request) -> Drawing:
    from reports.charts.vega.over_time import over_time  # noqa: PLC0415 - Altair

    metric = read_metric(request.query_params)
    others = [window for window in (view.period.before,) if window]
    chart = await answered(deps, view, partial(chart_over_time, view.period, metric), *others)
    compared = charted_words(view.period)
    against = view.period.against_words
    before = f"{against} ({compared})" if compared else ""
    head = ("From", chart.label, *((against.capitalize(), "Change") if compared else ()))
    rows = tuple(_step_cells(chart, nth, bool(compared)) for nth in range(len(chart.rows)))
    return Drawing(
        view=view,
        title=f"{chart.label} {chart.unit}",
        summary=chart.summary,
        head=head,
        rows=rows,
        words=tuple(_said(head, row) for row in rows),
        spec=await asyncio.to_thread(over_time, chart, before, about(view)),
        zooms=True,
    )


def _step_cells(chart: Chart, nth: int, is_compared: bool) -> tuple[str, ...]:
    row = chart.rows[nth]
    write = partial(figure, kind=chart.kind) if chart.kind != "count" else number
    before = (write(row.before), delta(row.change, chart.kind, row.is_new)) if is_compared else ()
    return (row.label, write(row.now), *before)


def _said(head: Sequence[str], row: Sequence[str]) -> str:
    pairs = (f"{name} {text}" for name, text in zip(head[1:], row[1:], strict=True))
    return f"{row[0]}: {', '.join(pairs)}"


async def _hours(deps: Dependencies, view: ReportView, _request: Request) -> Drawing:
    from reports.charts.vega.heat import heat  # noqa: PLC0415 - Altair

    offsets = shifts(view.period.window, view.period.zone, "day")
    frame = await answered(deps, view, lambda asked: asked.ask(hours, asked.scope(), offsets))
    week = heat_map(frame)
    if not week.days:
        raise NothingToDraw(view)
    title = "Visits by weekday and hour"
    summary = f"{title}. Busiest hour: {week.peak}. Busiest day: {week.busiest}."
    return Drawing(
        view=view,
        title=title,
        summary=summary,
        head=("Weekday", *map(hour_head, range(24))),
        rows=tuple((day.name, *(number(one.visits) for one in day.cells)) for day in week.days),
        words=tuple(
            f"{day.name}, {full_hour(hour)}: {number(one.visits)} visits"
            for day in week.days
            for hour, one in enumerate(day.cells)
        ),
        spec=await asyncio.to_thread(heat, _week_grid(week), title, summary, about(view)),
        columns=24,
    )


def _week_grid(week: HeatMap) -> Grid:
    return Grid(
        tuple(day.short for day in week.days),
        tuple(hour_mark(hour) if hour % 3 == 0 else "" for hour in range(24)),
        tuple(
            GridCell(row, hour, one.shade)
            for row, day in enumerate(week.days)
            for hour, one in enumerate(day.cells)
        ),
    )


async def _cohorts(deps: Dependencies, view: ReportView, request: Request) -> Drawing:
    from reports.charts.vega.heat import heat  # noqa: PLC0415 - Altair

    by, period = read_step(request.query_params, view.period), view.period
    offsets = shifts(period.window, period.zone, by)
    frame = await answered(deps, view, lambda asked: asked.ask(cohorts, asked.scope(), by, offsets))
    table = cohort_table(cells_of(frame), intervals(period, by), AHEAD[by])
    if not table.cohorts or not table.whole:
        raise NothingToDraw(view)
    title = f"Who comes back, by {by}"
    summary = f"{title}: the share of the new visitors of each {by} who came again. {_best(table)}"
    later = tuple(f"+{nth}" for nth in range(1, len(table.whole) + 1))
    return Drawing(
        view=view,
        title=title,
        summary=summary.strip(),
        head=("First came", "Visitors", *later),
        rows=tuple(_cohort_cells(one) for one in table.cohorts),
        words=tuple(
            f"{one.label}, {name}: {NOTHING if cell is None else _of_cohort(cell.visitors, one)}"
            for one in table.cohorts
            for name, cell in zip(later, one.cells, strict=True)
        ),
        spec=await asyncio.to_thread(heat, _cohort_grid(table, later), title, summary, about(view)),
        columns=len(later),
    )


def _best(table: CohortTable) -> str:
    if table.best is None:
        return ""
    label, later, cell = table.best
    return f"Most came back at +{later} after {label}: {round_percent(cell.share)}."


def _of_cohort(visitors: int, one: Cohort) -> str:
    return f"{round_percent(visitors / one.visitors)}, {number(visitors)} of {number(one.visitors)}"


def _cohort_cells(one: Cohort) -> tuple[str, ...]:
    shares = ("" if cell is None else round_percent(cell.share) for cell in one.cells)
    return (one.label, number(one.visitors), *shares)


def _cohort_grid(table: CohortTable, later: tuple[str, ...]) -> Grid:
    return Grid(
        tuple(f"{one.label} ({number(one.visitors)})" for one in table.cohorts),
        later,
        tuple(
            GridCell(row, column, cell.level, round_percent(cell.share), cell.is_whole)
            for row, one in enumerate(table.cohorts)
            for column, cell in enumerate(one.cells)
            if cell is not None
        ),
    )


async def _list(deps: Dependencies, view: ReportView, one: Dimension) -> Drawing:
    from reports.charts.vega.bars import bars  # noqa: PLC0415 - Altair

    rows = await rows_of(deps, REPORTS[one.key], view, Cut(limit=BARS))
    try:
        found = [(drawable(row["name"], one.kind), row[one.lead]) for row in rows.listed()]
    finally:
        rows.close()
    if not found:
        raise NothingToDraw(view)
    heading = heading_of(one, one.lead)
    title = f"{one.title} by {heading.lower()}"
    said = tuple((name, number(value)) for name, value in found)
    most = ", ".join(f"{name} {text}" for name, text in said[:3])
    summary = f"{title}, the {len(said)} largest: {most}{' …' if len(said) > 3 else '.'}"
    drawn = [(name, value, number(value)) for name, value in found]
    return Drawing(
        view=view,
        title=title,
        summary=summary,
        head=(one.column, heading),
        rows=said,
        words=tuple(f"{name}: {text}" for name, text in said),
        spec=await asyncio.to_thread(bars, drawn, title, summary, about(view)),
    )


_DRAWN: dict[str, Callable[[Dependencies, ReportView, Request], Awaitable[Drawing]]] = {
    "over-time": _over_time,
    "hours": _hours,
    "cohorts": _cohorts,
    "goal": goal_over_time,
    "compare": segments_compared,
    "world-map": world,
    **{name: partial(of_table, shape=shape) for name, shape in SHAPES.items()},
}

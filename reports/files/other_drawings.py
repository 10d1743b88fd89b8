"""Charts that are no table of a report: a goal over time, segments compared, the world map."""

import asyncio
from dataclasses import replace
from functools import partial

from starlette.requests import Request

from askfirst.errors import Malformed, NotFound
from askfirst.store.ledger.goals import GoalBook
from reports.cards.world_map import dots_of_land, no_place_words, shade_of
from reports.charts.line_chart import Chart
from reports.charts.series import lines_of, steps_over
from reports.dependencies import Dependencies
from reports.files.drawing import Drawing, NothingToDraw, about, drawable
from reports.formatting.template_filters import number
from reports.goals.goal import goal_chart
from reports.segments.compare import ALL_VISITS, METRICS, SEGMENT_FIELDS, chosen_segments
from reports.tables.asking import rows_of
from reports.tables.registry import REPORTS
from reports.tables.table import Cut
from reports.url.asking import answered
from reports.url.goal_conditions import looked_up, why_not
from reports.url.links import charted_words
from reports.url.report_view import ReportView

_COUNTRIES = 300


async def goal_over_time(deps: Dependencies, view: ReportView, _request: Request) -> Drawing:
    """Draw the visitors who reached the goal of the address, else the first by name."""
    from reports.charts.vega.over_time import over_time  # noqa: PLC0415 - Altair

    goals = (await GoalBook(deps.ledger, deps.clock).of(view.site.id)).goals
    asked = view.address.query.get("goal", "")
    goal = next((one for one in goals if not asked or str(one.id) == asked), None)
    if goal is None:
        raise NotFound("There is no such goal.")
    others = [window for window in (view.period.before,) if window]
    chart: Chart = await answered(deps, view, partial(goal_chart, view, goal), *others)
    compared = charted_words(view.period)
    before = f"{view.period.against_words} ({compared})" if compared else ""
    said = tuple(number(row.now) for row in chart.rows)
    name = drawable(goal.name, "")
    below = f"{name}. {about(view)}"
    return Drawing(
        view=view,
        title=f"{name}: {chart.label.lower()} {chart.unit}",
        summary=f"{name}. {chart.summary}",
        head=("From", chart.label),
        rows=tuple((row.label, text) for row, text in zip(chart.rows, said, strict=True)),
        words=tuple(f"{row.label}: {text}" for row, text in zip(chart.rows, said, strict=True)),
        spec=await asyncio.to_thread(over_time, chart, before, below),
        zooms=True,
    )


async def segments_compared(deps: Dependencies, view: ReportView, _request: Request) -> Drawing:
    """Draw a line for each segment that the address chooses, as the page that compares them."""
    from reports.charts.vega.lines import lines  # noqa: PLC0415 - Altair

    query = view.address.query
    metric = query.get("metric", "visitors")
    if metric not in METRICS:
        raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
    choices = (ALL_VISITS, *view.saved)
    chosen = chosen_segments({name: query.get(name, "") for name in SEGMENT_FIELDS}, choices)
    shown = [one for one in chosen if not why_not(one.segment, view.site, view.goals)]
    if not shown:
        raise NothingToDraw(view, "None of the chosen segments can be counted.")
    found = []
    for one in shown:  # one after the other, as on the page: the engine takes turns
        mine = replace(view, segment=looked_up(one.segment, view.site, view.goals))
        steps = await answered(deps, mine, lambda asked: steps_over(asked, view.period, metric))
        found.append((drawable(one.name, ""), steps))
    drawn = lines_of(found, view.period)
    names = tuple(name for name, _ in found)
    title = f"{METRICS[metric]} {drawn.charts[0].unit}, by segment"
    summary = f"{title}. {' '.join(chart.summary for chart in drawn.charts)}"
    return Drawing(
        view=view,
        title=title,
        summary=summary,
        head=("From", *names),
        rows=tuple((label, *texts) for label, texts in drawn.table),
        words=tuple(
            f"{label}: {', '.join(map(' '.join, zip(names, texts, strict=True)))}"
            for label, texts in drawn.table
        ),
        spec=await asyncio.to_thread(lines, drawn.charts, title, summary, about(view)),
    )


async def world(deps: Dependencies, view: ReportView, _request: Request) -> Drawing:
    """Draw the world, the darker the more visitors a country has."""
    from reports.charts.vega.dots import Land, dots  # noqa: PLC0415 - Altair

    rows = await rows_of(deps, REPORTS["countries"], view, Cut(limit=_COUNTRIES))
    try:
        counts = {row["name"]: row["visitors"] for row in rows.listed()}
    finally:
        rows.close()
    places = dots_of_land()
    known = [code for code, visitors in counts.items() if visitors and code in places]
    if not known:
        raise NothingToDraw(view, no_place_words(any(counts.values()), view.is_filtered))
    most = max(counts[code] for code in known)
    lands = [
        Land(known.index(code), shade_of(counts[code], most), where)
        if code in known
        else Land(-1, 0, where)
        for code, where in places.items()
    ]
    said = tuple((drawable(code, "country"), number(counts[code])) for code in known)
    title = "Visitors by country"
    first = ", ".join(f"{name} {text}" for name, text in said[:5])
    rest = " \N{HORIZONTAL ELLIPSIS}" if len(said) > 5 else "."
    summary = f"{title}: {first}{rest}"
    return Drawing(
        view=view,
        title=title,
        summary=summary,
        head=("Country", "Visitors"),
        rows=said,
        words=tuple(f"{name}: {text}" for name, text in said),
        spec=await asyncio.to_thread(dots, lands, title, summary, about(view)),
    )

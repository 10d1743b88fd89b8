"""A figure over time in Vega-Lite: the line, what is not whole dashed, the period before behind."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt

from reports.charts.levels import LEVELS
from reports.charts.line_chart import Chart, ChartRow
from reports.charts.vega.look import AT, COLOURS, finished

_ACCENT, _SURFACE = COLOURS["--d1"], COLOURS["--surface"]
_DASH = [4, 4]

Place = dict[str, Any]
"""A point of a line: its step `nth`, `x` in per cent of the width, its `value` and `piece`."""


def over_time(
    chart: Chart, before: str = "", about: str = "", width: int = 640, height: int = 240
) -> dict[str, Any]:
    """Return the Vega-Lite of a chart that `reports.charts.line_chart.chart_of` made.

    `before` names the thin grey line, such as `the period before (1 to 30 Oct)`; `about` is the
    first line below the title, such as the site and the days. Width and height are those of the
    plot, in pixels.
    """
    layers = [one.encode(x=_x(chart)) for one in (*_behind(chart), *_lines(chart), *_read(chart))]
    drawn = alt.layer(*layers).add_params(alt.param(name=AT, value=-1))
    sized = drawn.properties(width=width, height=height, description=chart.summary)
    opened = f"Dashed: {chart.open_key}." if chart.open_key else ""
    earlier = f"Grey: {before}." if before else ""
    keys = " ".join(key for key in (opened, earlier) if key)
    return finished(sized, f"{chart.label} {chart.unit}", about, keys)


def zoomable(spec: dict[str, Any]) -> dict[str, Any]:
    """Return what `over_time` returned, to be read by steps: it zooms by wheel and Shift."""
    select = {"type": "interval", "encodings": ["x"], "zoom": "wheel![event.shiftKey]"}
    layers = [_clipped(one) for one in spec["layer"]]
    layers[0]["params"] = [{"name": "zoom", "select": select, "bind": "scales"}]
    return {**spec, "layer": layers}


def _clipped(layer: dict[str, Any]) -> dict[str, Any]:
    """Return a layer that stays in the plot, which has room for half a mark at both ends."""
    x = layer["encoding"]["x"]
    wide = {**x, "scale": {**x["scale"], "domain": [-1, 101]}}
    encoding = {**layer["encoding"], "x": wide}
    return {**layer, "mark": {**layer["mark"], "clip": True}, "encoding": encoding}


def _behind(chart: Chart) -> list[alt.Chart]:
    """Return the weekends, and the line of the period before."""
    found = []
    if chart.weekends:
        bands = [{"x": one.x, "x2": round(one.x + one.width, 2)} for one in chart.weekends]
        found.append(_drawn(bands).mark_rect(color=COLOURS["--weekend"]).encode(x2="x2:Q"))
    before = [_place(chart, nth, row.before) for nth, row in enumerate(chart.rows)]
    if chart.faint:
        line = _drawn(before).mark_line(color=COLOURS["--before"], strokeWidth=1.25)
        found.append(line.encode(y=_y(chart)))
    return found


def _lines(chart: Chart) -> list[alt.Chart]:
    """Return the area under what is whole, both lines, and the points that no line joins."""
    pieces = _pieces(chart.rows)
    whole, opened = (
        [
            _place(chart, nth, chart.rows[nth].now, piece)
            for piece, (is_whole, places) in enumerate(pieces)
            for nth in places
            if is_whole is wanted
        ]
        for wanted in (True, False)
    )
    alone = [
        _place(chart, places[0], chart.rows[places[0]].now)
        for _, places in pieces
        if len(places) == 1
    ]
    area = _drawn(whole).mark_area(color=_ACCENT, opacity=0.08)
    line = _drawn(whole).mark_line(color=_ACCENT, strokeWidth=2)
    dashes = _drawn(opened).mark_line(color=_ACCENT, strokeWidth=2, strokeDash=_DASH)
    y = _y(chart)
    joined = [one.encode(y=y, detail="piece:N") for one in (line, dashes)]
    points = _drawn(alone).mark_point(color=_ACCENT, filled=True, opacity=1, size=40)
    last = max((nth for nth, row in enumerate(chart.rows) if row.now is not None), default=0)
    ends = [_place(chart, last, chart.rows[last].now)] if chart.end else []
    ring = _drawn(ends).mark_point(color=_ACCENT, fill=_SURFACE, opacity=1, size=40)
    under = area.encode(y=_y(chart).stack(None), detail="piece:N")  # pieces lie side by side
    return [under, *joined, points.encode(y=y), ring.encode(y=y)]


def _read(chart: Chart) -> list[alt.Chart]:
    """Return the marks at the step that is read, which the page moves."""
    rows = [_place(chart, nth, row.now) for nth, row in enumerate(chart.rows)]
    read = _drawn(rows).transform_filter(f"datum.nth === {AT}")
    dot = read.mark_point(color=_ACCENT, filled=True, opacity=1, size=60)
    return [read.mark_rule(color=COLOURS["--ink-3"]), dot.encode(y=_y(chart))]


def _drawn(values: Sequence[Place]) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(values)))


def _place(chart: Chart, nth: int, value: float | None, piece: int = 0) -> Place:
    last = len(chart.rows) - 1
    return {
        "nth": nth,
        "x": round(100 * nth / last, 3) if last else 50.0,
        "value": value,
        "piece": piece,
    }


def _pieces(rows: Sequence[ChartRow]) -> list[tuple[bool, list[int]]]:
    """Return the steps of each piece of the line, and whether all of it is whole."""
    known = [nth for nth, row in enumerate(rows) if row.now is not None]
    found: list[tuple[bool, list[int]]] = []
    for one, two in pairwise(known):
        is_whole = rows[one].is_whole and rows[two].is_whole
        if two != one + 1:
            continue
        if found and found[-1][0] == is_whole and found[-1][1][-1] == one:
            found[-1][1].append(two)
        else:
            found.append((is_whole, [one, two]))
    joined = {nth for _, places in found for nth in places}
    return [*found, *((rows[nth].is_whole, [nth]) for nth in known if nth not in joined)]


def _x(chart: Chart) -> alt.X:
    ticks = {str(tick.x): tick.label for tick in chart.ticks}
    axis = alt.Axis(
        title=None,
        grid=False,
        values=[tick.x for tick in chart.ticks],
        labelExpr=f"{json.dumps(ticks)}[toString(datum.value)]",
        labelOverlap=True,
        labelFlush=True,
    )
    return alt.X("x:Q", axis=axis, scale=alt.Scale(domain=[0, 100], nice=False))


def _y(chart: Chart) -> alt.Y:
    levels = [chart.top * nth / LEVELS for nth in range(LEVELS + 1)]
    words = {str(nth): text for nth, text in enumerate(reversed(chart.levels))}
    axis = alt.Axis(
        title=None,
        domain=False,
        values=levels,
        labelExpr=f"{json.dumps(words)}[toString(round(datum.value * {LEVELS} / {chart.top}))]",
    )
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, chart.top], nice=False))

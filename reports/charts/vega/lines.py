"""Lines in Vega-Lite: one for each segment, on one scale, each named at its end."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt

from reports.charts.levels import LEVELS
from reports.charts.line_chart import Chart
from reports.charts.vega.look import AT, COLOURS, finished

COLOUR_OF = ("--d1", "--d2", "--d3")
"""The colours of the lines, in their order."""
_DASHES = ([1, 0], [6, 3], [2, 2])
_WIDTH, _HEIGHT, _NAME, _APART = 640, 240, 140, 14


def lines(charts: Sequence[Chart], title: str, summary: str, about: str = "") -> dict[str, Any]:
    """Return the Vega-Lite of charts that share one scale (`reports.charts.series.lines_of`).

    Each line has a colour, a dash and its name behind it, so that colour alone tells nothing.
    `summary` is the text alternative. A mark's number is that of its step.
    """
    values = [
        {"nth": nth, "line": line, "value": row.now}
        for line, chart in enumerate(charts)
        for nth, row in enumerate(chart.rows)
        if row.now is not None
    ]
    first = charts[0]
    place = alt.Chart(alt.Data(values=values)).encode(x=_x(first), y=_y(first), color=_colour())
    dash = alt.StrokeDash("line:N", scale=_scale(_DASHES), legend=None)
    read = place.transform_filter(f"datum.nth === {AT}")
    drawn = alt.layer(
        place.mark_line(strokeWidth=2).encode(strokeDash=dash),
        _names(charts).encode(x=_x(first), y=_y(first)),
        read.mark_point(filled=True, opacity=1, size=60),
    ).add_params(alt.param(name=AT, value=-1))
    sized = drawn.properties(width=_WIDTH, height=_HEIGHT, description=summary)
    return finished(sized, title, about)


def _names(charts: Sequence[Chart]) -> alt.Chart:
    ends = [end for line, chart in enumerate(charts) for end in _end(line, chart)]
    ends.sort(key=lambda one: float(one["value"]))
    for below, above in pairwise(ends):  # names that would lie on each other
        least = below["value"] + _APART * charts[0].top / _HEIGHT
        above["value"] = max(above["value"], least)
    text = alt.Chart(alt.Data(values=ends)).mark_text(
        align="left", dx=8, fontSize=11, limit=_NAME, color=COLOURS["--ink"]
    )
    return text.encode(text="text:N")


def _end(line: int, chart: Chart) -> list[dict[str, Any]]:
    """Return where a line ends, if it has a value, and its name."""
    known = [(nth, row.now) for nth, row in enumerate(chart.rows) if row.now is not None]
    return [{"nth": x, "value": y, "text": chart.label, "line": line} for x, y in known[-1:]]


def _scale(values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=list(range(len(values))), range=list(values))


def _colour() -> alt.Color:
    return alt.Color("line:N", scale=_scale([COLOURS[one] for one in COLOUR_OF]), legend=None)


def _x(chart: Chart) -> alt.X:
    last = max(1, len(chart.rows) - 1)
    places = {str(round(tick.x * last / 100)): tick.label for tick in chart.ticks}
    axis = alt.Axis(
        title=None,
        grid=False,
        values=[int(one) for one in places],
        labelExpr=f"{json.dumps(places)}[toString(datum.value)]",
        labelOverlap=True,
    )
    return alt.X("nth:Q", axis=axis, scale=alt.Scale(domain=[0, last], nice=False))


def _y(chart: Chart) -> alt.Y:
    words = {str(nth): text for nth, text in enumerate(reversed(chart.levels))}
    axis = alt.Axis(
        title=None,
        domain=False,
        values=[chart.top * nth / LEVELS for nth in range(LEVELS + 1)],
        labelExpr=f"{json.dumps(words)}[toString(round(datum.value * {LEVELS} / {chart.top}))]",
    )
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, chart.top], nice=False))

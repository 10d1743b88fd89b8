"""Columns in Vega-Lite: one or more series over steps, days or numbers, stacked on each other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.levels import LEVELS, levels_of, top_of
from reports.charts.vega.look import AT, COLOURS, finished

SERIES = ("--d1", "--d2", "--bad")
"""The colours of the series, in their order."""
_HEIGHT, _WIDEST, _NARROW, _WIDE = 240, 640, 6, 56


@dataclass(frozen=True)
class Series:
    """What is stacked: its words, and a value for each column; None where it is not known."""

    words: str
    values: tuple[float | None, ...]


def columns(
    labels: Sequence[str],
    series: Sequence[Series],
    title: str,
    summary: str,
    about: str = "",
    kind: str = "count",
) -> dict[str, Any]:
    """Return the Vega-Lite of columns that begin at 0; `summary` is the text alternative.

    `labels` stand below the columns, as many as there is room for. `kind` is that of a figure:
    "count" or "share", where 1 is all and the scale ends there. A mark's number counts series by
    series within a column. Several series have a line below the title that names their colours.
    """
    values = [one for column in _stacked(series) for one in column]
    top = 1.0 if kind == "share" else top_of(max((one["upto"] for one in values), default=0))
    place = alt.Chart(alt.Data(values=values)).encode(
        x=_x(labels), y=_y(top, kind), y2="upto:Q", color=_colour(series)
    )
    read = place.transform_filter(f"datum.nth === {AT}")
    drawn = alt.layer(
        place.mark_bar(cornerRadius=2),
        read.mark_bar(stroke=COLOURS["--ink"], strokeWidth=2, cornerRadius=2),
    ).add_params(alt.param(name=AT, value=-1))
    width = len(labels) * max(_NARROW, min(_WIDE, _WIDEST // max(1, len(labels))))
    sized = drawn.properties(width=width, height=_HEIGHT, description=summary)
    keys = ", ".join(one.words for one in series) if len(series) > 1 else ""
    return finished(sized, title, about, f"From below: {keys}." if keys else "")


def _stacked(series: Sequence[Series]) -> list[list[dict[str, Any]]]:
    """Return the pieces of each column: from where to where each series goes."""
    found = []
    for column, values in enumerate(zip(*(one.values for one in series), strict=True)):
        pieces, below = [], 0.0
        for place, value in enumerate(values):
            if value is not None:
                nth = column * len(series) + place
                piece = {"nth": nth, "column": column, "series": place}
                pieces.append({**piece, "from": below, "upto": below + value})
                below += value
        found.append(pieces)
    return found


def _x(labels: Sequence[str]) -> alt.X:
    axis = alt.Axis(
        title=None,
        labelAngle=0,
        labelOverlap=True,
        labelExpr=f"slice({json.dumps([f'={one}' for one in labels])}[datum.value], 1)",
    )
    return alt.X("column:O", axis=axis, scale=alt.Scale(domain=list(range(len(labels)))))


def _y(top: float, kind: str) -> alt.Y:
    words = {str(nth): text for nth, text in enumerate(reversed(levels_of(top, kind)))}
    axis = alt.Axis(
        title=None,
        domain=False,
        values=[top * nth / LEVELS for nth in range(LEVELS + 1)],
        labelExpr=f"{json.dumps(words)}[toString(round(datum.value * {LEVELS} / {top}))]",
    )
    return alt.Y("from:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=False))


def _colour(series: Sequence[Series]) -> alt.Color:
    places = list(range(len(series)))
    scale = alt.Scale(domain=places, range=[COLOURS[SERIES[one]] for one in places])
    return alt.Color("series:N", scale=scale, legend=None)

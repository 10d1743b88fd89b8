"""A heat map in Vega-Lite: hours by weekday, cohorts by step; the darker a cell, the more."""

import json
from typing import Any

import altair as alt

from reports.charts.grid import LEVELS, Grid
from reports.charts.vega.look import AT, COLOURS, HEAT, HEAT_INK, finished

_CELL, _WIDE = 26, 44
_DARK = LEVELS - 1
"""The first level on which ink is light."""


def heat(grid: Grid, title: str, summary: str, about: str = "") -> dict[str, Any]:
    """Return the Vega-Lite of a grid; `summary` is its text alternative, `about` a line below."""
    is_wide = any(cell.text for cell in grid.cells)
    values = [
        {
            "nth": cell.row * len(grid.columns) + cell.column,
            "row": cell.row,
            "column": cell.column,
            "level": cell.level,
            "text": cell.text,
            "part": not cell.is_whole,
        }
        for cell in grid.cells
    ]
    place = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("column:O", axis=_axis(grid.columns, "top"), scale=_scale(grid.columns)),
        y=alt.Y("row:O", axis=_axis(grid.rows, "left"), scale=_scale(grid.rows)),
    )
    drawn = alt.layer(*_marks(place)).add_params(alt.param(name=AT, value=-1))
    sized = drawn.properties(
        width=(_WIDE if is_wide else _CELL) * len(grid.columns),
        height=_CELL * len(grid.rows),
        description=summary,
    )
    return finished(sized, title, about)


def _marks(place: alt.Chart) -> list[alt.Chart]:
    """Return the cells, a dashed edge of those that are not whole, the texts, and what is read."""
    shades = alt.Scale(domain=list(range(LEVELS + 1)), range=list(HEAT))
    cells = place.mark_rect(stroke=COLOURS["--surface"], strokeWidth=2, cornerRadius=3)
    parts = place.transform_filter("datum.part").mark_rect(
        fillOpacity=0, stroke=COLOURS["--ink-3"], strokeDash=[3, 3], strokeWidth=1
    )
    ink = alt.condition(f"datum.level >= {_DARK}", alt.value(HEAT_INK), alt.value(COLOURS["--ink"]))
    read = place.transform_filter(f"datum.nth === {AT}").mark_rect(
        fillOpacity=0, stroke=COLOURS["--ink"], strokeWidth=2
    )
    return [
        cells.encode(color=alt.Color("level:O", scale=shades, legend=None)),
        parts,
        place.mark_text(fontSize=11).encode(text="text:N", color=ink),
        read,
    ]


def _scale(labels: tuple[str, ...]) -> alt.Scale:
    return alt.Scale(domain=list(range(len(labels))), padding=0)


def _axis(labels: tuple[str, ...], orient: str) -> alt.Axis:
    return alt.Axis(
        title=None,
        domain=False,
        orient=orient,
        labelAngle=0,
        labelExpr=f"{json.dumps(labels)}[datum.value]",
    )

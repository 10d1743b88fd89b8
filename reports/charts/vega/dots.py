"""The world map in Vega-Lite: land as dots of equal area, the darker the more visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.vega.look import AT, COLOURS, HEAT, finished

_STEP, _SIZE = 7, 18


@dataclass(frozen=True)
class Land:
    """A country: its dots (column, row), and its shade, 0 without a visitor and 5 with the most.

    `nth` is the number of its mark, -1 for land that is none.
    """

    nth: int
    shade: int
    dots: tuple[tuple[int, int], ...]


def dots(lands: Sequence[Land], title: str, summary: str, about: str = "") -> dict[str, Any]:
    """Return the Vega-Lite of the map; `summary` is its text alternative."""
    values = [
        {"nth": land.nth, "shade": land.shade, "x": column + (row % 2) / 2, "y": row}
        for land in lands
        for column, row in land.dots
    ]
    widest = max((one["x"] for one in values), default=1)
    lowest = max((one["y"] for one in values), default=1)
    place = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1, widest + 1], nice=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[lowest + 1, -1], nice=False)),
        color=alt.Color("shade:O", scale=_shades(), legend=None),
    )
    read = place.transform_filter(f"datum.nth >= 0 && datum.nth === {AT}")
    drawn = alt.layer(
        place.mark_circle(size=_SIZE, opacity=1),
        read.mark_circle(size=2 * _SIZE, opacity=1, stroke=COLOURS["--ink"], strokeWidth=1),
    ).add_params(alt.param(name=AT, value=-1))
    sized = drawn.properties(
        width=round(_STEP * (widest + 2)), height=round(_STEP * 0.87 * (lowest + 2))
    )
    return finished(sized.properties(description=summary), title, about)


def _shades() -> alt.Scale:
    """Return the colours of land without visitors, and of the five shades."""
    return alt.Scale(domain=list(range(6)), range=[HEAT[0], *HEAT[2:]])

"""A breakdown in Vega-Lite: a bar a row, its name before it and its figure behind it."""

import json
from collections.abc import Sequence
from typing import Any

import altair as alt

from reports.charts.vega.look import AT, COLOURS, finished

_ROW, _NAME = 28, 260

Bar = tuple[str, float, str]
"""A row: its name, its figure, and how the figure is written."""


def bars(
    rows: Sequence[Bar], title: str, summary: str, about: str = "", width: int = 420
) -> dict[str, Any]:
    """Return the Vega-Lite of rows, the longest first; `summary` is the text alternative.

    `about` is a line below the title. Bars begin at 0; `width` is that of the longest, in pixels.
    """
    room = 1.15  # of the longest bar, for its figure behind it
    values = [
        {"nth": nth, "value": value, "text": text} for nth, (_, value, text) in enumerate(rows)
    ]
    longest = max((value for _, value, _ in rows), default=0) or 1
    names = json.dumps([name for name, _, _ in rows])
    place = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(
            "value:Q",
            axis=None,
            stack=None,
            scale=alt.Scale(domain=[0, longest * room], nice=False),
        ),
        y=alt.Y(
            "nth:O",
            axis=alt.Axis(
                title=None,
                domain=False,
                labelExpr=f"{names}[datum.value]",
                labelLimit=_NAME,
                labelColor=COLOURS["--ink"],
                labelFontSize=12,
            ),
        ),
    )
    bar = place.mark_bar(color=COLOURS["--bar"], cornerRadius=4, height=_ROW - 6)
    text = place.mark_text(align="left", dx=6, fontSize=12, color=COLOURS["--ink"])
    read = place.transform_filter(f"datum.nth === {AT}").mark_bar(
        color=COLOURS["--bar"], stroke=COLOURS["--d1"], cornerRadius=4, height=_ROW - 6
    )
    drawn = alt.layer(bar, read, text.encode(text="text:N")).add_params(
        alt.param(name=AT, value=-1)
    )
    sized = drawn.properties(width=width, height=_ROW * max(1, len(rows)), description=summary)
    return finished(sized, title, about)

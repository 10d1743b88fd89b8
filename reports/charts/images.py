"""Charts as files: SVG, PNG and PDF of what `reports/charts/vega` defines, by vl-convert.

vl-convert works in a process of its own (`convert.py`): inside the server it would hold up every
other request for half a second. Each takes about half a second and 140 MiB.
"""

import asyncio
import json
from html import escape
from typing import Any, Literal

from reports.charts.apart import apart, in_turn
from reports.charts.line_chart import Chart

Form = Literal["svg", "png", "pdf"]
MEDIA_TYPES: dict[Form, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats of a chart, each with its media type."""


async def image(spec: dict[str, Any], form: Form, scale: float = 2) -> bytes:
    """Return a chart, in Vega-Lite, as a file; a PNG has `scale` pixels for each of the chart's.

    Raises `Unavailable` where too many wait or the chart cannot be drawn.
    """
    drawn = await in_turn(convert, {"spec": spec, "form": form, "scale": scale})
    return _said(drawn, str(spec.get("description", ""))) if form == "svg" else drawn


def _said(svg: bytes, summary: str) -> bytes:
    """Return an SVG with its text alternative, which vl-convert leaves out."""
    root = f'<svg role="img" aria-label="{escape(summary)}" '
    return svg.replace(b"<svg ", root.encode(), 1)


async def over_time_png(
    chart: Chart, before: str = "", about: str = "", width: int = 560, height: int = 200
) -> bytes:
    """Return the chart of a figure over time as PNG, twice as many pixels as it has points.

    `chart` is what `reports.charts.line_chart.chart_of` returns; `before` names the grey line of
    the period before, such as `period before (1 to 30 Oct)`; `about` is the line below the title,
    such as `example.org, 31 Oct to 29 Nov`. Width and height, in pixels, are those of the plot:
    its labels and title come on top, some 60 and 90. `chart.summary` is its text alternative.

    Raises `Unavailable` where too many wait or the chart cannot be drawn.
    """
    spec = await asyncio.to_thread(_over_time, chart, before, about, width, height)
    return await image(spec, "png")


def _over_time(chart: Chart, before: str, about: str, width: int, height: int) -> dict[str, Any]:
    from reports.charts.vega.over_time import over_time  # noqa: PLC0415 - Altair: see that package

    return over_time(chart, before, about, width, height)


def convert(asked: dict[str, Any]) -> bytes:
    """Return what `convert.py` makes of a demand; blocks, and raises `Unavailable`."""
    return apart("reports.charts.convert", json.dumps(asked).encode())

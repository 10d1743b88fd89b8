"""Charts as files: SVG, PNG and PDF of what `reports/charts/vega` defines, by vl-convert.

vl-convert works in a process of its own (`convert.py`): inside the server it would hold up every
other request for half a second. One works at a time; each takes about 0.7 seconds and 130 MiB.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeVar

import structlog

from askfirst.errors import Unavailable
from reports.charts.line_chart import Chart

Made = TypeVar("Made")
Form = Literal["svg", "png", "pdf"]
MEDIA_TYPES: dict[Form, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats of a chart, each with its media type."""
MOST_WAITING = 16
"""How many images may be asked for at a time, the one that is drawn among them."""
SECONDS = 30
"""How long an image may take."""
RETRY_S = 10

log = structlog.get_logger()
_CONVERT = Path(__file__).with_name("convert.py")
_thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
_waiting = 0


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


async def in_turn(work: Callable[..., Made], *given: Any) -> Made:
    """Do work in the one thread of charts; raises `Unavailable` where too many wait for it."""
    global _waiting  # noqa: PLW0603 - the one thread has one queue
    if _waiting >= MOST_WAITING:
        raise Unavailable("Too many charts are drawn just now. Try again.", retry_after=RETRY_S)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_thread, work, *given)
    finally:
        _waiting -= 1


def convert(asked: dict[str, Any]) -> bytes:
    """Return what `convert.py` makes of a demand; blocks, and raises `Unavailable`."""
    command = [sys.executable, "-P", str(_CONVERT)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = getattr(error, "stderr", None) or b""
        log.warning(
            "chart_not_drawn", why=type(error).__name__, last=why[-300:].decode("utf-8", "replace")
        )
        raise Unavailable("The chart cannot be drawn just now.", retry_after=RETRY_S) from error
    return done.stdout

"""Charts of the rows of a report: funnels, flow, paths, web vitals, scrolling, return, coverage."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request

from askfirst.store.ledger.goals import GoalBook
from reports.charts.ticks import step_label
from reports.dependencies import Dependencies
from reports.files.drawing import Drawing, NothingToDraw, about, drawable
from reports.formatting.template_filters import ended, number, round_percent
from reports.questions.cards.scroll import DEPTHS
from reports.returning.steps import read_step
from reports.tables.asking import check_asked, rows_of
from reports.tables.registry import report_of
from reports.tables.table import Cut
from reports.url.report_view import ReportView

_Row = dict[str, Any]
_EACH = 30
"""Numbers of a distribution that have a column."""


@dataclass(frozen=True)
class Values:
    """What is drawn: a name for each column or bar, and the values of each series.

    `texts` are the values in words, by series; `kind` is "count" or "share".
    """

    names: tuple[str, ...]
    series: dict[str, tuple[float | None, ...]]
    kind: str = "count"
    texts: tuple[tuple[str, ...], ...] = ()
    rest: tuple[str, str] | None = None
    """What has no column because it lies too far away, and how much that is; it is in the table."""

    @property
    def written(self) -> tuple[tuple[str, ...], ...]:
        """The values in words, by series."""
        if self.texts:
            return self.texts
        return tuple(tuple(map(self._written, one)) for one in self.series.values())

    def _written(self, value: float | None) -> str:
        if value is None:
            return "\N{EN DASH}"
        return round_percent(value) if self.kind == "share" else number(value)


@dataclass(frozen=True)
class Shape:
    """How a report is drawn: `title`, the heading of its names, and what reads its rows.

    `most` is how many rows are read; `bars` lie one below the other, as long names need.
    """

    report: str
    title: str
    heading: str
    read: Callable[[Sequence[_Row], ReportView], Values]
    most: int = 400
    bars: bool = False
    named: Callable[[Dependencies, ReportView], Awaitable[str]] | None = None
    """What finds the name of the page or funnel that it is about."""


async def of_table(
    deps: Dependencies, view: ReportView, _request: Request, shape: Shape
) -> Drawing:
    """Draw a report's rows; raises `NotFound` without any, `Malformed` where it takes no filter."""
    report = report_of(shape.report)
    check_asked(report, view)
    rows = await rows_of(deps, report, view, Cut(limit=shape.most))
    try:
        values = shape.read(rows.listed(), view)
    finally:
        rows.close()
    if not any(one for series in values.series.values() for one in series):
        raise NothingToDraw(view)
    lines = tuple(zip(values.names, *values.written, strict=True))
    words = tuple(
        f"{name}: {text} {series}" if len(values.series) > 1 else f"{name}: {text}"
        for name, *texts in lines
        for series, text in zip(values.series, texts, strict=True)
    )
    name = await shape.named(deps, view) if shape.named else ""
    title = f"{shape.title} {name}".strip()
    rest = f" {': '.join(values.rest)}, not drawn." if values.rest else ""
    summary = f"{title}: {_first(lines, tuple(values.series))}{rest}"
    below = f"{ended(about(view))}{rest}" if rest else about(view)
    return Drawing(
        view=view,
        title=title,
        summary=summary,
        head=(shape.heading, *(one.capitalize() for one in values.series)),
        rows=lines if values.rest is None else (*lines, values.rest),
        words=words,
        spec=await asyncio.to_thread(_spec, (title, summary, below), shape, values),
        columns=len(values.series),
    )


def _first(lines: Sequence[tuple[str, ...]], series: tuple[str, ...]) -> str:
    """Return the first columns in words, for who does not see the chart."""
    said = (
        f"{name} " + ", ".join(f"{text} {one}" for text, one in zip(texts, series, strict=True))
        for name, *texts in lines[:6]
    )
    return "; ".join(said) + (" \N{HORIZONTAL ELLIPSIS}" if len(lines) > 6 else ".")


_KINDS = {"page": "path", "link": "link"}
"""How the steps of a flow are written."""


def _spec(said: tuple[str, str, str], shape: Shape, values: Values) -> dict[str, Any]:
    """Return the Vega-Lite; `said` are its title, its text alternative, and the line below."""
    from reports.charts.vega.bars import bars  # noqa: PLC0415 - Altair
    from reports.charts.vega.columns import Series, columns  # noqa: PLC0415 - Altair

    if shape.bars:
        [lengths], [texts] = values.series.values(), values.written
        rows = [
            (name, length or 0, text)
            for name, length, text in zip(values.names, lengths, texts, strict=True)
        ]
        return bars(rows, *said)
    series = [Series(words, one) for words, one in values.series.items()]
    return columns(values.names, series, *said, values.kind)


async def _funnel_name(deps: Dependencies, view: ReportView) -> str:
    funnels = (await GoalBook(deps.ledger, deps.clock).of(view.site.id)).funnels
    asked = view.address.query.get("funnel", "")
    return next((one.name for one in funnels if not asked or str(one.id) == asked), "")


async def _page_name(_deps: Dependencies, view: ReportView) -> str:
    return drawable(view.address.query.get("at", ""), "path") or "with most visitors"


def _funnel(rows: Sequence[_Row], _view: ReportView) -> Values:
    counts = tuple(float(row["visitors"]) for row in rows)
    names = tuple(f"{row['step']}. {drawable(row['name'], '')}" for row in rows)
    texts = tuple(_come_so_far(row) for row in rows)
    return Values(names, {"visitors": counts}, texts=(texts,))


def _come_so_far(row: _Row) -> str:
    share = "" if row["share"] is None else f" ({round_percent(row['share'])})"
    return f"{number(row['visitors'])}{share}"


def _flow(rows: Sequence[_Row], _view: ReportView) -> Values:
    """Read both sides of a page; each has its most frequent steps, and the rest in one."""
    found = [one for side in ("before", "after") for one in _side(rows, side)]
    names, counts = tuple(name for name, _ in found), tuple(count for _, count in found)
    return Values(names, {"times": counts})


def _side(rows: Sequence[_Row], side: str) -> list[tuple[str, float]]:
    mine = [row for row in rows if row["side"] == side]
    ends = {"before": "the visit began", "after": "the visit ended"}
    named = [
        (
            f"{side}: {drawable(row['name'], _KINDS[row['kind']]) if row['kind'] else ends[side]}",
            row["times"],
        )
        for row in mine
    ]
    rest = sum(times for _, times in named[9:])
    return named[:9] + ([(f"{side}: all others", rest)] if rest else [])


def _paths(rows: Sequence[_Row], _view: ReportView) -> Values:
    names = tuple(
        " \N{RIGHTWARDS ARROW} ".join(
            drawable(text, "link" if ":" in text.partition("/")[0] else "path")
            for field, text in row.items()
            if field.startswith("step_") and text is not None
        )
        for row in rows
    )
    return Values(names, {"visits": tuple(float(row["visits"]) for row in rows)})


def _vitals(rows: Sequence[_Row], _view: ReportView) -> Values:
    known = [row for row in rows if row["loads"]]
    grades = {"good": "good", "needs work": "needs_work", "poor": "poor"}
    return Values(
        tuple(row["measure"] for row in known),
        {words: tuple(row[one] / row["loads"] for row in known) for words, one in grades.items()},
        "share",
    )


def _scroll(rows: Sequence[_Row], _view: ReportView) -> Values:
    known = [row for row in rows if row["views"]]
    if not known:
        return Values((), {"of views": ()}, "share")
    shares = tuple(known[0][f"reached_{depth}"] for depth in DEPTHS)
    names = tuple(round_percent(depth / 100) for depth in DEPTHS)
    return Values(names, {"of views": shares}, "share")


def _distribution(field: str, counted: str) -> Callable[[Sequence[_Row], ReportView], Values]:
    """Return what reads how often each number occurs; numbers in between that do not are 0."""

    def read(rows: Sequence[_Row], _view: ReportView) -> Values:
        counts = {int(row[field]): float(row[counted]) for row in rows}
        shown = range(min(counts, default=0), min(max(counts, default=-1), _EACH) + 1)
        rest = sum(times for one, times in counts.items() if one > _EACH)
        values = tuple(counts.get(one, 0.0) for one in shown)
        told = (f"Over {_EACH}", number(rest)) if rest else None
        return Values(tuple(map(str, shown)), {counted: values}, rest=told)

    return read


def _new(rows: Sequence[_Row], view: ReportView) -> Values:
    by = read_step({name: text for name, text in view.address.query.items() if text}, view.period)
    return Values(
        tuple(_day(row["begins"], by, len(rows)) for row in rows),
        {one: tuple(float(row[one]) for row in rows) for one in ("new", "returning")},
    )


def _coverage(rows: Sequence[_Row], _view: ReportView) -> Values:
    return Values(
        tuple(_day(row["day"], "day", len(rows)) for row in rows),
        {"recorded": tuple(row["share"] for row in rows)},
        "share",
    )


def _day(text: str, by: str, count: int) -> str:
    return step_label(datetime.fromisoformat(text), by, count)


SHAPES = {
    "funnel": Shape("funnel", "Visitors at each step of", "Step", _funnel, 20, True, _funnel_name),
    "flow": Shape("flow", "Right before and after the page", "Step", _flow, 400, True, _page_name),
    "paths": Shape("paths", "Most used paths by visits", "Path", _paths, 20, bars=True),
    "web-vitals": Shape("web-vitals", "Web vitals: loads by grade", "Measure", _vitals),
    "scroll": Shape("scroll", "Views that reached a depth", "Depth", _scroll),
    "visits-each": Shape(
        "visits-each", "Visits a visitor", "Visits", _distribution("visits", "visitors"), 10_000
    ),
    "days-between": Shape(
        "days-between", "Days between visits", "Days", _distribution("days", "visits"), 10_000
    ),
    "new-and-returning": Shape("new-and-returning", "New and returning visitors", "Begins", _new),
    "coverage": Shape(
        "coverage", "Share of page loads recorded, by UTC day", "Day", _coverage, 4000
    ),
}
"""The charts of tables by their names."""

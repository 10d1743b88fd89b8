"""The reports of the overview's further cards: web vitals, scroll depth, hours of the week."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from askfirst.columns import told_value
from askfirst.store.warehouse.compiled import Question
from reports.cards.depths import depths_of
from reports.cards.vitals import NAMES
from reports.dependencies import Dependencies
from reports.questions.cards.hours import hours
from reports.questions.cards.scroll import DEPTHS, scroll, scroll_by_page
from reports.questions.cards.vitals import LIMITS, vitals, vitals_by_page
from reports.tables.spool import Rows, held
from reports.tables.table import Answer, Cut, Field
from reports.url.asking import answered
from reports.url.report_view import ReportView
from reports.url.steps import shifts

MOST_PAGES = 10_000

WEB_VITALS = (
    Field(
        "measure", "Measure", f"One of {', '.join(short for short, _ in NAMES.values())}.", "text"
    ),
    Field("p75", "p75", "What three in four loads do not exceed: ms, or the shift.", "number"),
    Field("loads", "Loads", "Loads of which it was measured."),
    Field("good", "Good", "How many of them were good."),
    Field("needs_work", "Needs work", "How many were neither."),
    Field("poor", "Poor", "How many were poor."),
)
SPEED = (
    Field("name", "Page", "The path of the page.", "text"),
    Field("loads", "Loads", "Measured loads of the page."),
    *(
        Field(name, short, f"{words}: what three in four loads do not exceed.", "number")
        for name, (short, words) in NAMES.items()
    ),
)
SCROLL = (
    Field("views", "Views", "Views of which the depth is known."),
    Field("mean", "Mean", "The share of a page that was seen on average, 0 to 1.", "number"),
    *(
        Field(f"reached_{n}", f"{n}%", f"The share of views that reached {n}%.", "number")
        for n in DEPTHS
    ),
)
SCROLL_BY_PAGE = (SPEED[0], *SCROLL)
HOURS = (
    Field("weekday", "Weekday", "1 is Monday, 7 is Sunday."),
    Field("hour", "Hour", "From 0 to 23, on the clocks of the site."),
    Field("visits", "Visits", "Visits of the period that began then."),
)

_Row = dict[str, Any]


def _answer(
    question: Question,
    read: Callable[[pd.DataFrame], Iterable[_Row]],
    values: Callable[[ReportView], tuple[Any, ...]] = lambda _: (),
) -> Answer:
    """Return what answers with the rows that `read` makes of a question's answer."""

    async def answer(
        deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        frame = await answered(
            deps, view, lambda asked: asked.ask(question, asked.scope(), *values(view))
        )
        return held(fields, deps.settings.data_folder, list(read(frame)), cut)

    return answer


def _vitals(frame: pd.DataFrame) -> Iterable[_Row]:
    for name, row in zip(LIMITS, frame.to_dict("records"), strict=True):
        loads, good, poor = (int(row[one]) for one in ("loads", "good", "poor"))
        yield {
            "measure": NAMES[name][0],
            "p75": _measured(name, row["p75"]),
            "loads": loads,
            "good": good,
            "needs_work": loads - good - poor,
            "poor": poor,
        }


def _measured(name: str, value: Any) -> float | None:
    return float(told_value(name, value)) if value else None


def _speed(frame: pd.DataFrame) -> Iterable[_Row]:
    for row in frame.to_dict("records"):
        measured = {name: _measured(name, row[name]) for name in LIMITS}
        yield {"name": str(row["name"]), "loads": int(row["loads"]), **measured}


def _scroll(row: Mapping[Any, Any]) -> _Row:
    found = depths_of(row)
    shares = {one.per_cent: one.share for one in found.depths}
    reached = {f"reached_{n}": shares.get(n) for n in DEPTHS}
    return {"views": found.views, "mean": found.mean, **reached}


def _scrolled(frame: pd.DataFrame) -> Iterable[_Row]:
    return map(_scroll, frame.to_dict("records"))


def _pages_scrolled(frame: pd.DataFrame) -> Iterable[_Row]:
    return ({"name": str(row["name"]), **_scroll(row)} for row in frame.to_dict("records"))


def _hours(frame: pd.DataFrame) -> Iterable[_Row]:
    rows = frame[["weekday", "hour", "visits"]].itertuples(index=False)
    counts = {(int(day), int(hour)): int(visits) for day, hour, visits in rows}
    for day in range(7):
        for hour in range(24):
            yield {"weekday": day + 1, "hour": hour, "visits": counts.get((day, hour), 0)}


vitals_rows = _answer(vitals, _vitals)
speed_rows = _answer(vitals_by_page, _speed, lambda _: (MOST_PAGES,))
scroll_rows = _answer(scroll, _scrolled)
scroll_by_page_rows = _answer(scroll_by_page, _pages_scrolled, lambda _: (MOST_PAGES,))
hours_rows = _answer(
    hours, _hours, lambda view: (shifts(view.period.window, view.period.zone, "day"),)
)

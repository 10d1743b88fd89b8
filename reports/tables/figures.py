"""The reports of figures: the totals of a period, and the figures of each step of time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.dependencies import Dependencies
from reports.figures.figures import Totals, steps_of, totals_of
from reports.figures.over_time import with_engaged
from reports.questions.measures.rates_over_time import bounces_over_time, engaged_over_time
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.tables.comparing import compared_window
from reports.tables.spool import Rows, held
from reports.tables.table import COMPARED, Cut, Field, compared_fields
from reports.url.asking import Asked, answered
from reports.url.periods import Period, Window
from reports.url.report_view import ReportView
from reports.url.steps import HOUR, Bucket, buckets, facing, shifts, since_of

VISITORS = Field("visitors", "Visitors", "Distinct visitors.")
VISITS = Field("visits", "Visits", "Visits that began then.")
VIEWS = Field("views", "Page views", "Page views.")
BEGINS = Field(
    "begins", "Begins", "When the step begins, in ISO 8601 with the offset of the site.", "moment"
)

RATES = (
    Field("views_per_visit", "Views per visit", "Views by visits; null without any.", "number"),
    Field("bounce_rate", "Bounce rate", "Share of bounces, 0 to 1; null without visits.", "number"),
    Field("engaged_seconds", "Engaged", "Seconds of reading a visit; null without any.", "number"),
)
TOTALS = (
    VISITORS,
    VISITS,
    VIEWS,
    *RATES,
    Field("visit_seconds", "Visit time", "Mean length in seconds; null without any.", "number"),
)
OVER_TIME = (BEGINS, VISITORS, VISITS, VIEWS, *RATES)
TOTALS_COMPARED, OVER_TIME_COMPARED = compared_fields(TOTALS), compared_fields(OVER_TIME)
_QUESTIONS = {
    over_time: ("visitors", "visits", "views", "views_per_visit"),
    bounces_over_time: ("bounce_rate",),
    engaged_over_time: ("engaged_seconds",),
}
"""The questions about steps of time, and the figures that each answers."""


async def totals_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find the one row of totals."""
    compared = compared_window(view, fields)

    async def of(asked: Asked, window: Window) -> Totals:
        found = totals_of(await asked.ask(totals, asked.scope(window)))
        return await with_engaged(asked, found, window)

    async def once(asked: Asked) -> dict[str, Any]:
        now = vars(await of(asked, view.period.window))
        before = vars(await of(asked, compared)) if compared else {}
        return {**now, **{f"{name}{COMPARED}": value for name, value in before.items()}}

    found = await answered(deps, view, once, *([compared] if compared else []))
    return held(fields, deps.settings.data_folder, [found], cut)


async def over_time_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each step that has begun, also where nothing happened in it.

    Compared steps stand behind them as in the chart: in their order, hours on the same hour.
    """
    period = view.period
    before = period.before if compared_window(view, fields) else None

    async def once(asked: Asked) -> list[dict[str, Any]]:
        return await _steps(asked, period, before)

    found = await answered(deps, view, once, *([before] if before else []))
    return held(fields, deps.settings.data_folder, found, cut)


async def _steps(asked: Asked, period: Period, before: Window | None) -> list[dict[str, Any]]:
    """Return a row for each step that has begun, with what stands behind it before, if anything."""
    mine = buckets(period.window, period.zone, period.by)
    theirs = buckets(before, period.zone, period.by) if before else ()
    behind = facing(mine, theirs, period.by)
    now = await _frames(asked, period, period.window)
    then = await _frames(asked, period, before) if before else [None] * len(now)
    figures = {
        name: steps_of(frame, other, (mine, behind), name, period.local_now)
        for frame, other, names in zip(now, then, _QUESTIONS.values(), strict=True)
        for name in names
    }
    begins = _begins(period, period.window, mine)
    began = _begins(period, before, theirs) if before else []
    known = dict(zip((one.key for one in theirs), began, strict=True))
    return [
        {
            "begins": begins[place],
            f"begins{COMPARED}": known.get(other.key) if other else None,
            **{name: steps[place].now for name, steps in figures.items()},
            **{f"{name}{COMPARED}": steps[place].before for name, steps in figures.items()},
        }
        for place, other in enumerate(behind)
        if figures["visits"][place].now is not None
    ]


async def _frames(asked: Asked, period: Period, window: Window) -> list[Any]:
    """Ask for the figures of a window's steps, in the order of the questions."""
    scope, by, zone = asked.scope(window), period.by, period.zone
    values = (scope, by, shifts(window, zone, by), since_of(scope, zone, by))
    return list(await asyncio.gather(*(asked.ask(one, *values) for one in _QUESTIONS)))


def _begins(period: Period, window: Window, steps: Sequence[Bucket]) -> list[datetime]:
    """Return when each step begins: hours by their instant, for a clock change repeats one."""
    zone = ZoneInfo(period.zone)
    if period.by != "hour":
        return [step.local.replace(tzinfo=zone) for step in steps]
    instants = (window.start + number * HOUR for number in range(len(steps)))
    return [one.replace(tzinfo=UTC).astimezone(zone) for one in instants]

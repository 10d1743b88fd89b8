"""The reports of figures: the totals of a period, and the figures of each step of time."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.dependencies import Dependencies
from reports.figures.figures import Totals, steps_of, totals_of
from reports.figures.over_time import with_engaged
from reports.questions.measures.rates_over_time import bounces_over_time, engaged_over_time
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.tables.spool import Rows, held
from reports.tables.table import Cut, Field, Option
from reports.url.asking import Asked, answered
from reports.url.comparing import AGAINST
from reports.url.periods import Period, Window
from reports.url.report_view import ReportView
from reports.url.steps import HOUR, buckets, shifts, since_of

VISITORS = Field("visitors", "Visitors", "Distinct visitors.")
VISITS = Field("visits", "Visits", "Visits that began then.")
VIEWS = Field("views", "Page views", "Page views.")
BEGINS = Field(
    "begins", "Begins", "When the step begins, in ISO 8601 with the offset of the site.", "text"
)

RATES = (
    Field("views_per_visit", "Views per visit", "Views by visits; null without any.", "number"),
    Field("bounce_rate", "Bounce rate", "Share of bounces, 0 to 1; null without visits.", "number"),
    Field("engaged_seconds", "Engaged", "Seconds of reading a visit; null without any.", "number"),
)
_OF_PERIOD = (
    VISITORS,
    VISITS,
    VIEWS,
    *RATES,
    Field("visit_seconds", "Visit time", "Mean length in seconds; null without any.", "number"),
)
TOTALS = (
    *_OF_PERIOD,
    *(
        Field(
            f"{one.name}_before",
            f"{one.title}, compared",
            "The same of the days that `against` names; null without it.",
            one.kind,
        )
        for one in _OF_PERIOD
    ),
)
AGAINST_DAYS = (
    Option("against", "The days to compare with; custom takes the other two.", tuple(AGAINST)),
    Option("against_from", "The first of these days.", longest=10),
    Option("against_to", "The last of these days.", longest=10),
)
OVER_TIME = (BEGINS, VISITORS, VISITS, VIEWS, *RATES)
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
    compared = view.period.compared if view.address.query.get("against") else None

    async def of(asked: Asked, window: Window) -> Totals:
        found = totals_of(await asked.ask(totals, asked.scope(window)))
        return await with_engaged(asked, found, window)

    async def once(asked: Asked) -> dict[str, Any]:
        now = vars(await of(asked, view.period.window))
        before = vars(await of(asked, compared)) if compared else dict.fromkeys(now)
        return {**now, **{f"{name}_before": value for name, value in before.items()}}

    found = await answered(deps, view, once, *([compared] if compared else []))
    return held(fields, deps.settings.data_folder, [found], cut)


async def over_time_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each step that has begun, also where nothing happened in it."""
    period = view.period

    async def once(asked: Asked) -> list[dict[str, Any]]:
        scope, by, zone = asked.scope(), period.by, period.zone
        offsets = shifts(period.window, zone, by)
        values = (scope, by, offsets, since_of(scope, zone, by))
        frames = await asyncio.gather(*(asked.ask(one, *values) for one in _QUESTIONS))
        keys = buckets(period.window, zone, by)
        figures = {
            name: [one.now for one in steps_of(frame, None, (keys, ()), name, period.local_now)]
            for frame, names in zip(frames, _QUESTIONS.values(), strict=True)
            for name in names
        }
        begun = sum(one is not None for one in figures["visits"])
        rows = zip(_begins(period), *figures.values(), strict=True)
        named = [dict(zip(("begins", *figures), row, strict=True)) for row in rows]
        return named[:begun]

    return held(fields, deps.settings.data_folder, await answered(deps, view, once), cut)


def _begins(period: Period) -> Iterator[str]:
    """Yield when each step begins: hours by their instant, for a clock change repeats one."""
    zone = ZoneInfo(period.zone)
    for number, bucket in enumerate(buckets(period.window, period.zone, period.by)):
        if period.by == "hour":
            yield _iso((period.window.start + number * HOUR).replace(tzinfo=UTC).astimezone(zone))
        else:
            yield _iso(bucket.local.replace(tzinfo=zone))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

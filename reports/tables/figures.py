"""The reports of figures: the totals of a period, and the figures of each step of time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.dependencies import Dependencies
from reports.figures.figures import Totals, steps_of, totals_of
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.tables.spool import Rows, held
from reports.tables.table import Cut, Field
from reports.url.asking import Asked, answered
from reports.url.periods import Period
from reports.url.report_view import ReportView
from reports.url.steps import HOUR, buckets, shifts, since_of

VISITORS = Field("visitors", "Visitors", "Distinct visitors.")
VISITS = Field("visits", "Visits", "Visits that began then.")
VIEWS = Field("views", "Page views", "Page views.")
BEGINS = Field(
    "begins", "Begins", "When the step begins, in ISO 8601 with the offset of the site.", "text"
)

TOTALS = (
    VISITORS,
    VISITS,
    VIEWS,
    Field("views_per_visit", "Views per visit", "Views by visits; null without any.", "number"),
    Field("bounce_rate", "Bounce rate", "Share of bounces, 0 to 1; null without visits.", "number"),
    Field("visit_seconds", "Visit time", "Mean length in seconds; null without any.", "number"),
)
OVER_TIME = (BEGINS, VISITORS, VISITS, VIEWS)
_COUNTED = ("visitors", "visits", "views")


async def totals_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find the one row of totals."""

    async def once(asked: Asked) -> Totals:
        return totals_of(await asked.ask(totals, asked.scope()))

    found = vars(await answered(deps, view, once))
    return held(fields, deps.settings.data_folder, [found], cut)


async def over_time_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each step that has begun, also where nothing happened in it."""
    period = view.period

    async def once(asked: Asked) -> list[dict[str, Any]]:
        scope, by, zone = asked.scope(), period.by, period.zone
        offsets = shifts(period.window, zone, by)
        frame = await asked.ask(over_time, scope, by, offsets, since_of(scope, zone, by))
        keys = buckets(period.window, zone, by)
        figures = {
            name: steps_of(frame, None, (keys, ()), name, period.local_now) for name in _COUNTED
        }
        begins = list(_begins(period))
        return [
            {"begins": begins[n]} | {name: figures[name][n].now for name in _COUNTED}
            for n in range(len(keys))
            if figures["visits"][n].now is not None
        ]

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

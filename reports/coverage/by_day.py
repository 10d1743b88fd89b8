"""What was counted and recorded on each UTC day of a period."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import NamedTuple

from askfirst.store.ledger.choice_counts import LOADED, ChoiceCount
from askfirst.store.warehouse.filters.conditions import Segment
from reports.coverage.estimate import DayCounts
from reports.dependencies import Dependencies
from reports.figures.consent_rate import (
    UTC_OFFSETS,
    Recorded,
    from_logs_by_day,
    left_out_by_day,
)
from reports.questions.over_time import over_time
from reports.questions.scope import raw
from reports.url.asking import Asked, answered
from reports.url.comparing import DAY
from reports.url.periods import Period, Window
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView
from reports.url.steps import moment_of


class RecordedDay(NamedTuple):
    """Views and visits that were recorded on a UTC day.

    Of the views the reports leave out some, and some are from logs, whose pages load no tag.
    """

    views: int = 0
    visits: int = 0
    left_out: int = 0
    from_logs: int = 0

    @property
    def of_tag(self) -> int:
        """The views of pages that load the tag."""
        return self.views - self.from_logs


RecordedDays = Mapping[date, RecordedDay]
"""What was recorded on each UTC day on which there was anything."""


def utc_window(period: Period) -> Window:
    """Return the whole UTC days for which the loads of a period are counted."""
    first, last = period.utc_days
    return Window(datetime.combine(first, time.min), datetime.combine(last + DAY, time.min))


async def recorded_by_day(deps: Dependencies, view: ReportView) -> RecordedDays:
    """Return what of the view's segment was recorded by UTC day."""
    window = utc_window(view.period)

    async def count(asked: Asked) -> RecordedDays:
        scope = raw(asked.scope(window))
        frame = await asked.ask(over_time, scope, "day", UTC_OFFSETS, scope.start)
        rows = frame[["bucket", "views", "visits"]].itertuples(index=False)
        return {
            moment_of(int(ms)).date(): RecordedDay(int(views), int(visits))
            for ms, views, visits in rows
        }

    return await answered(deps, view, count, window)


async def counts_of(deps: Dependencies, view: ReportView) -> list[ChoiceCount]:
    """Return what was counted of the tag and the banner."""
    first, last = view.period.utc_days
    return await deps.counts.read(view.site.id, str(first), str(last))


def loads_by_day(counts: list[ChoiceCount]) -> dict[date, int]:
    """Sum up page loads by UTC day."""
    found: dict[date, int] = {}
    for one in counts:
        if one.kind == LOADED:
            day = date.fromisoformat(one.day)
            found[day] = found.get(day, 0) + one.times
    return found


def days_of(
    loads: Mapping[date, int],
    every: RecordedDays,
    some: RecordedDays,
    place: int,
) -> list[DayCounts]:
    """Join loads, what was recorded in all, and of a segment: its views (0) or visits (1)."""
    days = sorted({*loads, *every})
    nothing = RecordedDay()
    return [
        DayCounts(loads.get(day, 0), one.views, some.get(day, nothing)[place], one.from_logs)
        for day in days
        for one in (every.get(day, nothing),)
    ]


async def recorded_in_all(deps: Dependencies, view: ReportView) -> RecordedDays:
    """Return the same of all visits, with what the reports leave out and what logs brought."""
    whole = replace(view, segment=Segment(()))
    return await _in_all(deps, view, await recorded_by_day(deps, whole))


def recorded_of(days: RecordedDays) -> Recorded:
    """Sum up the views of days."""
    every = days.values()
    return Recorded(
        sum(one.of_tag for one in every),
        sum(one.left_out for one in every),
        sum(one.from_logs for one in every),
    )


async def both(deps: Dependencies, view: ReportView) -> tuple[RecordedDays, RecordedDays]:
    """Return what was recorded by day in all, and of the view's segment as the reports count it."""
    if view.is_filtered:
        found = await asyncio.gather(recorded_in_all(deps, view), recorded_by_day(deps, view))
        return found[0], found[1]
    counted = await recorded_by_day(deps, view)
    return await _in_all(deps, view, counted), counted


async def _in_all(deps: Dependencies, view: ReportView, counted: RecordedDays) -> RecordedDays:
    first, last = view.period.utc_days
    out, loads = await asyncio.gather(
        left_out_by_day(ReportQuery(deps), view.site, utc_window(view.period)),
        deps.counts.loads.read(view.site.id, str(first), str(last)),
    )
    logs, found = from_logs_by_day(loads), {}
    for day in {*counted, *out}:
        one, more = counted.get(day, RecordedDay()), out.get(day, 0)
        views = one.views + more
        found[day] = RecordedDay(views, one.visits, more, min(views, logs.get(day, 0)))
    return found

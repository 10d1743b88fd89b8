"""The consent rate: which share of page loads was recorded."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from askfirst.local_days import as_date, day_start, local_day
from askfirst.sites import Site
from askfirst.store.ledger.load_counts import LOG_RECORDED, LoadCount
from reports.dependencies import Dependencies
from reports.questions.over_time import over_time
from reports.questions.page_views import page_views, views_left_out
from reports.questions.scope import Summarised, raw
from reports.url.comparing import DAY
from reports.url.periods import Period, Window
from reports.url.report_query import ReportQuery, scope_of
from reports.url.steps import moment_of, ms_of

GAP = 0.25
"""The gap between two parts of the bar, in per cent of its width."""


@dataclass(frozen=True)
class BarPart:
    """A part of the bar: `answer` is "yes", "no" or "none"; `x` and `width` are in per cent."""

    answer: str
    x: float
    width: float


@dataclass(frozen=True)
class ConsentRate:
    """Page loads, split into recorded after a yes, refused or restricted, and unanswered.

    `share` is the recorded part of all loads, None where that is unknown; `refused` and
    `unanswered` are then unknown as well, and 0. `from_logs` more views were imported from logs,
    whose pages load no tag. The reports leave out `left_out` of both.
    """

    loads: int
    recorded: int
    share: float | None
    refused: int = 0
    unanswered: int = 0
    left_out: int = 0
    from_logs: int = 0

    @property
    def every(self) -> int:
        """All page views that were recorded, also those of logs."""
        return self.recorded + self.from_logs

    @property
    def bar(self) -> tuple[BarPart, ...]:
        """The parts of the bar that are not empty, from the left."""
        counts = (("yes", self.recorded), ("no", self.refused), ("none", self.unanswered))
        found, x = [], 0.0
        for answer, count in counts:
            width = 100 * count / self.loads if self.share is not None and self.loads else 0.0
            if width:
                start = min(round(x, 2), 100 - GAP)  # a single load of many thousands stays visible
                found.append(BarPart(answer, start, round(max(width - GAP, GAP), 2)))
            x += width
        return tuple(found)


UTC_OFFSETS = ((None, 0),)
"""The offsets by which days of UTC are cut."""


class Recorded(NamedTuple):
    """Page views recorded: by the tag, how many of all are left out, and those of logs besides."""

    views: int
    left_out: int = 0
    from_logs: int = 0


def consent_rate_of(loads: int, recorded: Recorded, unanswered: int = 0) -> ConsentRate | None:
    """Compare recorded page views with the tag's loads; None where neither was counted.

    `unanswered` is how often the banner was shown and not answered. A load that was neither
    recorded nor unanswered had a no: given on it, given before, or sent as a signal; or it is of a
    visitor who has restricted the use, and is in no figure of what was recorded. A page that
    changes without loading is viewed but not loaded; where there are more views than loads, the
    share is unknown.
    """
    views, left_out, from_logs = recorded
    if not loads and not views and not from_logs:
        return None
    if views > loads or not loads:
        return ConsentRate(loads, views, None, left_out=left_out, from_logs=from_logs)
    silent = min(unanswered, loads - views)
    no = loads - views - silent
    return ConsentRate(loads, views, views / loads, no, silent, left_out, from_logs)


async def recorded_views(deps: Dependencies, site: Site, period: Period) -> Recorded:
    """Count the page views of the UTC days for which the period's loads are counted.

    Those that the reports leave out were recorded after a yes, too.
    """
    query, (first, last) = ReportQuery(deps), period.utc_days

    async def count(known: Summarised) -> int:
        parts = _parts(_counted_window(period), site.time_zone)
        asked = (query.ask(site, page_views, scope_of(site, part, known)) for part in parts)
        return sum(int(frame["views"].iloc[0]) for frame in await asyncio.gather(*asked))

    views, by_day, loads = await asyncio.gather(
        query.answered(site, count),
        left_out_by_day(query, site, _counted_window(period)),
        deps.counts.loads.read(site.id, str(first), str(last)),
    )
    left_out = sum(by_day.values())
    from_logs = 0
    if logs := from_logs_by_day(loads):  # of a day of which views are deleted there are fewer
        every = await _views_by_day(query, site, _counted_window(period))
        from_logs = sum(min(every[day] + by_day.get(day, 0), logs[day]) for day in logs)
    return Recorded(views + left_out - from_logs, left_out, from_logs)


async def _views_by_day(query: ReportQuery, site: Site, window: Window) -> Counter[date]:
    async def count(known: Summarised) -> Counter[date]:
        scope = raw(scope_of(site, window, known))
        frame = await query.ask(site, over_time, scope, "day", UTC_OFFSETS, scope.start)
        rows = frame[["bucket", "views"]].itertuples(index=False)
        return Counter({moment_of(int(ms)).date(): int(views) for ms, views in rows})

    return await query.answered(site, count)


def from_logs_by_day(loads: Iterable[LoadCount]) -> dict[date, int]:
    """Sum up the views that imported logs have brought, by UTC day."""
    found: dict[date, int] = {}
    for one in loads:
        if one.source == LOG_RECORDED:
            day = date.fromisoformat(one.day)
            found[day] = found.get(day, 0) + one.times
    return found


async def left_out_by_day(query: ReportQuery, site: Site, window: Window) -> dict[date, int]:
    """Ask for the views of counted loads that the reports leave out, by UTC day."""
    frame = await query.ask(site, views_left_out, -site.id, ms_of(window.start), ms_of(window.end))
    rows = frame[["day", "views"]].itertuples(index=False)
    return {as_date(int(day)): int(views) for day, views in rows}


def _parts(window: Window, zone: str) -> list[Window]:
    """Cut a window where the first local day begins in it, from where summaries can answer."""
    start = ms_of(window.start)
    first = local_day(start, zone)
    day = first if day_start(first, zone) == start else first + 1
    begins = min(moment_of(day_start(day, zone)), window.end)
    parts = (Window(window.start, begins), Window(begins, window.end))
    return [part for part in parts if part.start < part.end]


def _counted_window(period: Period) -> Window:
    first, last = period.utc_days
    return Window(datetime.combine(first, time.min), datetime.combine(last + DAY, time.min))

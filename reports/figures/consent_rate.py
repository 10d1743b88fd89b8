"""The consent rate: which share of page loads was recorded."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time

import pandas as pd

from askfirst.local_days import as_date, day_start, local_day
from askfirst.sites import Site
from reports.questions.page_views import excluded_views, page_views
from reports.questions.scope import Summarised
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
    """Page loads, split into recorded after a yes, refused by a no, and unanswered.

    `share` is the recorded part of all loads, None where that is unknown; `refused` and
    `unanswered` are then unknown as well, and 0.
    """

    loads: int
    recorded: int
    share: float | None
    refused: int = 0
    unanswered: int = 0

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


def consent_rate_of(loads: int, views: int, unanswered: int = 0) -> ConsentRate | None:
    """Compare recorded page views with the tag's loads; None where neither was counted.

    `unanswered` is how often the banner was shown and not answered. A load that was neither
    recorded nor unanswered had a no: given on it, given before, or sent as a signal. A page that
    changes without loading is viewed but not loaded; where there are more views than loads, the
    share is unknown.
    """
    if not loads and not views:
        return None
    if views > loads:
        return ConsentRate(loads, views, None)
    silent = min(unanswered, loads - views)
    return ConsentRate(loads, views, views / loads, loads - views - silent, silent)


async def recorded_views(query: ReportQuery, site: Site, period: Period) -> int:
    """Count the page views of the UTC days for which the period's loads are counted.

    Those that rules for the reports leave out were recorded after a yes, too.
    """

    async def count(known: Summarised) -> int:
        parts = _parts(_counted_window(period), site.time_zone)
        asked = (query.ask(page_views, scope_of(site, part, known)) for part in parts)
        return sum(int(frame["views"].iloc[0]) for frame in await asyncio.gather(*asked))

    views, left_out = await asyncio.gather(
        query.answered(site, count), excluded_by_day(query.ask, site, _counted_window(period))
    )
    return views + sum(left_out.values())


async def excluded_by_day(
    ask: Callable[..., Awaitable[pd.DataFrame]], site: Site, window: Window
) -> dict[date, int]:
    """Ask for the views of each UTC day that rules for the reports leave out."""
    if not site.has_report_rules:
        return {}
    frame = await ask(excluded_views, -site.id, ms_of(window.start), ms_of(window.end))
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

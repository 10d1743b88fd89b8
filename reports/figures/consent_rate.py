"""The consent rate: which share of page loads was recorded."""

from dataclasses import dataclass
from datetime import datetime, time

from askfirst.sites import Site
from reports.questions.page_views import page_views
from reports.url.periods import DAY, Period, Window
from reports.url.report_query import ReportQuery, scope_of

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
    """Count the page views of the UTC days for which the period's loads are counted."""
    frame = await query.ask(page_views, scope_of(site, _counted_window(period)))
    return int(frame["views"].iloc[0])


def _counted_window(period: Period) -> Window:
    first, last = period.utc_days
    return Window(datetime.combine(first, time.min), datetime.combine(last + DAY, time.min))

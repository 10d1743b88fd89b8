"""How much of what happened the reports know: recorded page views, of the tag's loads."""

from dataclasses import dataclass
from datetime import datetime, time

from askfirst.sites import Site
from reports.desk import Desk, scope_of
from reports.periods import DAY, Period, Window
from reports.questions.page_views import page_views


@dataclass(frozen=True)
class Coverage:
    """Page loads, page views with a consent, and their share, None where it cannot be told."""

    loads: int
    recorded: int
    share: float | None


def coverage_of(loads: int, views: int) -> Coverage | None:
    """Compare recorded page views with the tag's loads; None where neither was counted.

    A page that changes without loading is viewed and not loaded. Where views are more than loads
    the missing loads are not known, so no share is given.
    """
    if not loads and not views:
        return None
    return Coverage(loads, views, views / loads if views <= loads else None)


async def recorded_views(desk: Desk, site: Site, period: Period) -> int:
    """Count the page views on the very UTC days on which the period's loads are counted."""
    frame = await desk.ask(page_views, scope_of(site, _counted_window(period)))
    return int(frame["views"].iloc[0])


def _counted_window(period: Period) -> Window:
    first, last = period.utc_days
    return Window(datetime.combine(first, time.min), datetime.combine(last + DAY, time.min))

"""When a report is due, and about which days: by the clocks of the site's time zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.url.comparing import DAY

WEEK = timedelta(days=7)

Days = tuple[date, date]
"""The first and the last day of a report."""


def days_of(what: str, begins: date) -> Days:
    """Return the days, both included, that a report is about which is due on a day."""
    if what == "week":
        return begins - WEEK, begins - DAY
    if what == "month":
        last = begins - DAY
        return last.replace(day=1), last
    return begins - DAY, begins - DAY


def due_days(what: str, hour: int, zone: str, since: int, now: datetime) -> Days | None:
    """Return the days that the last due report is about; None where none was due `since` (ms).

    `now` is aware. A report that could not be sent in its time, because no server ran, is due until
    the next one is.
    """
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    begins = _beginning(what, local.date())
    if datetime.combine(begins, time(hour)) > local:
        begins = _beginning(what, begins - DAY)
    due = datetime.combine(begins, time(hour), ZoneInfo(zone))
    return days_of(what, begins) if due.timestamp() * 1000 >= since else None


def last_days(what: str, today: date) -> Days:
    """Return the days of the last report of a kind that can be made today."""
    return days_of(what, _beginning(what, today))


def _beginning(what: str, day: date) -> date:
    """Return the last day up to `day` on which such a report is due."""
    if what == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if what == "month" else day

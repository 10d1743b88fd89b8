"""Periods: from the address to days and instants in the site's time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from askfirst.errors import Malformed
from reports.url.comparing import DAY, EARLIEST, SAID, Comparison, read_comparison

PERIODS: dict[str, str] = {
    "today": "Today",
    "yesterday": "Yesterday",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "month": "This month",
    "last-month": "Last month",
    "12m": "Last 12 months",
    "all": "All time",
    "custom": "Chosen days",
}
"""The names of periods in the address and what people call them."""

GRAINS: dict[str, str] = {"hour": "Hours", "day": "Days", "week": "Weeks", "month": "Months"}
"""The names of the chart's steps in the address and what people call them."""

_DAY_FIELDS = {"from": "The first day, “From”,", "to": "The last day, “To”,"}
LONGEST_DAYS = {"hour": 31, "day": 1100, "week": 7400, "month": 36600}
_OFFERED = {
    "hour": range(1, 8),
    "day": range(2, LONGEST_DAYS["day"] + 1),
    "week": range(14, LONGEST_DAYS["week"] + 1),
    "month": range(60, LONGEST_DAYS["month"] + 1),
}
_COMPARISON_STEP = 5  # minutes; the same query is repeated within them, whose SQL is known


@dataclass(frozen=True)
class Window:
    """A stretch of time, `start` included and `end` not, as naive UTC datetimes."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Period:
    """A period of local days, both included, with the steps of the chart and the time zone."""

    name: str
    first: date
    last: date
    by: str
    zone: str
    now: datetime
    against: Comparison = field(default_factory=lambda: Comparison("none"))
    """With which days it is compared."""

    @property
    def days(self) -> int:
        """The number of local days."""
        return (self.last - self.first).days + 1

    @property
    def window(self) -> Window:
        """The whole period."""
        return _window(self.first, self.last, self.zone)

    @property
    def before(self) -> Window | None:
        """The days that it is compared with, whole; None without any."""
        return self.previous.window if self.previous else None

    @property
    def compared(self) -> Window | None:
        """The same days; up to the same time of day while this period, as long as they, runs."""
        whole = self.before
        if self.previous is None or whole is None or not self.is_cut:
            return whole
        local = self.local_now - (self.first - self.previous.first)
        minutes = local.minute // _COMPARISON_STEP * _COMPARISON_STEP
        same_time = _utc(local.replace(minute=minutes, second=0, microsecond=0), self.zone)
        return Window(whole.start, max(whole.start, min(whole.end, same_time)))

    @property
    def is_cut(self) -> bool:
        """Whether the compared days count up to the same time of day: other lengths count whole."""
        other = self.previous
        return self.is_running and other is not None and other.days == self.days

    @property
    def previous(self) -> "Period | None":
        """The days that it is compared with, as a period; None without any."""
        first, last = self.against.first, self.against.last
        if first is None or last is None:
            return None
        return replace(self, first=first, last=last, against=Comparison("none"))

    @property
    def weight(self) -> float:
        """By what compared counts are multiplied for a change: the days counted here, over theirs.

        It is 1 where both have as many. A running period of another length has its days so far.
        """
        other = self.previous
        if other is None or other.days == self.days:
            return 1.0
        if not self.is_running:
            return self.days / other.days
        begins = datetime.combine(self.first, time.min)
        return days_so_far(begins, self.local_now) / other.days

    @property
    def other_days(self) -> int:
        """How many days it is compared with, 0 where they are as many as its own."""
        other = self.previous
        return other.days if other and other.days != self.days else 0

    @property
    def against_words(self) -> str:
        """What the compared days are called, such as `period before`; '' without any."""
        return SAID[self.against.name]

    @property
    def local_now(self) -> datetime:
        """The present in the site's time zone (naive)."""
        return self.now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def utc_days(self) -> tuple[date, date]:
        """The UTC days that stand for the local ones where only UTC days are counted.

        While the period runs they reach to the present, whose UTC day may be another one.
        """
        today = self.now.date()
        last = today if self.is_running else self.last
        return min(self.first, last), last

    @property
    def is_running(self) -> bool:
        """Whether the period holds the present."""
        window = self.window
        return window.start <= self.now.replace(tzinfo=None) < window.end

    @property
    def grains(self) -> tuple[str, ...]:
        """The steps on offer for a period of this length, and the one in use."""
        return tuple(n for n, days in _OFFERED.items() if self.days in days or n == self.by)


def read_period(
    query: Mapping[str, str], zone: str, now: datetime, first_event: datetime | None = None
) -> Period:
    """Read `period`, `from`, `to`, `by` and what it is compared with out of an address.

    `now` is aware UTC; `first_event` is the naive UTC time of the site's first event, for "all".
    Raises `Malformed` naming the field.
    """
    name = query.get("period", "30d")
    if name not in PERIODS:
        raise Malformed(f"The period is one of {', '.join(PERIODS)}.", field="period")
    today = now.astimezone(ZoneInfo(zone)).date()
    if name == "custom":
        first, last = _chosen(query, today)
    elif name == "all":
        first, last = _local_day(first_event, zone, today), today
    else:
        first, last = _named(name, today)
    by = _grain(query.get("by"), (last - first).days + 1)
    against = read_comparison(query, name, (first, last))
    return Period(name, first, last, by, zone, now, against)


def days_so_far(begins: datetime, present: datetime) -> float:
    """Return the days from a moment to the present, an hour at least; both are naive."""
    return max((present - begins) / DAY, 1 / 24)


def _named(name: str, today: date) -> tuple[date, date]:
    month = today.replace(day=1)
    before = (month - DAY).replace(day=1)
    named = {
        "today": (today, today),
        "yesterday": (today - DAY, today - DAY),
        "7d": (today - 6 * DAY, today),
        "30d": (today - 29 * DAY, today),
        "90d": (today - 89 * DAY, today),
        "month": (month, today),
        "last-month": (before, month - DAY),
        "12m": (_months_back(month, 11), today),
    }
    return named[name]


def _months_back(month: date, count: int) -> date:
    whole = month.year * 12 + month.month - 1 - count
    return date(whole // 12, whole % 12 + 1, 1)


def _chosen(query: Mapping[str, str], today: date) -> tuple[date, date]:
    first, last = _day(query, "from", today), _day(query, "to", today)
    if last < first:
        raise Malformed("The last day, “To”, is before the first, “From”.", field="to")
    return first, last


def _day(query: Mapping[str, str], field: str, today: date) -> date:
    sentence = (
        f"{_DAY_FIELDS[field]} has to be a day between {EARLIEST} and a year from now, "
        "written as YYYY-MM-DD."
    )
    text = query.get(field, "")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(sentence, field=field) from error
    if text != day.isoformat() or not EARLIEST <= day <= today + 366 * DAY:
        raise Malformed(sentence, field=field)
    return day


def _local_day(instant: datetime | None, zone: str, today: date) -> date:
    if instant is None:
        return today
    return min(today, instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date())


def _grain(name: str | None, days: int) -> str:
    if name is None:
        usual = (("hour", 2), ("day", 92), ("week", 200), ("month", days))
        return next(by for by, most in usual if days <= most)
    if name not in GRAINS:
        raise Malformed(f"The chart goes by one of {', '.join(GRAINS)}.", field="by")
    if days > LONGEST_DAYS[name]:
        raise Malformed("The period is too long for such small steps.", field="by")
    return name


def _utc(local: datetime, zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def _window(first: date, last: date, zone: str) -> Window:
    start = _utc(datetime.combine(first, time.min), zone)
    return Window(start, _utc(datetime.combine(last + DAY, time.min), zone))

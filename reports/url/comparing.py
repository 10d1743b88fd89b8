"""With which days a period is compared: the days before, a year before, any others, or none."""

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from askfirst.errors import Malformed

AGAINST: dict[str, str] = {
    "before": "Period before",
    "year": "A year before",
    "custom": "Any other days",
    "none": "Nothing",
}
"""The comparisons by their names in the address, and what people call them."""

YEARS = {True: "Same weekdays a year before", False: "Same dates a year before"}
"""What people call the days a year before: whether they have the same weekdays."""

SAID: dict[str, str] = {
    "before": "period before",
    "year": "a year before",
    "custom": "other days",
    "none": "",
}
"""What the chart and its table call the compared days."""

FIELDS = ("against", "against_from", "against_to")
"""The fields of the address that choose a comparison."""

DAY = timedelta(days=1)
LONGEST_BY_WEEKDAYS = 92
"""Up to so many days a year before has the same weekdays, and beyond it the same dates."""
EARLIEST = date(2000, 1, 1)
MOST_LONGER = 1.125
"""By how much one time may be longer than another with whose visitors it is compared."""
_WEEKS = timedelta(days=364)
_NAMED = {"from": "The first day", "to": "The last day"}


@dataclass(frozen=True)
class Comparison:
    """The compared days, both included; None where nothing is compared."""

    name: str
    first: date | None = None
    last: date | None = None


def read_comparison(query: Mapping[str, str], period: str, days: tuple[date, date]) -> Comparison:
    """Read `against`, `against_from` and `against_to`; `days` are those of the period.

    All time has nothing before it. Raises `Malformed` naming the field.
    """
    name = query.get("against", "before")
    if name not in AGAINST:
        raise Malformed(f"A period is compared with one of {', '.join(AGAINST)}.", field="against")
    if name == "custom":
        return _chosen(query, days[1])
    if name == "none" or period == "all":
        return Comparison("none")
    return compared_days(name, *days)


def label_of(name: str, days: int) -> str:
    """Return what people call a comparison of a period of so many days."""
    return YEARS[days <= LONGEST_BY_WEEKDAYS] if name == "year" else AGAINST[name]


def compared_days(name: str, first: date, last: date) -> Comparison:
    """Return the days "before", or of the "year" before, that days are compared with."""
    length = (last - first).days + 1
    if name == "before":
        return Comparison(name, first - length * DAY, first - DAY)
    if length <= LONGEST_BY_WEEKDAYS:
        return Comparison(name, first - _WEEKS, last - _WEEKS)
    return Comparison(name, _year_before(first), _year_before(last))


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29) and not isleap(day.year - 1):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def _chosen(query: Mapping[str, str], last_day: date) -> Comparison:
    first, last = _day(query, "from", last_day), _day(query, "to", last_day)
    if last < first:
        raise Malformed(
            "The last day to compare with, “To”, is before the first, “From”.", field="against_to"
        )
    return Comparison("custom", first, last)


def _day(query: Mapping[str, str], name: str, last_day: date) -> date:
    field = f"against_{name}"
    text = query.get(field, "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    latest = max(last_day, EARLIEST) + 366 * DAY
    if day is None or text != day.isoformat() or not EARLIEST <= day <= latest:
        raise Malformed(
            f"{_NAMED[name]} to compare with has to be a day from {EARLIEST} on, "
            "written as YYYY-MM-DD.",
            field=field,
        )
    return day


def weight_of(figure: str, weight: float | None) -> float | None:
    """Return by what a compared count is multiplied for a change; None where there is none.

    Visitors are distinct: of more days there are fewer than in proportion. So theirs is None where
    one time is more than an eighth longer than the other.
    """
    if weight is None or figure != "visitors":
        return weight
    return weight if 1 / MOST_LONGER <= weight <= MOST_LONGER else None

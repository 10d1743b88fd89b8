"""The steps of time in which cohorts stand: days, weeks or months of a period."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from askfirst.errors import Malformed
from askfirst.local_days import number_of
from reports.formatting.dates import day_of, month_of, weekday_of
from reports.url.comparing import DAY
from reports.url.periods import Period
from reports.url.steps import buckets, end_of

STEPS = {"day": "Days", "week": "Weeks", "month": "Months"}
"""The names of steps in the address, and what people call them."""
AHEAD = {"day": 14, "week": 12, "month": 12}
"""How many steps after the first the table of cohorts goes."""
LONGEST_DAYS = {"day": 92, "week": 800, "month": 36_600}
"""How many days a period may have for each step, so that a table stays one."""
_OFFERED = {"day": 2, "week": 14, "month": 60}
"""From how many days on each step is offered."""


@dataclass(frozen=True)
class Interval:
    """One step: the number of its first local day, its name, and whether it is over and whole."""

    number: int
    label: str
    start: datetime
    is_whole: bool


def read_step(query: Mapping[str, str], period: Period) -> str:
    """Read `step` out of an address; the usual one for the period's length where it says none."""
    asked = query.get("step")
    if asked is None:
        usual = (("day", 14), ("week", 182), ("month", period.days))
        return next(step for step, most in usual if period.days <= most)
    if asked not in STEPS:
        raise Malformed(f"Cohorts go by one of {', '.join(STEPS)}.", field="step")
    if period.days > LONGEST_DAYS[asked]:
        raise Malformed("The period is too long for such small steps.", field="step")
    return asked


def offered(period: Period, step: str) -> tuple[str, ...]:
    """Return the steps that make sense for a period, and the one in use."""
    days = period.days
    return tuple(s for s in STEPS if s == step or _OFFERED[s] <= days <= LONGEST_DAYS[s])


def intervals(period: Period, by: str) -> tuple[Interval, ...]:
    """Return the steps of a period that have begun, also those in which nothing happened."""
    present, today = period.local_now, period.local_now.date()
    start = datetime.combine(period.first, datetime.min.time())
    end = min(present, datetime.combine(period.last, datetime.min.time()) + DAY)
    return tuple(
        Interval(
            number=number_of(one.local),
            label=_label(one.local.date(), by, today),
            start=one.local,
            is_whole=start <= one.local and end_of(one, by) <= end,
        )
        for one in buckets(period.window, period.zone, by)
        if one.local <= present
    )


def _label(day: date, by: str, today: date) -> str:
    if by == "month":
        return month_of(day)
    return weekday_of(day, today) if by == "day" else day_of(day, today)

"""The estimate for all page loads, from what was recorded and the share that was, day by day.

Of a day on which `loads` were counted and `views` of them recorded, a number `x` that was recorded
stands for x / p, with p = views / loads. Its variance is that of a number of which each has the
chance p to be recorded, and that of p itself: x (1 - p) / p² + (x / p)² (1 - p) / views.

Views of logs are of pages that load no tag: neither in p, nor divided by it. Their part of all
views is that of x which counts as it was recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, log10, sqrt

SURE = 1.96
"""The standard deviations to each side within which 95 of 100 repeats fall."""
_DIGITS = 3


@dataclass(frozen=True)
class DayCounts:
    """A UTC day: page loads, page views recorded in all, and the recorded number in question.

    Of the views `from_logs` are of pages that load no tag.
    """

    loads: int
    views: int
    recorded: int
    from_logs: int = 0

    @property
    def is_known(self) -> bool:
        """Whether the share of the day's loads that was recorded can be told."""
        return 0 < self.views - self.from_logs <= self.loads

    @property
    def share(self) -> float:
        """The share of the loads that was recorded, where it can be told."""
        return (self.views - self.from_logs) / self.loads

    @property
    def of_tag(self) -> float:
        """The part of the recorded number that is of pages with the tag."""
        return self.recorded * (1 - self.from_logs / self.views)


@dataclass(frozen=True)
class Estimate:
    """A number for all page loads; `low` and `high` are the ends of its range."""

    recorded: int
    about: int
    low: int
    high: int
    unknown_days: int
    """Days with something recorded whose share cannot be told; they count as they were recorded."""


def estimate_of(days: Iterable[DayCounts]) -> Estimate | None:
    """Add the days up; None where no day's share can be told."""
    every = [day for day in days if day.recorded]
    known = [day for day in every if day.is_known]
    if not known:
        return None
    recorded = sum(day.recorded for day in every)
    as_recorded = recorded - sum(day.of_tag for day in known)
    about = as_recorded + sum(day.of_tag / day.share for day in known)
    wide = SURE * sqrt(sum(_variance(day) for day in known))
    return Estimate(
        recorded=recorded,
        about=max(recorded, rounded(about)),
        low=max(recorded, rounded(about - wide)),
        high=max(recorded, rounded(about + wide)),
        unknown_days=len(every) - len(known),
    )


def scaled(of: Estimate, recorded: int) -> Estimate:
    """Return the estimate of another number, which stands to its own as `of` does."""
    if not of.recorded:
        return of
    factor = recorded / of.recorded
    about, low, high = (max(recorded, rounded(one * factor)) for one in (of.about, of.low, of.high))
    return Estimate(recorded, about, low, high, of.unknown_days)


def _variance(day: DayCounts) -> float:
    share, number, views = day.share, day.of_tag, day.views - day.from_logs
    missed = 1 - share
    return number * missed / share**2 + (number / share) ** 2 * missed / views


def rounded(number: float) -> int:
    """Round to three digits, which is more than an estimate knows."""
    if number < 1:
        return 0
    size: int = 10 ** max(0, floor(log10(number)) - _DIGITS + 1)
    return round(number / size) * size


def share_range(recorded: int, loads: int, unnamed: int) -> tuple[float, float] | None:
    """Return between which shares of a page's loads were recorded; None where it cannot be told.

    `loads` were counted by its name, and up to `unnamed` more without it.
    """
    if not loads or recorded > loads + unnamed:
        return None
    return recorded / (loads + unnamed), min(recorded / loads, 1.0)

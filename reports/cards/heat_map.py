"""The heat map of the week: visits by weekday and hour on the site's clocks."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from reports.formatting.dates import full_hour, weekday_name
from reports.formatting.template_filters import number

_WEEK = range(7)
_SHADES = 6


@dataclass(frozen=True)
class HeatCell:
    """An hour of a weekday; `shade` is 0 (nothing) to 6."""

    visits: int
    shade: int


@dataclass(frozen=True)
class HeatDay:
    """A weekday with its 24 hours."""

    name: str
    short: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class HeatMap:
    """The week, Monday first; no days where no visit began."""

    days: tuple[HeatDay, ...]
    peak: str
    """The hour with the most visits, in words; '' without any."""
    busiest: str
    """The weekday with the most visits, in words; '' without any."""


def heat_map(frame: pd.DataFrame) -> HeatMap:
    """Lay out the answer of the question `hours`."""
    counts = [[0] * 24 for _ in _WEEK]
    for day, hour, visits in frame[["weekday", "hour", "visits"]].itertuples(index=False):
        counts[int(day)][int(hour)] = int(visits)
    most = max(max(row) for row in counts)
    if not most:
        return HeatMap((), "", "")
    days = tuple(
        HeatDay(
            weekday_name(day),
            weekday_name(day, is_short=True),
            tuple(HeatCell(n, _shade(n, most)) for n in row),
        )
        for day, row in enumerate(counts)
    )
    return HeatMap(days, _peak(counts, most), _busiest(counts))


def _shade(visits: int, most: int) -> int:
    return -(-visits * _SHADES // most)


def _peak(counts: Sequence[Sequence[int]], most: int) -> str:
    day, hour = next((d, h) for d, row in enumerate(counts) for h, n in enumerate(row) if n == most)
    visits = f"{number(most)} visit{'' if most == 1 else 's'}"
    hours = f"{full_hour(hour)} to {full_hour((hour + 1) % 24)}"
    return f"{weekday_name(day)}, {hours}, with {visits}"


def _busiest(counts: Sequence[Sequence[int]]) -> str:
    sums = [sum(row) for row in counts]
    most = max(sums)
    visits = f"{number(most)} visit{'' if most == 1 else 's'}"
    return f"{weekday_name(sums.index(most))}, with {visits}"

"""Distributions: visits a visitor, and days between visits, in groups of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

VISITS = (
    (1, "1"),
    (2, "2"),
    (3, "3"),
    (4, "4"),
    (5, "5 to 9"),
    (10, "10 to 19"),
    (20, "20 or more"),
)
"""Groups of visits a visitor: the least number of each, and its words."""
DAYS = (
    (0, "Less than a day"),
    (1, "1 day"),
    (2, "2 days"),
    (3, "3 to 6 days"),
    (7, "7 to 13 days"),
    (14, "14 to 29 days"),
    (30, "30 to 89 days"),
    (90, "90 days or more"),
)
"""Groups of whole days between two visits."""


@dataclass(frozen=True)
class Group:
    """A group of numbers: how many have one, their share, and a bar in per cent of the longest."""

    label: str
    count: int
    share: float
    part: float


def counts_of(frame: pd.DataFrame, number: str, count: str) -> dict[int, int]:
    """Read an answer with a row for each number."""
    return {int(n): int(c) for n, c in zip(frame[number], frame[count], strict=True)}


def grouped(counts: Mapping[int, int], groups: Sequence[tuple[int, str]]) -> tuple[Group, ...]:
    """Return the groups up to the last that has anything; none where nothing is counted."""
    ends = [least for least, _ in groups[1:]] + [None]
    sums = [
        sum(n for number, n in counts.items() if number >= least and (end is None or number < end))
        for (least, _), end in zip(groups, ends, strict=True)
    ]
    whole, most = sum(sums), max(sums)
    last = max((n for n, found in enumerate(sums) if found), default=-1)
    return tuple(
        Group(words, found, found / whole, round(100 * found / most, 1))
        for (_, words), found in zip(groups[: last + 1], sums, strict=False)
    )


def mean_of(counts: Mapping[int, int]) -> float | None:
    """Return the mean of numbers that occur so often; None where none does."""
    whole = sum(counts.values())
    return sum(number * n for number, n in counts.items()) / whole if whole else None


def median_of(counts: Mapping[int, int]) -> float | None:
    """Return the median; between two numbers it is their mean."""
    whole = sum(counts.values())
    if not whole:
        return None
    return (_nth(counts, (whole - 1) // 2) + _nth(counts, whole // 2)) / 2


def _nth(counts: Mapping[int, int], place: int) -> int:
    for number in sorted(counts):
        place -= counts[number]
        if place < 0:
            return number
    raise IndexError(place)

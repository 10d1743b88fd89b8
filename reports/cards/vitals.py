"""Web vitals: the 75th percentile of each measure, and how many loads are good or poor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports.formatting.readers import decimal
from reports.questions.cards.vitals import LIMITS

NAMES = {
    "lcp_ms": ("LCP", "Largest part painted"),
    "inp_ms": ("INP", "Answer to clicks and keys"),
    "cls": ("CLS", "Layout shift"),
    "ttfb_ms": ("TTFB", "Website begins to answer"),
}
"""What each measure is called: in short, and in words."""
GRADES = {"good": "good", "needs": "needs work", "poor": "poor"}
_GAP = 0.25


@dataclass(frozen=True)
class GradePart:
    """A part of a measure's bar: "good", "needs" or "poor", its share of loads, and its place."""

    grade: str
    words: str
    share: float
    x: float
    width: float


@dataclass(frozen=True)
class Vital:
    """A measure; `value` is the 75th percentile in words, `grade` what that is."""

    key: str
    name: str
    words: str
    loads: int
    value: str
    grade: str
    grade_words: str
    parts: tuple[GradePart, ...]


def vitals_of(frame: pd.DataFrame) -> tuple[Vital, ...]:
    """Read the answer of the question `vitals`; measures that no load has are left out."""
    rows = zip(LIMITS, frame.to_dict("records"), strict=True)
    return tuple(_vital(name, row) for name, row in rows if row["loads"])


def _vital(name: str, row: Mapping[Any, int]) -> Vital:
    loads, good, poor = row["loads"], row["good"], row["poor"]
    counts = {"good": good, "needs": loads - good - poor, "poor": poor}
    grade = grade_of(name, row["p75"])
    short, words = NAMES[name]
    value = written(name, row["p75"])
    return Vital(name, short, words, loads, value, grade, GRADES[grade], _parts(counts, loads))


def grade_of(name: str, value: int) -> str:
    """Return "good", "needs" or "poor"."""
    good, poor = LIMITS[name]
    if value <= good:
        return "good"
    return "poor" if value > poor else "needs"


def written(name: str, value: int) -> str:
    """Write a measurement: 0.12, 180 ms, 2.4 s."""
    if name == "cls":
        return decimal(value / 1000, 2)
    return f"{value} ms" if value < 1000 else f"{decimal(value / 1000, 1)} s"


def _parts(counts: dict[str, int], loads: int) -> tuple[GradePart, ...]:
    found, x = [], 0.0
    for grade, count in counts.items():
        width = 100 * count / loads
        drawn = (round(x, 2), round(max(width - _GAP, 0), 2))
        found.append(GradePart(grade, GRADES[grade], count / loads, *drawn))
        x += width
    return tuple(found)

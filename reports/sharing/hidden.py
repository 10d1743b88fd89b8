"""Which numbers a share link shows: none that points at a person, alone or by a difference.

Whoever opens a link sees many numbers that hold each other: of days and of periods, of rows and of
totals, today and tomorrow. To hide small ones alone would leave them to be worked out from the
rest. So every count is rounded to tens, and one below ten is only said to be that: to what two of
them leave for a third, at least five numbers fit. Shares and means are made of rounded
counts, and rows of fewer than ten visitors are not listed, for their names may point at somebody.
Visits, views and times of fewer than ten visitors are hidden too, however many they are: one
visitor with twelve visits is still one person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.figures.figures import Row, Step, Totals
from reports.formatting.dates import NOTHING
from reports.formatting.template_filters import figure, number

SMALLEST = 10
"""The least count that is shown, and what counts are rounded to."""
_SECONDS = 5
"""What the mean length of visits is rounded to."""


@dataclass(frozen=True)
class SharedFigure:
    """A figure in words; `key` is the chart's name for it, or '' where the chart has none."""

    key: str
    label: str
    text: str


def rounded(count: int) -> int | None:
    """Return a count rounded to tens, None where it is below ten."""
    return None if count < SMALLEST else (count + SMALLEST // 2) // SMALLEST * SMALLEST


def told(count: int) -> str:
    """Write a count rounded to tens, or <10."""
    shown = rounded(count)
    return f"<{SMALLEST}" if shown is None else number(shown)


_NOBODY = Totals(0, 0, 0, None, None, None)


def shared_figures(totals: Totals) -> tuple[SharedFigure, ...]:
    """Return the figures of a period as a share link shows them: of ten visitors or more."""
    if rounded(totals.visitors) is None:
        totals = _NOBODY
    visits, views = rounded(totals.visits), rounded(totals.views)
    each = figure(views / visits, "ratio") if visits and views else NOTHING
    return (
        SharedFigure("visitors", "Visitors", told(totals.visitors)),
        SharedFigure("visits", "Visits", told(totals.visits)),
        SharedFigure("views", "Page views", told(totals.views)),
        SharedFigure("", "Views per visit", each),
        SharedFigure("", "Bounce rate", _bounces(totals)),
        SharedFigure("", "Engaged time", _length(totals)),
    )


def _bounces(totals: Totals) -> str:
    """Return the bounce rate, a dash where fewer than ten visits were bounces, or were none."""
    bounces = round((totals.bounce_rate or 0) * totals.visits)
    parts = rounded(bounces), rounded(totals.visits - bounces)
    if parts[0] is None or parts[1] is None:
        return NOTHING
    return figure(parts[0] / (parts[0] + parts[1]), "share")


def _length(totals: Totals) -> str:
    if totals.engaged_seconds is None or rounded(totals.visits) is None:
        return NOTHING
    return figure(round(totals.engaged_seconds / _SECONDS) * _SECONDS, "seconds")


def shared_rows(rows: Sequence[Row], most: int) -> tuple[Row, ...]:
    """Return the first rows of ten visitors or more, with rounded counts and bars.

    Rows of the same rounded visitors stand in the order of their names: that of their true counts
    would tell which has more.
    """
    counted = (
        replace(row, amount=rounded(row.amount) or 0, visitors=rounded(row.visitors) or 0)
        for row in rows
        if row.visitors >= SMALLEST
    )
    shown = sorted(counted, key=lambda row: (-row.visitors, row.name))[:most]
    longest = max((row.visitors for row in shown), default=1)
    return tuple(replace(row, part=round(100 * row.visitors / longest, 1)) for row in shown)


def shared_steps(steps: Sequence[Step], visitors: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps of the chart with rounded counts; one below ten stands at 0.

    `visitors` are the visitors of the same steps: where they are fewer than ten, their visits and
    views stand at 0 too.
    """
    return tuple(
        replace(step, now=_shared_count(step.now, people.now), before=None)
        for step, people in zip(steps, visitors, strict=True)
    )


def _shared_count(count: float | None, visitors: float | None) -> int | None:
    if count is None:
        return None
    return 0 if rounded(int(visitors or 0)) is None else rounded(int(count)) or 0

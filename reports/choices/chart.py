"""The chart of choices: a column a step, stacked of yes, no and no answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reports.choices.figures import ChoiceRow
from reports.formatting.dates import month_of, weekday_of

MOST_TICKS = 6
LINES = 4
"""Lines above the one at 0; each stands for a whole number."""
_GAP = 0.28  # between two columns, as a share of a step's width
_TOPS = (4, 8, 12, 16, 20, 24, 32, 40, 60, 80)
_PARTS = (("f1", "accepted"), ("f2", "refused"), ("f5", "ignored"))  # yes, no, no answer


@dataclass(frozen=True)
class Part:
    """One part of a column: the class of its colour; `y` (from the top), `height` in per cent."""

    colour: str
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """One step: `x` and `width` in per cent, and its parts from the bottom up."""

    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Mark:
    """Words under the chart at `x` per cent of its width; phones leave out minor ones."""

    x: float
    text: str
    is_minor: bool


@dataclass(frozen=True)
class StackedChart:
    """What `_choices.html` draws; `levels` are the numbers at the lines, the topmost first."""

    levels: tuple[int, ...]
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]
    pins: tuple[Mark, ...]


def stacked(
    rows: Sequence[ChoiceRow],
    starts: Sequence[datetime],
    by: str,
    today: date,
    versions: Sequence[tuple[int, date]] = (),
) -> StackedChart:
    """Draw the rows of a period, oldest first, each over the step that begins at its `starts`.

    `versions` are the numbers of wordings and the days on which they were published; those within
    the period are pinned to the chart.
    """
    top = top_of(max((_height(row) for row in rows), default=0))
    width = 100 / max(len(rows), 1)
    return StackedChart(
        levels=tuple(top * line // LINES for line in range(LINES, -1, -1)),
        columns=tuple(_column(n * width, width, row, top) for n, row in enumerate(rows)),
        marks=_marks(starts, by, today, width),
        pins=_pins(starts, versions, today, width),
    )


def top_of(highest: int) -> int:
    """Return the number at the topmost line: the least that fits and divides into whole steps."""
    size = 1
    while True:
        for top in _TOPS:
            if top * size >= highest:
                return top * size
        size *= 10


def _height(row: ChoiceRow) -> int:
    return row.accepted + row.refused + row.ignored


def _column(x: float, width: float, row: ChoiceRow, top: int) -> Column:
    parts, y = [], 100.0
    for colour, name in _PARTS:
        height = 100 * getattr(row, name) / top
        y -= height
        if height:
            parts.append(Part(colour, round(y, 2), round(height, 2)))
    return Column(round(x + width * _GAP / 2, 3), round(width * (1 - _GAP), 3), tuple(parts))


def _marks(starts: Sequence[datetime], by: str, today: date, width: float) -> tuple[Mark, ...]:
    places = [n for n, start in enumerate(starts) if start.weekday() == 0]
    if by != "day" or len(places) < 2:
        places = list(range(len(starts)))
    places = places[:: -(-len(places) // MOST_TICKS) or 1]
    return tuple(
        Mark(round((n + 0.5) * width, 3), _words(starts[n].date(), by, today), bool(nth % 2))
        for nth, n in enumerate(places)
    )


def _words(day: date, by: str, today: date) -> str:
    return month_of(day) if by == "month" else weekday_of(day, today)


def _pins(
    starts: Sequence[datetime],
    versions: Sequence[tuple[int, date]],
    today: date,
    width: float,
) -> tuple[Mark, ...]:
    pins = []
    for version, day in sorted(versions):
        before = [n for n, start in enumerate(starts) if start.date() <= day]
        if version > 1 and before and day <= today:
            words = f"{weekday_of(day, today)}: version {version} of the wording published"
            pins.append(Mark(round((before[-1] + 0.5) * width, 3), words, is_minor=False))
    return tuple(pins)

"""The chart of new and returning visitors: a column a step, stacked of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.choices.chart import LINES, Column, Mark, Part, top_of
from reports.formatting.dates import month_of, short_day
from reports.returning.cohort_table import NewAndReturning

MOST_MARKS = 6
"""The marks below the chart; phones show every second one."""
_DAYS_WITHOUT_WEEKS = 8
_GAP = 0.28  # between two columns, as a share of a step's width


@dataclass(frozen=True)
class ReturnChart:
    """What `_return.html` draws; `levels` are the numbers at the lines, the topmost first."""

    levels: tuple[int, ...]
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]


def return_chart(
    rows: Sequence[NewAndReturning], starts: Sequence[datetime], by: str
) -> ReturnChart:
    """Draw the rows, oldest first; `starts` are when their steps begin."""
    top = top_of(max((row.new + row.returning for row in rows), default=0))
    width = 100 / max(len(rows), 1)
    return ReturnChart(
        levels=tuple(top * line // LINES for line in range(LINES, -1, -1)),
        columns=tuple(_column(n * width, width, row, top) for n, row in enumerate(rows)),
        marks=_marks(starts, by, width),
    )


def _column(x: float, width: float, row: NewAndReturning, top: int) -> Column:
    parts, y = [], 100.0
    for colour, number in (("f1", row.new), ("f3", row.returning)):
        height = 100 * number / top
        y -= height
        if number:
            parts.append(Part(colour, round(y, 2), round(height, 2)))
    return Column(round(x + width * _GAP / 2, 3), round(width * (1 - _GAP), 3), tuple(parts))


def _marks(starts: Sequence[datetime], by: str, width: float) -> tuple[Mark, ...]:
    places = list(range(len(starts)))
    if by == "day" and len(starts) > _DAYS_WITHOUT_WEEKS:
        places = [n for n in places if starts[n].weekday() == 0]
    places = places[:: -(-len(places) // MOST_MARKS) or 1]
    return tuple(
        Mark(round((n + 0.5) * width, 3), _words(starts[n], by), bool(nth % 2))
        for nth, n in enumerate(places)
    )


def _words(start: datetime, by: str) -> str:
    return month_of(start) if by == "month" else short_day(start.date())

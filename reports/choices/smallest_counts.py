"""Which counts are too small to be shown, so that none points at one person."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from askfirst.store.ledger.choice_counts import ACCEPTED, LOADED, REFUSED, SHOWN, WITHDRAWN

IGNORED = "ignored"
NOT_SHOWN = "\N{EN DASH}"
ADD_UP = (ACCEPTED, REFUSED, IGNORED)  # to what was shown
_CELLS = (LOADED, SHOWN, *ADD_UP, WITHDRAWN)

Cell = tuple[int, str]
"""The row's position and the column's name."""


class SmallCells:
    """Finds the cells of a table that must be hidden: `small` ones, and `other` ones beside them.

    A cell is small where it is above 0 and below `smallest`. A single hidden cell could be worked
    out from the rest of its row, which adds up to what was shown, or of its column, which adds up
    to the total of the period; so others are hidden too, until a row or column has at least two
    hidden cells and their sum is not small either.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], smallest: int) -> None:
        self._values: dict[Cell, int] = {
            (number, name): row[name] for number, row in enumerate(rows) for name in _CELLS
        }
        self._smallest = smallest
        self.small = {cell for cell, value in self._values.items() if 0 < value < smallest}
        self.other: set[Cell] = set()
        self._cover(list(_lines(len(rows))))

    def replacements(self) -> dict[int, dict[str, str]]:
        """Return what to show instead of hidden numbers: by row, and in it by column."""
        found: dict[int, dict[str, str]] = {}
        for cells, words in ((self.small, f"<{self._smallest}"), (self.other, NOT_SHOWN)):
            for row, name in cells:
                found.setdefault(row, {})[name] = words
        return found

    def _cover(self, lines: Sequence[Sequence[Cell]]) -> None:
        """Hide enough in every row and column; a hidden cell only changes the lines through it."""
        through: dict[Cell, list[int]] = {}
        for number, line in enumerate(lines):
            for cell in line:
                through.setdefault(cell, []).append(number)
        waiting = list(range(len(lines)))  # a heap, so that lines are taken in order
        while waiting:
            number = heappop(waiting)
            if waiting and waiting[0] == number:
                continue
            if (found := self._covering(lines[number])) is not None:
                self.other.add(found)
                for one in through[found]:
                    heappush(waiting, one)

    def _covering(self, line: Sequence[Cell]) -> Cell | None:
        """Return one more cell of a line to hide, if the hidden ones could be worked out."""
        hidden = [cell for cell in line if self._is_hidden(cell)]
        rest = [cell for cell in line if self._values[cell] and not self._is_hidden(cell)]
        enough = sum(self._values[cell] for cell in hidden) >= self._smallest
        if not hidden or not rest or (len(hidden) > 1 and enough):
            return None
        return min(rest, key=lambda cell: self._values[cell])

    def _is_hidden(self, cell: Cell) -> bool:
        return cell in self.small or cell in self.other


def _lines(rows: int) -> Iterable[list[Cell]]:
    for row in range(rows):
        yield [(row, name) for name in ADD_UP]
    for name in _CELLS:
        yield [(row, name) for row in range(rows)]

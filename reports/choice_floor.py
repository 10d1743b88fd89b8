"""Which numbers about the question are too small to be shown, so that none points at one person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from askfirst.store.choice_counts import ACCEPTED, LOADED, REFUSED, SHOWN, WITHDRAWN

IGNORED = "ignored"
NOT_TOLD = "\N{EN DASH}"
ADD_UP = (ACCEPTED, REFUSED, IGNORED)  # to what was shown
_CELLS = (LOADED, SHOWN, *ADD_UP, WITHDRAWN)

Cell = tuple[int, str]
"""The row's position and the column's name."""


class CellFloor:
    """Finds the cells of a table that must be hidden: `few` ones, and `other` ones beside them.

    A cell is few where it is neither 0 nor `smallest`. One hidden cell alone would follow from the
    rest of its row, which adds up to what was shown, or of its column, which adds up to the total
    of the period; so others are hidden until at least two are and their sum is not small either.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], smallest: int) -> None:
        self._values: dict[Cell, int] = {
            (number, name): row[name] for number, row in enumerate(rows) for name in _CELLS
        }
        self._smallest = smallest
        self.few = {cell for cell, value in self._values.items() if 0 < value < smallest}
        self.other: set[Cell] = set()
        lines = list(_lines(len(rows)))
        while any(self._covers(line) for line in lines):
            pass

    def said(self, number: int) -> dict[str, str]:
        """Give what to say instead of the hidden numbers of a row, by column."""
        few = {name: f"<{self._smallest}" for row, name in self.few if row == number}
        return few | {name: NOT_TOLD for row, name in self.other if row == number}

    def _covers(self, line: Sequence[Cell]) -> bool:
        """Hide one more cell of a line where the hidden ones could be worked out."""
        hidden = [cell for cell in line if cell in self.few or cell in self.other]
        rest = [cell for cell in line if cell not in hidden and self._values[cell]]
        enough = sum(self._values[cell] for cell in hidden) >= self._smallest
        if not hidden or not rest or (len(hidden) > 1 and enough):
            return False
        self.other.add(min(rest, key=lambda cell: self._values[cell]))
        return True


def _lines(rows: int) -> Iterable[list[Cell]]:
    for row in range(rows):
        yield [(row, name) for name in ADD_UP]
    for name in _CELLS:
        yield [(row, name) for row in range(rows)]

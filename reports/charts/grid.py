"""Heat maps as grids of cells, whichever figure they show: hours of the week, cohorts."""

from dataclasses import dataclass

LEVELS = 6
"""The level of the darkest cell; 0 is nothing."""


@dataclass(frozen=True)
class GridCell:
    """A cell in a row and a column, counted from 0; `text` stands in it, '' for none."""

    row: int
    column: int
    level: int
    text: str = ""
    is_whole: bool = True


@dataclass(frozen=True)
class Grid:
    """Labels of rows and columns, '' for none, and the cells that there are."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[GridCell, ...]

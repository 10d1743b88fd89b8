"""The table of cohorts: which share of the visitors of a step came back so many steps later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from reports.questions.returning.cohorts import NO_COHORT
from reports.returning.steps import Interval

DARKEST = 6

Cells = Mapping[tuple[int, int], int]
"""Visitors by the numbers of their cohort and of a step."""


@dataclass(frozen=True)
class Cell:
    """Who came back; `level` is from 0 to `DARKEST`, of the largest share in the table."""

    visitors: int
    share: float
    level: int
    is_whole: bool


@dataclass(frozen=True)
class Cohort:
    """The visitors who first came in a step, and a cell for each step after, None if not begun."""

    label: str
    visitors: int
    is_whole: bool
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class CohortTable:
    """Cohorts, oldest first, and `whole`: all together, of those whose step is over.

    `best` is the cell with the largest share, with the label of its cohort and the steps after it;
    neither is cut by the period or the present.
    """

    cohorts: tuple[Cohort, ...]
    whole: tuple[tuple[float | None, int, int], ...]
    """For each step after the first: the share, who came back, and of how many."""
    best: tuple[str, int, Cell] | None


def cells_of(frame: pd.DataFrame) -> dict[tuple[int, int], int]:
    """Read the answer of `cohorts`."""
    columns = (frame[name] for name in ("cohort", "step", "visitors"))
    return {(int(c), int(s)): int(n) for c, s, n in zip(*columns, strict=True)}


def cohort_table(cells: Cells, steps: Sequence[Interval], ahead: int) -> CohortTable:
    """Build the table; rows begin with the first step in which somebody came first."""
    begun = [n for n, one in enumerate(steps) if cells.get((one.number, one.number))]
    shown = steps[begun[0] :] if begun else ()
    ahead = min(ahead, max(len(shown) - 1, 0))
    rows = [_shares(cells, shown, n, ahead) for n in range(len(shown))]
    most = max((share for row in rows for _, share, _ in filter(None, row)), default=0.0)
    cohorts = tuple(
        Cohort(
            one.label,
            cells.get((one.number, one.number), 0),
            one.is_whole,
            tuple(_cell(found, most) for found in row),
        )
        for one, row in zip(shown, rows, strict=True)
    )
    return CohortTable(cohorts, _together(cohorts, ahead), _best(cohorts))


Share = tuple[int, float, bool]


def _shares(cells: Cells, steps: Sequence[Interval], row: int, ahead: int) -> list[Share | None]:
    """Return visitors, share and whether the step is whole, for each step after that of a row."""
    cohort = steps[row].number
    size = cells.get((cohort, cohort), 0)
    found: list[Share | None] = []
    for later in range(row + 1, row + 1 + ahead):
        if later >= len(steps) or not size:
            found.append(None)
            continue
        visitors = cells.get((cohort, steps[later].number), 0)
        found.append((visitors, visitors / size, steps[later].is_whole))
    return found


def _cell(found: Share | None, most: float) -> Cell | None:
    if found is None:
        return None
    visitors, share, is_whole = found
    level = min(DARKEST, 1 + int((DARKEST - 0.001) * share / most)) if share else 0
    return Cell(visitors, share, level, is_whole)


def _together(cohorts: Sequence[Cohort], ahead: int) -> tuple[tuple[float | None, int, int], ...]:
    found = []
    for n in range(ahead):
        over = [(one.cells[n], one.visitors) for one in cohorts]
        told = [(cell.visitors, size) for cell, size in over if cell and cell.is_whole]
        back, size = sum(b for b, _ in told), sum(s for _, s in told)
        found.append((back / size if size else None, back, size))
    return tuple(found)


def _best(cohorts: Sequence[Cohort]) -> tuple[str, int, Cell] | None:
    every = [
        (one.label, n, cell)
        for one in cohorts
        for n, cell in enumerate(one.cells, start=1)
        if one.is_whole and cell and cell.is_whole and cell.visitors
    ]
    return max(every, key=lambda found: (found[2].share, found[2].visitors), default=None)


@dataclass(frozen=True)
class NewAndReturning:
    """Who came in a step: for the first time ever, or again."""

    label: str
    new: int
    returning: int
    is_whole: bool


def new_and_returning(cells: Cells, steps: Sequence[Interval]) -> tuple[NewAndReturning, ...]:
    """Return new and returning visitors of each step."""
    every: dict[int, int] = {}
    for (_, step), visitors in cells.items():
        every[step] = every.get(step, 0) + visitors
    return tuple(
        NewAndReturning(
            one.label,
            new := cells.get((one.number, one.number), 0),
            every.get(one.number, 0) - new,
            one.is_whole,
        )
        for one in steps
    )


def new_of(cells: Cells) -> int:
    """Return how many visitors came for the first time ever."""
    return sum(n for (cohort, step), n in cells.items() if cohort == step != NO_COHORT)

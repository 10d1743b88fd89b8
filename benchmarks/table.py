"""The table: each figure beside its baseline of the same run, with the ratio and the goal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

HEAD = ("figure", "measured", "baseline", "ratio", "goal")


@dataclass(frozen=True)
class Goal:
    """What a figure should be, or with `of_ratio` its ratio: at least or at most a number."""

    sign: Literal["≥", "≤"]
    limit: float
    of_ratio: bool = False

    def text(self, figure: "Figure") -> str:
        """Write the goal and whether the figure meets it."""
        value = figure.ratio if self.of_ratio else figure.value
        said = f"{'ratio ' if self.of_ratio else ''}{self.sign} {number(self.limit)}"
        if value is None:
            return said
        met = value >= self.limit if self.sign == "≥" else value <= self.limit
        return f"{said}, {'met' if met else 'missed'}"


@dataclass(frozen=True)
class Figure:
    """One line of the table; `value` None means not measured, and `note` says why.

    `beside` names the baseline; `measured_ratio` is given where the ratio is not that of the two
    numbers, but for instance the median over the rounds.
    """

    name: str
    value: float | None
    unit: str = ""
    baseline: float | None = None
    beside: str = ""
    measured_ratio: float | None = None
    goals: tuple[Goal, ...] = ()
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return the figure's ratio to its baseline, where it has one."""
        if self.measured_ratio is not None:
            return self.measured_ratio
        return self.value / self.baseline if self.value is not None and self.baseline else None


def number(value: float | None) -> str:
    """Write a number with about three significant digits, or '' for none."""
    if value is None:
        return ""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.{1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4}f}"


def table(parts: Iterable[tuple[str, Sequence[Figure]]]) -> str:
    """Write one table of (program, its figures)."""
    named = [(program, [_cells(figure) for figure in figures]) for program, figures in parts]
    rows = [HEAD, *(cells for _, of_program in named for cells in of_program)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [_line(HEAD, widths)]
    for program, of_program in named:
        lines += ["", program, *(_line(cells, widths) for cells in of_program)]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, measured, baseline, ratio, goal = cells
    shown = (
        f"  {name:<{widths[0]}}",
        f"{measured:>{widths[1]}}",
        f"{baseline:<{widths[2]}}",
        f"{ratio:>{widths[3]}}",
        goal,
    )
    return "  ".join(shown).rstrip()


def _cells(figure: Figure) -> tuple[str, str, str, str, str]:
    measured = f"{number(figure.value)} {figure.unit}".strip() if figure.value is not None else "-"
    baseline = f"{number(figure.baseline)} {figure.beside}".strip()
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    goals = "; ".join(goal.text(figure) for goal in figure.goals)
    said = f"{goals} ({figure.note})" if goals and figure.note else goals or figure.note
    return figure.name, measured, baseline, ratio, said

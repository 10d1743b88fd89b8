"""The dimensions that summaries count by: those of columns, and three beside them."""

from dataclasses import dataclass
from typing import Literal

from askfirst.columns.column import By, Column, Listed
from askfirst.columns.table import COLUMNS


@dataclass(frozen=True)
class Dimension:
    """What summaries count by, under `number`.

    Values are keys of the column `texts` in the table `texts`, and stand in the column `column` of
    `events`, `profiles` or `visits` (`kept`: `event`, `profile` or `visit`).

    `by` says what is counted beside distinct visitors: `views`, page views with the value and who
    viewed; `clicks`, link clicks and who clicked; `visits`, visits and whose they are; `events`,
    page views, and the visitors of any event with the value; `all`, everything (value 0).
    """

    number: int
    name: str
    texts: str
    column: str
    kept: Literal["event", "profile", "visit", ""]
    by: By
    heading: str
    listed: Listed | None = None


_NOT_OF_A_COLUMN = (
    Dimension(0, "all", "", "", "", "all", ""),
    Dimension(
        2, "entry", "path", "entry", "visit", "visits", "Page",
        Listed("entry-pages", "Entry pages", "pages", "path", tab="Entry"),
    ),
    Dimension(
        3, "leaving", "path", "leaving", "visit", "visits", "Page",
        Listed("exit-pages", "Exit pages", "pages", "path", tab="Exit"),
    ),
)  # fmt: skip


def _dimension(one: Column) -> Dimension:
    kept: Literal["event", "profile", "visit"] = "profile" if one.kept == "profile" else "event"
    return Dimension(
        number=one.dimension,
        name=one.called or one.name,
        texts=one.name,
        column=one.name,
        kept="visit" if one.by == "visits" else kept,
        by=one.by,
        heading=(one.listed.heading if one.listed else "") or one.title,
        listed=one.listed,
    )


def _dimensions() -> dict[str, Dimension]:
    of_columns = (_dimension(one) for one in COLUMNS if one.dimension)
    ordered = sorted((*_NOT_OF_A_COLUMN, *of_columns), key=lambda one: one.number)
    return {one.name: one for one in ordered}


DIMENSIONS: dict[str, Dimension] = _dimensions()
"""What summaries count by: all, path, entry, leaving, referrer, link, country ... by number."""

"""What the address of a whole list asks for, and its rows with their figures and changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from askfirst.errors import Malformed
from reports.figures.figures import Totals, change_of
from reports.formatting.template_filters import listed
from reports.overview.dimensions import DIMENSIONS, Dimension
from reports.overview.read_lists import DRILLS
from reports.overview.rows import RowLink, number, row_link
from reports.overview.searching import finds_nothing, pattern_of, search_of
from reports.overview.view import MEASURES, View
from reports.questions.figures_by.columns import SORTS, Listing, Measure, listing
from reports.url.asking import Asked
from reports.url.comparing import weight_of
from reports.url.periods import Window

ROWS = 100
OF_LIST = ("q", "sort", "order", "page")
"""The fields of the address that are about one list."""
_MOST_NAMES = 5000
_KINDS_OF_WORDS = ("country", "language", "channel", "device")
"""Kinds whose names are shown in words, by which they are sorted."""


@dataclass(frozen=True)
class Wanted:
    """A list, what is searched for in it, how it is sorted, and which page of it."""

    dimension: Dimension
    search: str
    sort: Measure
    descending: bool
    page: int

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * ROWS

    @property
    def measure(self) -> Measure:
        """The figure that phones show, whose change is told and that bars are long by."""
        return "visitors" if self.sort == "name" else self.sort

    def listing(self, only: tuple[str, ...] = ()) -> Listing:
        """Return what the question takes."""
        kind = self.dimension.kind
        return listing(
            self.sort,
            self.descending,
            pattern_of(self.search, kind),
            finds_nothing(self.search, kind),
            only,
        )


def read_wanted(query: Mapping[str, str], dimension: Dimension, page: int) -> Wanted:
    """Read what the address of a whole list asks for; raises `Malformed`."""
    sort = query.get("sort", dimension.lead)
    if sort not in SORTS:
        raise Malformed(f"A list is sorted by one of {', '.join(SORTS)}.", field="sort")
    order = query.get("order", "up" if sort == "name" else "down")
    if order not in ("up", "down"):
        raise Malformed("The order is up or down.", field="order")
    search = search_of(query.get("q", ""))
    return Wanted(dimension, search, sort, order == "down", page)


@dataclass(frozen=True)
class Head:
    """The heading of a column: a link that sorts by it, or turns the order around."""

    text: str
    href: str
    sorted: Literal["ascending", "descending", "none"]
    is_lead: bool
    """Whether it is the figure that phones show."""


@dataclass(frozen=True)
class Figure:
    """One figure of a row, with its kind for the template filter `figure`."""

    value: float | None
    kind: str
    is_lead: bool


@dataclass(frozen=True)
class ListRow:
    """A row of a whole list."""

    name: str
    figures: tuple[Figure, ...]
    """Visitors, visits, views, bounce rate, engaged seconds."""
    share: float
    """Its share of all visitors."""
    change: float | None
    """The change of the figure that the list goes by; None where it cannot be compared."""
    before: float | None
    """What that figure was; None where there was nothing."""
    part: float
    """The length of its bar in per cent of the longest on the page."""
    link: RowLink


def heads_of(view: View, wanted: Wanted) -> tuple[Head, ...]:
    """Build the headings: of the names, and of each figure."""
    first = Head(wanted.dimension.column, *_sorting(view, wanted, "name"), False)
    measures = (
        Head(
            wanted.dimension.views if name == "views" else text,
            *_sorting(view, wanted, name),
            name == wanted.measure,
        )
        for name, (text, _) in MEASURES.items()
    )
    return (first, *measures)


def _sorting(
    view: View, wanted: Wanted, name: Measure
) -> tuple[str, Literal["ascending", "descending", "none"]]:
    current = name == wanted.sort
    downwards = not wanted.descending if current else name != "name"
    href = view.address.with_(sort=name, order="down" if downwards else "up", page=None)
    if not current:
        return href, "none"
    return href, "descending" if wanted.descending else "ascending"


async def rows_asked(asked: Asked, wanted: Wanted) -> pd.DataFrame:
    """Return the rows of a page of the list, as `figures_by` does."""
    dimension = wanted.dimension
    by_words = wanted.sort == "name" and dimension.kind in _KINDS_OF_WORDS
    limit, offset = (_MOST_NAMES, 0) if by_words else (ROWS, wanted.offset)
    found = await asked.figures_by(asked.scope(), dimension.by, wanted.listing(), limit, offset)
    if not by_words:
        return found
    words = found["name"].map(lambda name: listed(name, dimension.kind).casefold())
    ordered = words.sort_values(ascending=not wanted.descending, kind="stable").index
    return found.loc[ordered].iloc[wanted.offset : wanted.offset + ROWS]


async def before_asked(
    asked: Asked, wanted: Wanted, names: tuple[str, ...], window: Window
) -> pd.DataFrame:
    """Return the figures that rows of these names had in another window."""
    padded = (names + names[-1:] * ROWS)[:ROWS]  # so that the question has one shape
    only = listing(only=padded)
    scope, by = asked.scope(window), wanted.dimension.by
    return await asked.figures_by(scope, by, only, ROWS)


def rows_of(
    view: View, wanted: Wanted, now: pd.DataFrame, before: pd.DataFrame | None, totals: Totals
) -> tuple[ListRow, ...]:
    """Build the rows; `before` has those of the compared period."""
    old = {} if before is None else {row["name"]: row for row in before.to_dict("records")}
    rows = now.to_dict("records")
    longest = max((number(row[wanted.measure]) or 0.0 for row in rows), default=0.0)
    return tuple(_row(view, wanted, row, old, longest, totals) for row in rows)


def _row(
    view: View,
    wanted: Wanted,
    row: Mapping[Any, Any],
    old: Mapping[str, Mapping[Any, Any]],
    longest: float,
    totals: Totals,
) -> ListRow:
    lead, kind = number(row[wanted.measure]), MEASURES[wanted.measure][1]
    known = old.get(row["name"])
    before = number(known[wanted.measure]) if known else None
    return ListRow(
        name=row["name"],
        figures=tuple(
            Figure(number(row[name]), one, name == wanted.measure)
            for name, (_, one) in MEASURES.items()
        ),
        share=row["visitors"] / totals.visitors if totals.visitors else 0.0,
        change=change_of(kind, lead, before, weight_of(wanted.measure, view.period.weight)),
        before=before,
        part=round(100 * (lead or 0.0) / longest, 1) if longest else 0.0,
        link=_link(view, wanted.dimension, row["name"]),
    )


def _link(view: View, dimension: Dimension, name: str) -> RowLink:
    """Return where a row leads: browsers and systems on to the versions of the one."""
    further = DRILLS.get(dimension.key)
    if not further or not name:
        return row_link(view, dimension, name)
    kept = {key: text for key, text in view.address.query.items() if key not in OF_LIST}
    address = replace(view.address, query=kept | {"show": DIMENSIONS[further].key})
    return row_link(replace(view, address=address), dimension, name)

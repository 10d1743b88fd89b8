"""The dimensions of the overview, such as pages and countries: names, columns and queries.

Everything but the query stands in the line of the column in `askfirst.columns`.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from askfirst import columns
from askfirst.columns import By, Listed
from askfirst.errors import Malformed, NotFound
from askfirst.store.warehouse.compiled import Question
from askfirst.store.warehouse.filters.conditions import FIRST, VISIT_COLUMNS
from reports.questions.breakdown import breakdown
from reports.questions.clicks import clicks

_QUESTIONS: dict[str, Question] = {"link": clicks}
"""The query of each dimension whose list says more than `breakdown`, by its name."""
_AMOUNTS: dict[By, str] = {
    "views": "Views",
    "visits": "Visits",
    "clicks": "Clicks",
    "events": "Views",
}


@dataclass(frozen=True)
class Dimension:
    """What events are broken down by: a list on the overview, and a page with the whole list."""

    key: str
    """Its name in the address."""
    title: str
    """The heading of its list."""
    tab: str
    """The title of its tab, shorter where its neighbours say the rest: Entry, beside Pages."""
    column: str
    """The heading of the column of names."""
    amount: str
    """The heading of the column `amount`: what that counts."""
    question: Question
    """The query; it takes the scope, `values`, a limit and an offset."""
    values: tuple[Any, ...] = ()
    """What the query takes between the scope and the limit."""
    filters: str = ""
    """The column that a condition is about which restricts the report to one of its rows."""
    kind: str = "path"
    """How the template filter `listed` writes a name."""
    by_visitors: bool = False
    """Whether rows are ordered by visitors, and the amount is not shown."""


def _filtering(of: columns.Dimension) -> str:
    first = f"{FIRST}{of.column}"
    return first if first in VISIT_COLUMNS else of.column


def _dimension(of: columns.Dimension, listed: Listed) -> Dimension:
    return Dimension(
        key=listed.key,
        title=listed.title,
        tab=listed.tab or listed.title,
        column=of.heading,
        amount=_AMOUNTS[of.by],
        question=_QUESTIONS.get(of.name, breakdown),
        values=() if of.name in _QUESTIONS else (of.name,),
        filters=_filtering(of),
        kind=listed.kind,
        by_visitors=of.by == "events",
    )


_LISTED = [(one, one.listed) for one in columns.DIMENSIONS.values() if one.listed]
DIMENSIONS: dict[str, Dimension] = {listed.key: _dimension(one, listed) for one, listed in _LISTED}
"""The dimensions by their names in the address, in the order of their numbers."""

_CARDS = {
    "pages": "Pages",
    "sources": "Sources",
    "people": "Where people are",
    "technology": "What people use",
    "links": "Links",
}
_FIRST = ("sources", "channels")
"""The dimensions that come before others of their card; else the order is that of their numbers."""


def _keys_of(card: str) -> tuple[str, ...]:
    keys = [listed.key for _, listed in _LISTED if listed.card == card]
    return tuple(sorted(keys, key=lambda key: key not in _FIRST))


GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    card: (title, _keys_of(card)) for card, title in _CARDS.items()
}
"""The cards of the overview: name in the address, title, and the keys of the dimensions in tabs."""

COLUMN_OF: dict[str, str] = {listed.key: one.texts for one, listed in _LISTED}
"""The column of each dimension, by its name in the address."""

SHOWN: tuple[str, ...] = tuple(one.name for one, _ in _LISTED)
"""The names of the dimensions in the table of columns."""
NUMBERS: dict[str, int] = {listed.key: one.number for one, listed in _LISTED}
"""Their numbers in the table of columns, by their names in the address."""


def chosen_tabs(query: Mapping[str, str], untold: Container[str] = ()) -> dict[str, str]:
    """Read which tab each card of the overview shows; raises `Malformed` naming the card.

    Where the address says nothing it is the first whose column is not `untold`: one of which the
    site's policy does not tell is empty.
    """
    chosen = {}
    for name, (_, keys) in GROUPS.items():
        told = [key for key in keys if COLUMN_OF[key] not in untold]
        chosen[name] = query.get(name, (told or keys)[0])
        if chosen[name] not in keys:
            raise Malformed(f"The card shows one of {', '.join(keys)}.", field=name)
    return chosen


def dimension_of(key: str) -> Dimension:
    """Return the dimension of a key in the address; raises `NotFound`."""
    if (found := DIMENSIONS.get(key)) is None:
        raise NotFound("There is no such list.")
    return found

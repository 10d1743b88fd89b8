"""The cards of the overview: lists in tabs, of which one is shown with its longest rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.figures.figures import Row, Totals, rows_of
from reports.overview.dimensions import DIMENSIONS, GROUPS, Dimension, tabs_of
from reports.overview.read_lists import DRILLS
from reports.overview.rows import RowLink, row_link
from reports.overview.view import View


@dataclass(frozen=True)
class LinkedRow:
    """A row of a list, and where it leads."""

    row: Row
    link: RowLink


@dataclass(frozen=True)
class Tab:
    """A list that a card can show: the link that the server answers, and its key."""

    text: str
    href: str
    key: str
    current: bool


@dataclass(frozen=True)
class Card:
    """Lists that share a card, of which one is shown: `dimension`, with some of its rows."""

    key: str
    """The card's name in the address."""
    title: str
    """The card's heading."""
    tabs: tuple[Tab, ...]
    """A link to each list; `current` marks the one that is shown."""
    dimension: Dimension
    rows: tuple[LinkedRow, ...]
    """The rows, the largest first."""
    every: int
    """How many rows there are in all."""
    href: str
    """The address of the page that lists every row."""
    again: str
    """The address that asks again, where the warehouse took too long for the rows; else ''."""


def cards_of(
    view: View, frames: Mapping[str, pd.DataFrame | None], totals: Totals
) -> tuple[Card, ...]:
    """Build the cards of which `frames` has the rows: name, amount, visitors and rows."""
    return tuple(card_of(view, name, frame, totals) for name, frame in frames.items())


def card_of(view: View, name: str, frame: pd.DataFrame | None, totals: Totals) -> Card:
    """Build the card of a name, which shows the list that the view chose for it."""
    chosen = view.tabs[name]
    dimension = DIMENSIONS[chosen]
    lead = "visitors" if dimension.by_visitors else "amount"
    rows = () if frame is None else rows_of(frame, lead, totals.visitors)
    return Card(
        key=name,
        title=GROUPS[name][0],
        tabs=tuple(_tab(view, name, key, chosen) for key in tabs_of(name, view.site, chosen)),
        dimension=dimension,
        rows=tuple(LinkedRow(row, row_link(view, dimension, row.name)) for row in rows),
        every=0 if frame is None or not len(frame) else int(frame["rows"].iloc[0]),
        href=view.address.with_(show=_whole_list(view, dimension), page=None),
        again=_tab(view, name, chosen, chosen).href if frame is None else "",
    )


def _whole_list(view: View, dimension: Dimension) -> str:
    """Return the list that a card leads to: that of versions where the filters chose of what."""
    chosen = {one.column for one in view.segment.conditions if one.operator == "is"}
    versions = DRILLS.get(dimension.key)
    return versions if versions and dimension.filters in chosen else dimension.key


def _tab(view: View, name: str, key: str, chosen: str) -> Tab:
    href = f"{view.address.with_(**{name: key})}#card-{name}"
    return Tab(DIMENSIONS[key].tab, href, key, key == chosen)

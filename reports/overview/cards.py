"""The cards of the overview: a dimension in each tab, with its longest rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from askfirst.store.warehouse.filters.conditions import Condition
from reports.figures.figures import Row, Totals, rows_of
from reports.overview.dimensions import DIMENSIONS, GROUPS, Dimension
from reports.url.links import Link
from reports.url.report_view import ReportView


@dataclass(frozen=True)
class LinkedRow:
    """A row of a list, and the address of the same report about these visits only.

    `chosen` says that the report is that already; the link then leads back out.
    """

    row: Row
    href: str
    chosen: bool


@dataclass(frozen=True)
class Card:
    """A dimension with some of its rows."""

    dimension: Dimension
    rows: tuple[LinkedRow, ...]
    """The rows, the largest first."""
    href: str
    """The address of the page that lists every row."""


@dataclass(frozen=True)
class TabbedCard:
    """Dimensions that share a card, of which one is shown."""

    key: str
    """The card's name in the address."""
    title: str
    """The card's heading."""
    tabs: tuple[Link, ...]
    """A link to each dimension; `current` marks the one that is shown."""
    cards: tuple[Card, ...]
    """The dimensions, in the order of the tabs."""


def tabbed_cards(
    view: ReportView, tabs: Mapping[str, str], frames: Mapping[str, pd.DataFrame], totals: Totals
) -> tuple[TabbedCard, ...]:
    """Build every card; `tabs` has the chosen dimension of each, `frames` the rows of each."""
    return tuple(
        TabbedCard(
            key=name,
            title=title,
            tabs=tuple(_tab(view, name, key, key == tabs[name]) for key in keys),
            cards=tuple(card_of(view, DIMENSIONS[key], frames[key], totals) for key in keys),
        )
        for name, (title, keys) in GROUPS.items()
    )


def card_of(view: ReportView, dimension: Dimension, frame: pd.DataFrame, totals: Totals) -> Card:
    """Build the card of one dimension from the answer of its query."""
    lead = "visitors" if dimension.by_visitors else "amount"
    rows = tuple(_linked(view, dimension, row) for row in rows_of(frame, lead, totals.visitors))
    return Card(dimension, rows, view.address.with_(show=dimension.key, page=None))


def _linked(view: ReportView, dimension: Dimension, row: Row) -> LinkedRow:
    condition = Condition(dimension.filters, "is", (row.name,))
    href = view.toggled(dimension.filters, row.name)
    return LinkedRow(row, href, condition in view.segment.conditions)


def _tab(view: ReportView, name: str, key: str, is_current: bool) -> Link:
    href = f"{view.address.with_(**{name: key})}#card-{name}"
    return Link(DIMENSIONS[key].tab, href, is_current)

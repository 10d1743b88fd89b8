"""The cards of the overview: a dimension in each tab, with its longest rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.figures.figures import Row, Totals, rows_of
from reports.overview.dimensions import DIMENSIONS, GROUPS, Dimension
from reports.url.links import Address, Link


@dataclass(frozen=True)
class Card:
    """A dimension with some of its rows."""

    dimension: Dimension
    rows: tuple[Row, ...]
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
    address: Address, tabs: Mapping[str, str], frames: Mapping[str, pd.DataFrame], totals: Totals
) -> tuple[TabbedCard, ...]:
    """Build every card; `tabs` has the chosen dimension of each, `frames` the rows of each."""
    return tuple(
        TabbedCard(
            key=name,
            title=title,
            tabs=tuple(_tab(address, name, key, key == tabs[name]) for key in keys),
            cards=tuple(card_of(address, DIMENSIONS[key], frames[key], totals) for key in keys),
        )
        for name, (title, keys) in GROUPS.items()
    )


def card_of(address: Address, dimension: Dimension, frame: pd.DataFrame, totals: Totals) -> Card:
    """Build the card of one dimension from the answer of its query."""
    lead = "visitors" if dimension.by_visitors else "amount"
    rows = rows_of(frame, lead, totals.visitors)
    return Card(dimension, rows, address.with_(show=dimension.key, page=None))


def _tab(address: Address, name: str, key: str, is_current: bool) -> Link:
    href = f"{address.with_(**{name: key})}#card-{name}"
    return Link(DIMENSIONS[key].tab, href, is_current)

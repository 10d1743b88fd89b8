"""The cards of the overview: lists in tabs, of which one is shown with its longest rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from reports.cards.empty_words import empty_words
from reports.figures.figures import Totals
from reports.overview.dimensions import DIMENSIONS, GROUPS, Dimension, tabs_of
from reports.overview.read_lists import DRILLS
from reports.overview.rows import RowLink, number, row_link
from reports.overview.view import COUNTS, MEASURES, View
from reports.questions.figures_by.columns import Measure
from reports.url.links import Link


@dataclass(frozen=True)
class CardRow:
    """A row of a list, and where it leads."""

    name: str
    note: str
    """What kind of link it is, where links of several kinds are rows."""
    cells: tuple[tuple[float | None, str], ...]
    """The two figures, each with its kind for the template filter `figure`."""
    part: float
    """The length of its bar in per cent of the longest."""
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
    heads: tuple[str, str]
    """The headings of the two figures."""
    rows: tuple[CardRow, ...]
    """The rows, the largest first; rates are those of the rows with most visitors."""
    every: int
    """How many rows there are in all."""
    href: str
    """The address of the page that lists every row."""
    again: str
    """The address that asks again, where the warehouse took too long for the rows; else ''."""
    empty: str
    """What is said where there is no row."""
    way: Link
    """What to do next where there is no row; its fields may be ''."""


def cards_of(
    view: View, frames: Mapping[str, pd.DataFrame | None], totals: Totals, way: Link
) -> tuple[Card, ...]:
    """Build the cards of which `frames` has the rows: name, amount, visitors and rows.

    They stand in the order of the page. `way` is what to do next where one has no row.
    """
    shown = [name for name in view.tabs if name in frames]
    return tuple(card_of(view, name, frames[name], totals, way) for name in shown)


def card_of(view: View, name: str, frame: pd.DataFrame | None, totals: Totals, way: Link) -> Card:
    """Build the card of a name, which shows the list that the view chose for it."""
    chosen = view.tabs[name]
    dimension = DIMENSIONS[chosen]
    lead = view.measure or dimension.lead
    return Card(
        key=name,
        title=GROUPS[name][0],
        tabs=tuple(_tab(view, name, key, chosen) for key in tabs_of(name, view.site, chosen)),
        dimension=dimension,
        heads=(heading_of(dimension, lead), "Share" if lead == "visitors" else "Visitors"),
        rows=() if frame is None else _rows(view, dimension, lead, frame, totals),
        every=0 if frame is None or not len(frame) else int(frame["rows"].iloc[0]),
        href=view.address.with_(show=_whole_list(view, dimension), sort=_sort(view), page=None),
        again=_tab(view, name, chosen, chosen).href if frame is None else "",
        empty=empty_words(chosen, view.is_filtered),
        way=way,
    )


def heading_of(dimension: Dimension, lead: Measure) -> str:
    """Return the words of a figure in the list of a dimension."""
    return dimension.views if lead == "views" else MEASURES[lead][0]


def _rows(
    view: View, dimension: Dimension, lead: Measure, frame: pd.DataFrame, totals: Totals
) -> tuple[CardRow, ...]:
    rows, kind = frame.to_dict("records"), MEASURES[lead][1]
    leads = [number(row["visitors" if lead == "visitors" else "amount"]) for row in rows]
    longest = max((one or 0.0 for one in leads), default=0.0)
    return tuple(
        CardRow(
            name=row["name"],
            note=row.get("kind", ""),
            cells=((value, kind), _beside(lead, row["visitors"], totals)),
            part=round(100 * (value or 0.0) / longest, 1) if longest else 0.0,
            link=row_link(view, dimension, row["name"]),
        )
        for row, value in zip(rows, leads, strict=True)
    )


def _beside(lead: Measure, visitors: int, totals: Totals) -> tuple[float, str]:
    """Return what stands beside the figure: visitors, or beside them their share of all."""
    if lead != "visitors":
        return visitors, "count"
    return (visitors / totals.visitors if totals.visitors else 0.0), "share"


def _sort(view: View) -> str | None:
    return view.measure if view.measure is None or view.measure in COUNTS else "visitors"


def _whole_list(view: View, dimension: Dimension) -> str:
    """Return the list that a card leads to: that of versions where the filters chose of what."""
    chosen = {one.column for one in view.segment.conditions if one.operator == "is"}
    versions = DRILLS.get(dimension.key)
    return versions if versions and dimension.filters in chosen else dimension.key


def _tab(view: View, name: str, key: str, chosen: str) -> Tab:
    href = f"{view.address.with_(**{name: key})}#card-{name}"
    return Tab(DIMENSIONS[key].tab, href, key, key == chosen)

"""The breakdowns of a goal: of the visitors with each value, how many reached it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from askfirst.columns import DIMENSIONS, Dimension, Listed
from askfirst.errors import Malformed, NotFound
from askfirst.sites import Site, host_of
from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.filters.conditions import FIRST, VISIT_COLUMNS, Condition
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import Scope, raw
from reports.goals.asking import find_chosen
from reports.goals.goals import matchers_of
from reports.questions.goals.chosen import who_did
from reports.questions.goals.converted import visitors_by_value, visitors_of_values
from reports.url.asking import Asked
from reports.url.links import Link
from reports.url.report_view import ReportView

CARD_ROWS = 8
_LISTED: dict[str, tuple[Dimension, Listed]] = {
    one.listed.key: (one, one.listed) for one in DIMENSIONS.values() if one.listed
}
_TITLES = {
    "pages": "Pages",
    "sources": "Sources",
    "people": "Places and languages",
    "technology": "What people use",
    "links": "Links",
}
"""The cards that are known, in their order on the page, and their headings."""
_FIRST = ("channels", "sources")
"""What stands before the other tabs of its card."""


@dataclass(frozen=True)
class ConvertedRow:
    """A value: its visitors, how many of them reached the goal, and their share."""

    name: str
    visitors: int
    reached: int
    share: float
    part: float
    """The length of its bar, in per cent of the largest share."""
    href: str
    """The address of the same page about these visits only, or of all where it is that already."""
    chosen: bool
    note: str
    """`internal` for a link within the site, else ''."""


@dataclass(frozen=True)
class Breakdown:
    """A card: the dimensions that share it as tabs, and the rows of the one that is shown."""

    key: str
    title: str
    heading: str
    column: str
    """The column whose values the rows are."""
    kind: str
    tabs: tuple[Link, ...]
    rows: tuple[ConvertedRow, ...]
    href: str
    """The address of the page that lists every row."""


def groups() -> dict[str, tuple[str, ...]]:
    """Return the keys of the dimensions in each card, by the card's name in the address."""
    found: dict[str, list[str]] = {card: [] for card in _TITLES}
    for key, (_, listed) in _LISTED.items():
        found.setdefault(listed.card, []).append(key)
    return {card: tuple(sorted(keys, key=_place)) for card, keys in found.items() if keys}


def _place(key: str) -> int:
    return _FIRST.index(key) if key in _FIRST else len(_FIRST)


def chosen_tabs(query: Mapping[str, str]) -> dict[str, str]:
    """Read which dimension each card shows; raises `Malformed` naming the card."""
    chosen = {}
    for card, keys in groups().items():
        chosen[card] = query.get(card, keys[0])
        if chosen[card] not in keys:
            raise Malformed(f"The card shows one of {', '.join(keys)}.", field=card)
    return chosen


def check_key(key: str) -> str:
    """Return the key of a dimension in an address; raises `NotFound`."""
    if key not in _LISTED:
        raise NotFound("There is no such list.")
    return key


def title_of(key: str) -> str:
    """Return the title of a dimension's list."""
    return _LISTED[key][1].title


async def of_everybody(
    asked: Asked, keys: tuple[str, ...], limit: int, offset: int = 0
) -> dict[str, pd.DataFrame]:
    """Ask for the visitors with each value of some dimensions, the most first."""
    names = tuple(_LISTED[key][0].name for key in keys)
    scope = await asyncio.to_thread(keep_opened, asked.page, asked.scope(), names)
    frames = await asyncio.gather(
        *(asked.ask(visitors_by_value, scope, name, limit, offset) for name in names)
    )
    return dict(zip(keys, frames, strict=True))


async def of_chosen(
    asked: Asked, scope: Scope, every: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Ask how many of the chosen visitors have each of these values; by the value's key."""
    names = tuple(_LISTED[key][0].name for key in every)
    chosen = await asyncio.to_thread(find_chosen, asked.page, scope)
    chosen = await asyncio.to_thread(keep_opened, asked.page, chosen, names)
    found = {}
    for key, frame in every.items():
        values = tuple(int(value) for value in frame["key"]) or (0,)
        # A statement has as many values as it is asked for, so that few statements are made.
        padded = values + values[-1:] * (-len(values) % 10)
        answer = await asked.ask(visitors_of_values, chosen, _LISTED[key][0].name, padded)
        found[key] = answer.set_index("key")["visitors"]
    return found


async def converted(
    view: ReportView, goal: Goal, asked: Asked, every: Mapping[str, pd.DataFrame]
) -> tuple[Breakdown, ...]:
    """Build cards of what everybody has; it comes last, for it takes the place of `matched`."""
    scope = raw(asked.scope())
    await asyncio.to_thread(asked.page.keep, "chosen", who_did, scope, matchers_of((goal,)))
    found = await of_chosen(asked, scope, every)
    return tuple(breakdown_of(view, key, frame, found[key]) for key, frame in every.items())


def breakdown_of(
    view: ReportView, key: str, frame: pd.DataFrame, reached: "pd.Series[int]"
) -> Breakdown:
    """Build the card that shows a dimension."""
    dimension, listed = _LISTED[key]
    keys = groups()[listed.card]
    tabs = tuple(
        Link(
            _LISTED[one][1].tab or _LISTED[one][1].title,
            f"{view.address.with_(**{listed.card: one})}#card-{listed.card}",
            one == key,
        )
        for one in keys
    )
    return Breakdown(
        key=listed.card,
        title=_TITLES.get(listed.card, listed.card.capitalize()),
        heading=dimension.heading,
        column=dimension.texts,
        kind=listed.kind,
        tabs=tabs,
        rows=_rows(view, dimension, frame, reached),
        href=view.address.with_(show=key, page=None),
    )


def _rows(
    view: ReportView, dimension: Dimension, frame: pd.DataFrame, reached: "pd.Series[int]"
) -> tuple[ConvertedRow, ...]:
    first = f"{FIRST}{dimension.column}"
    column = first if first in VISIT_COLUMNS else dimension.column
    found = []
    for key, name, visitors in zip(frame["key"], frame["name"], frame["visitors"], strict=True):
        count = int(reached.get(key, 0))
        condition = Condition(column, "is", (str(name),))
        found.append((str(name), int(visitors), count, condition))
    most = max((count / visitors for _, visitors, count, _ in found), default=0) or 1
    return tuple(
        ConvertedRow(
            name=name,
            visitors=visitors,
            reached=count,
            share=count / visitors,
            part=round(100 * count / visitors / most, 1),
            href=view.toggled(column, name),
            chosen=condition in view.segment.conditions,
            note=_note(view.site, column, name),
        )
        for name, visitors, count, condition in found
    )


def _note(site: Site, column: str, name: str) -> str:
    return "internal" if column == "link_url" and site.allows(host_of(name)) else ""

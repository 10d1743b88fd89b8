"""The breakdowns of a goal: of the visitors with each value, how many reached it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from askfirst.sites import Site, host_of
from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import Scope, raw
from reports.dependencies import Dependencies
from reports.figures.figures import change_of
from reports.goals.asking import find_chosen
from reports.goals.goals import matchers_of
from reports.overview.dimensions import DIMENSIONS, GROUPS, Dimension, dimension_of, tabs_of
from reports.overview.rows import RowLink, row_link
from reports.questions.figures_by.columns import By, listing
from reports.questions.goals.chosen import who_did
from reports.questions.goals.converted import visitors_by_value, visitors_of_values
from reports.url.asking import Asked, answered
from reports.url.links import Link
from reports.url.report_view import ReportView

CARD_ROWS = 8


@dataclass(frozen=True)
class ConvertedRow:
    """A value: its visitors, how many of them reached the goal, and their share."""

    name: str
    visitors: int
    reached: int
    share: float | None
    change: float | None
    """In points since the compared days; None without these, or where nobody had the value."""
    part: float
    """The length of its bar, in per cent of the largest share."""
    link: RowLink
    """To the same page about these visits only, or about all where it is that already."""
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


Before = Mapping[str, pd.DataFrame]
"""Of each list, the rows of the compared days: key, visitors and reached."""


async def of_everybody(
    asked: Asked, keys: tuple[str, ...], limit: int, offset: int = 0
) -> dict[str, pd.DataFrame]:
    """Ask for the visitors with each value of some lists, the most first.

    Rows have key, name and visitors; of a list that no summary counts the key is the name.
    """
    scope = await _opened(asked, asked.scope(), keys)

    async def one(dimension: Dimension) -> pd.DataFrame:
        if dimension.summarised:
            return await asked.ask(visitors_by_value, scope, dimension.summarised, limit, offset)
        by = _brief(dimension)
        found = await asked.figures_by(asked.scope(), by, _MOST, limit, offset)
        return found.assign(key=found["name"])

    frames = await asyncio.gather(*(one(dimension_of(key)) for key in keys))
    return dict(zip(keys, frames, strict=True))


_MOST = listing("visitors")


def _brief(dimension: Dimension) -> By:
    return replace(dimension.by, is_brief=True)


async def _opened(asked: Asked, scope: Scope, keys: tuple[str, ...]) -> Scope:
    names = tuple(name for key in keys if (name := dimension_of(key).summarised))
    return await asyncio.to_thread(keep_opened, asked.page, scope, names) if names else scope


async def of_chosen(
    asked: Asked, scope: Scope, every: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Ask how many of the chosen visitors have each of these values; by the value's key."""
    chosen = await asyncio.to_thread(find_chosen, asked.page, scope)
    return await _having(asked, chosen, every)


async def _having(
    asked: Asked, scope: Scope, every: Mapping[str, pd.DataFrame]
) -> dict[str, pd.Series]:
    """Ask how many visitors of a scope have each of these values; by the value's key."""
    opened = await _opened(asked, scope, tuple(every))
    found = {}
    for key, frame in every.items():
        dimension, rows = dimension_of(key), _padded(tuple(frame["key"]))
        if not rows:
            answer = frame
        elif dimension.summarised:
            values = tuple(int(value) for value in rows)
            answer = await asked.ask(visitors_of_values, opened, dimension.summarised, values)
        else:
            only = listing("visitors", only=tuple(str(name) for name in rows))
            by, most = _brief(dimension), len(rows)
            answer = await asked.figures_by(scope, by, only, most)
            answer = answer.assign(key=answer["name"])
        found[key] = answer.set_index("key")["visitors"]
    return found


def _padded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Repeat the last value up to a multiple of ten, so that few statements are made."""
    return values + values[-1:] * (-len(values) % 10)


async def converted(
    view: ReportView,
    goal: Goal,
    asked: Asked,
    every: Mapping[str, pd.DataFrame],
    before: Before | None = None,
) -> tuple[Breakdown, ...]:
    """Build cards of what everybody has; it comes last, for it takes the place of `matched`."""
    counted = await counts_of_values(goal, asked, asked.scope(), every)
    earlier = before or {}
    return tuple(breakdown_of(view, key, frame, earlier) for key, frame in counted.items())


async def counts_of_values(
    goal: Goal, asked: Asked, scope: Scope, every: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return these rows with `reached`: how many visitors of a scope reached the goal."""
    matchers = matchers_of((goal,))
    await asyncio.to_thread(asked.page.keep, "chosen", who_did, raw(scope), matchers)
    reached = await of_chosen(asked, raw(scope), every)
    return {key: frame.assign(reached=_counts(frame, reached[key])) for key, frame in every.items()}


async def converted_before(
    deps: Dependencies, view: ReportView, goal: Goal, every: Mapping[str, pd.DataFrame]
) -> Before:
    """Ask for the same values in the compared days; {} where nothing is compared."""
    compared = view.period.compared
    if compared is None:
        return {}

    async def once(asked: Asked) -> Before:
        scope = asked.scope(compared)
        visitors = await _having(asked, scope, every)
        told = {key: one.assign(visitors=_counts(one, visitors[key])) for key, one in every.items()}
        return await counts_of_values(goal, asked, scope, told)

    return await answered(deps, view, once, compared)


def _counts(frame: pd.DataFrame, counted: "pd.Series[int]") -> list[int]:
    return [int(counted.get(key, 0)) for key in frame["key"]]


def breakdown_of(view: ReportView, key: str, frame: pd.DataFrame, before: Before) -> Breakdown:
    """Build the card that shows a list, whose rows have visitors and reached."""
    dimension = dimension_of(key)
    card = next((name for name, (_, keys) in GROUPS.items() if key in keys), "")
    shown = tabs_of(card, view.site, key) if card else ()
    tabs = tuple(
        Link(
            DIMENSIONS[one].tab,
            f"{view.address.with_(**{card: one})}#card-{card}",
            one == key,
        )
        for one in shown
    )
    return Breakdown(
        key=card,
        title=GROUPS[card][0] if card else dimension.title,
        heading=dimension.column,
        column=dimension.by.dictionary,
        kind=dimension.kind,
        tabs=tabs,
        rows=_rows(view, dimension, frame, before.get(key)),
        href=view.address.with_(show=key, page=None),
    )


def _rows(
    view: ReportView, dimension: Dimension, frame: pd.DataFrame, before: pd.DataFrame | None
) -> tuple[ConvertedRow, ...]:
    earlier = [None] * len(frame) if before is None else shares_of(before)
    shares = shares_of(frame)
    most = max((share or 0 for share in shares), default=0) or 1
    found = zip(frame["name"], frame["visitors"], frame["reached"], shares, earlier, strict=True)
    return tuple(
        ConvertedRow(
            name=str(name),
            visitors=int(visitors),
            reached=int(reached),
            share=share,
            change=change_of("share", share, was),
            part=round(100 * (share or 0) / most, 1),
            link=row_link(view, dimension, str(name)),
            note=_note(view.site, dimension, str(name)),
        )
        for name, visitors, reached, share, was in found
    )


def shares_of(frame: pd.DataFrame) -> list[float | None]:
    """Return the conversion of each row, 0 to 1; None where nobody had the value."""
    pairs = zip(frame["reached"], frame["visitors"], strict=True)
    return [int(reached) / int(visitors) if visitors else None for reached, visitors in pairs]


def _note(site: Site, dimension: Dimension, name: str) -> str:
    is_link = dimension.by.dictionary == "link_url"
    return "internal" if is_link and site.allows(host_of(name)) else ""

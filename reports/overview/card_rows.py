"""The rows of the cards: all that summaries count are asked for at once, events for others."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from askfirst.store.warehouse.logical.opened import keep_opened
from reports.overview.dimensions import DIMENSIONS, NUMBERS, Dimension
from reports.overview.view import COUNTS
from reports.questions.clicks import clicks
from reports.questions.figures_by.columns import Measure, listing
from reports.questions.lists import lists, shown_of
from reports.questions.scope import Scope
from reports.url.asking import Asked, in_time

CARD_ROWS = 8
Frames = dict[str, pd.DataFrame | None]
"""The rows of each card; None where the warehouse took too long for them."""


async def kept_scope(
    asked: Asked,
    shown: Mapping[str, str],
    measure: Measure | None = None,
    also: tuple[str, ...] = (),
) -> Scope:
    """Return the period's scope, after finding once what its open part adds to summaries.

    `shown` has the list that each card shows, `also` are names of further dimensions.
    """
    counted = () if measure else (DIMENSIONS[key].summarised for key in shown.values())
    names = dict.fromkeys(("all", *(name for name in counted if name), *also))
    return await asyncio.to_thread(keep_opened, asked.page, asked.scope(), tuple(names))


async def rows_of_cards(
    asked: Asked, scope: Scope, shown: Mapping[str, str], measure: Measure | None = None
) -> Frames:
    """Return the rows of each card, of which `shown` has the list that it shows.

    `scope` is what `kept_scope` returned for them. Rows have name, amount, visitors and `rows`,
    how many there are in all. With a measure, `amount` is that figure.
    """
    every = {card: DIMENSIONS[key] for card, key in shown.items()}
    if measure is None:
        return await _by_their_own(asked, scope, every)
    rows = (in_time(_by_measure(asked, one, measure)) for one in every.values())
    return dict(zip(every, await asyncio.gather(*rows), strict=True))


async def _by_their_own(asked: Asked, scope: Scope, every: Mapping[str, Dimension]) -> Frames:
    counted = {card: one for card, one in every.items() if one.summarised}
    names = tuple(one.summarised for one in counted.values())
    read = {card: one for card, one in every.items() if not one.summarised}
    rows, kinds, *single = await asyncio.gather(
        in_time(asked.ask(lists, scope, names, CARD_ROWS)) if names else _none(),
        in_time(asked.ask(clicks, scope, CARD_ROWS)) if "link" in names else _none(),
        *(in_time(_read(asked, one)) for one in read.values()),
    )
    others = dict(zip(read, single, strict=True))
    return {
        card: others[card] if card in others else _counted(one, rows, kinds)
        for card, one in every.items()
    }


def _counted(
    one: Dimension, rows: pd.DataFrame | None, kinds: pd.DataFrame | None
) -> pd.DataFrame | None:
    if rows is None:
        return None
    found = shown_of(rows, NUMBERS[one.key], CARD_ROWS)
    if one.summarised != "link":
        return found
    return None if kinds is None else kinds.assign(rows=found["rows"].max())


async def _none() -> Any:
    return None


async def _read(asked: Asked, one: Dimension) -> pd.DataFrame:
    by = one.by if one.lead == "visits" else replace(one.by, is_brief=True)
    found = await asked.figures_by(asked.scope(), by, listing(one.lead), CARD_ROWS)
    return found.assign(amount=found[one.lead])


async def _by_measure(asked: Asked, one: Dimension, measure: Measure) -> pd.DataFrame:
    """Return the longest rows by a measure; rates are shown of the rows with most visitors.

    The largest bounce rates are those of pages that one visitor saw.
    """
    brief = measure in ("visitors", "views") and one.by.kept != "visit"
    by = replace(one.by, is_brief=True) if brief else one.by
    order = listing(measure if measure in COUNTS else "visitors")
    found = await asked.figures_by(asked.scope(), by, order, CARD_ROWS)
    return found.assign(amount=found[measure])

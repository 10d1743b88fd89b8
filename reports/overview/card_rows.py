"""The rows of the cards: all that summaries count are asked for at once, events for others."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from askfirst.store.warehouse.logical.opened import keep_opened
from reports.figures.figures import Totals, totals_of
from reports.overview.dimensions import DIMENSIONS, NUMBERS, Dimension
from reports.overview.view import COUNTS
from reports.questions.clicks import clicks
from reports.questions.figures_by.columns import Measure, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.lists import lists, shown_of
from reports.questions.totals import totals
from reports.url.asking import Asked, in_time

CARD_ROWS = 8
Frames = dict[str, pd.DataFrame | None]
"""The rows of each card; None where the warehouse took too long for them."""


async def totals_and_rows(
    asked: Asked, shown: Mapping[str, str], measure: Measure | None = None
) -> tuple[Totals, Frames]:
    """Return the totals and the rows of each card, of which `shown` has the list that it shows.

    Rows have name, amount, visitors and `rows`, how many there are in all. What the open part of
    the period adds to summaries is found once. With a measure, `amount` is that figure.
    """
    every = {card: DIMENSIONS[key] for card, key in shown.items()}
    if measure is None:
        return await _by_their_own(asked, every)
    figures, found = await asyncio.gather(
        asked.ask(totals, asked.scope()),
        asyncio.gather(*(in_time(_by_measure(asked, one, measure)) for one in every.values())),
    )
    return totals_of(figures), dict(zip(every, found, strict=True))


async def _by_their_own(asked: Asked, every: Mapping[str, Dimension]) -> tuple[Totals, Frames]:
    page = asked.page
    counted = {card: one for card, one in every.items() if one.summarised}
    names = tuple(one.summarised for one in counted.values())
    scope = await asyncio.to_thread(keep_opened, page, asked.scope(), ("all", *names))
    read = {card: one for card, one in every.items() if not one.summarised}
    figures, rows, kinds, *single = await asyncio.gather(
        asked.ask(totals, scope),
        asked.ask(lists, scope, names, CARD_ROWS) if names else _none(),
        asked.ask(clicks, scope, CARD_ROWS) if "link" in names else _none(),
        *(in_time(_read(asked, one)) for one in read.values()),
    )
    frames: Frames = dict(zip(read, single, strict=True))
    for card, one in counted.items():
        found = shown_of(rows, NUMBERS[one.key], CARD_ROWS)
        frames[card] = kinds.assign(rows=found["rows"].max()) if one.summarised == "link" else found
    return totals_of(figures), {card: frames[card] for card in every}


async def _none() -> Any:
    return None


async def _read(asked: Asked, one: Dimension) -> pd.DataFrame:
    by = one.by if one.lead == "visits" else replace(one.by, is_brief=True)
    found = await asked.ask(figures_by, asked.scope(), by, listing(one.lead), CARD_ROWS)
    return found.assign(amount=found[one.lead])


async def _by_measure(asked: Asked, one: Dimension, measure: Measure) -> pd.DataFrame:
    """Return the longest rows by a measure; rates are shown of the rows with most visitors.

    The largest bounce rates are those of pages that one visitor saw.
    """
    brief = measure in ("visitors", "views") and one.by.kept != "visit"
    by = replace(one.by, is_brief=True) if brief else one.by
    order = listing(measure if measure in COUNTS else "visitors")
    found = await asked.ask(figures_by, asked.scope(), by, order, CARD_ROWS)
    return found.assign(amount=found[measure])

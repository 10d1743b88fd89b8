"""The rows of the cards: all that summaries count are asked for at once, events for others."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from askfirst.store.warehouse.logical.opened import keep_opened
from reports.figures.figures import Totals, totals_of
from reports.overview.dimensions import DIMENSIONS, NUMBERS, Dimension
from reports.questions.clicks import clicks
from reports.questions.figures_by.columns import listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.lists import lists, shown_of
from reports.questions.totals import totals
from reports.url.asking import Asked, in_time

CARD_ROWS = 8
Frames = dict[str, pd.DataFrame | None]
"""The rows of each card; None where the warehouse took too long for them."""


async def totals_and_rows(asked: Asked, shown: Mapping[str, str]) -> tuple[Totals, Frames]:
    """Return the totals and the rows of each card, of which `shown` has the list that it shows.

    Rows have name, amount, visitors and `rows`, how many there are in all. What the open part of
    the period adds to summaries is found once.
    """
    page, every = asked.page, {card: DIMENSIONS[key] for card, key in shown.items()}
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
    return totals_of(figures), {card: frames[card] for card in shown}


async def _none() -> Any:
    return None


async def _read(asked: Asked, one: Dimension) -> pd.DataFrame:
    by = one.by if one.lead == "visits" else replace(one.by, is_brief=True)
    found = await asked.ask(figures_by, asked.scope(), by, listing(one.lead), CARD_ROWS)
    return found.assign(amount=found[one.lead])

"""The longest rows of several dimensions, in one statement: planning takes most of its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.numbers import int64, place
from askfirst.store.warehouse.logical.opened import opened_rows
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.summaries import all_closed_parts
from askfirst.store.warehouse.tables import stored
from reports.questions.breakdown import lead_of

if TYPE_CHECKING:
    import pandas as pd


def lists(scope: Scope, dimensions: tuple[str, ...], limit: int) -> Any:
    """Return dimension (its number), name, amount and visitors of the longest rows of each.

    `rows` is how many rows a dimension has in all.
    They are those that `breakdown` returns, in the same order, and after them any that are as long
    as the last: `shown_of` cuts them off, which is faster than to have the engine do it. What the
    open part of the scope adds has to be kept
    (`askfirst.store.warehouse.logical.opened.keep_opened`).
    """
    counted = _counted(scope, dimensions)
    every = int64(counted.count().over(ibis.window(group_by="dimension")))
    placed = counted.mutate(place=place(counted.lead, "dimension"), rows=every)
    near = placed.filter(placed.place < limit)
    ordered = _named(near, dimensions).order_by("dimension", ibis.desc("lead"), "name")
    return ordered.select("dimension", "name", "amount", "visitors", "rows")


def shown_of(rows: pd.DataFrame, number: int, limit: int) -> pd.DataFrame:
    """Return the rows of the dimension of this number that `lists` found, at most `limit`."""
    return rows[rows["dimension"] == number].head(limit)


def _counted(scope: Scope, dimensions: tuple[str, ...]) -> Any:
    """Return dimension, value, amount, visitors, and what the list goes by as `lead`."""
    numbers = [DIMENSIONS[name].number for name in dimensions]
    found = [all_closed_parts(scope, numbers)] if scope.closed else []
    if scope.kept:
        kept = opened_rows()
        found.append(kept.filter(kept.dimension.isin(numbers)))
    every = ibis.union(*found) if len(found) > 1 else found[0]
    amount = every.dimension.isin(_numbers(dimensions, "visits")).ifelse(every.visits, every.views)
    counted = every.group_by("dimension", "value").agg(
        amount=amount.sum(), visitors=every.visitors.sum()
    )
    counted = counted.filter((counted.amount > 0) | (counted.visitors > 0))
    leads = [DIMENSIONS[name].number for name in dimensions if lead_of(name) == "visitors"]
    lead = counted.dimension.isin(leads).ifelse(counted.visitors, counted.amount)
    return counted.mutate(lead=lead)


def _numbers(dimensions: tuple[str, ...], by: str) -> list[int]:
    return [DIMENSIONS[name].number for name in dimensions if DIMENSIONS[name].by == by]


def _named(rows: Any, dimensions: tuple[str, ...]) -> Any:
    """Return rows with the text of each value in `name`."""
    columns = [(DIMENSIONS[name].number, DIMENSIONS[name].texts) for name in dimensions]
    keyed = rows.mutate(texts=rows.dimension.cases(*columns, else_=""))
    texts = stored("texts").select("column", "id", "text")
    joined = keyed.left_join(texts, [keyed.texts == texts.column, keyed.value == texts.id])
    return joined.select(*rows.columns, name=joined.text.fill_null(""))

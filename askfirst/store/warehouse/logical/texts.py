"""Texts of keys, joined last: lists are ranked by keys, and only what is shown gets its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import place
from askfirst.store.warehouse.tables import stored


def texts_of(column: str) -> Any:
    """Return the texts of a column: id and text. The key 0, which is '', is not among them."""
    texts = stored("texts")
    return texts.filter(texts.column == column).select("id", "text")


def with_texts(rows: Any, named: Mapping[str, tuple[str, str]]) -> Any:
    """Return rows with texts in the place of keys.

    `named` has for each new column the column of its key, which goes, and the column of `texts`.
    """
    keys = {key for key, _ in named.values()}
    whole = rows
    for number, (key, column) in enumerate(named.values()):
        texts = texts_of(column).rename({f"id_{number}": "id", f"text_{number}": "text"})
        whole = whole.left_join(texts, whole[key] == texts[f"id_{number}"])
    found = {name: whole[f"text_{number}"].fill_null("") for number, name in enumerate(named)}
    return whole.select(*(whole[name] for name in rows.columns if name not in keys), **found)


def nearest(counted: Any, lead: str, limit: int, offset: int = 0) -> Any:
    """Return every row that can stand in a part of a list that goes by `lead` and then by name.

    So the texts of few rows decide, however many have the same number.
    """
    most = ibis.literal(limit) + ibis.literal(offset)
    placed = counted.mutate(place=place(counted[lead]))
    return placed.filter(placed.place < most).drop("place")


def ranked(counted: Any, lead: str, texts: str, limit: int, offset: int = 0) -> Any:
    """Return part of a list in its order: largest `lead` first, then by name.

    `counted` has the key of the text in `value`; the answer has its text in `name` instead.
    """
    named = with_texts(nearest(counted, lead, limit, offset), {"name": ("value", texts)})
    return named.order_by(ibis.desc(lead), "name").limit(limit, offset=offset)

"""Identifiers in questions: 32 hexadecimal digits of what is stored as 128 bits."""

from __future__ import annotations

from typing import Any

from askfirst.store.warehouse.tables import stored


def digits(column: Any) -> Any:
    """Return an id as 32 hexadecimal digits (see `askfirst.store.warehouse.identifiers`)."""
    return column.cast("string").replace("-", "")


def other_ids() -> Any:
    """Return the texts of ids that are not canonical: id (its digits) and text, each once.

    An id that comes in several batches may be stored several times.
    """
    others = stored("other_ids")
    return others.select("text", id=digits(others.id)).distinct()


def with_other_id(rows: Any, column: str) -> Any:
    """Return rows with the text of an id that the digits in a column stand for.

    For ids of visitors and consents, whose texts are their digits unless `other_ids` has another.
    """
    known = other_ids().rename(other_digits="id", other_text="text")
    joined = rows.left_join(known, rows[column] == known.other_digits)
    other = joined.other_text.fill_null("")
    text = (joined.other_digits.fill_null("") == "").ifelse(joined[column], other)
    return joined.mutate(**{column: text}).drop("other_digits", "other_text")

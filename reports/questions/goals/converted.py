"""Of the visitors with each value of a dimension, how many are there, and how many of some?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import nearest, with_texts
from reports.questions.breakdown import counts_by_value


def visitors_by_value(scope: Scope, dimension: str, limit: int, offset: int = 0) -> Any:
    """Return a row a value: key (of its text), name and visitors, the most visitors first."""
    counted = counts_by_value(scope, dimension).select("value", "visitors")
    near = nearest(counted.filter(counted.visitors > 0), "visitors", limit, offset)
    found = near.select("value", key="value", visitors=int64(near.visitors))
    named = with_texts(found, {"name": ("value", DIMENSIONS[dimension].texts)})
    return named.order_by(ibis.desc("visitors"), "name").limit(limit, offset=offset)


def visitors_of_values(scope: Scope, dimension: str, keys: tuple[int, ...]) -> Any:
    """Return key and visitors of these values, those without visitors left out."""
    counted = counts_by_value(scope, dimension)
    some = counted.filter(counted.value.isin(list(keys)))
    return some.select(key="value", visitors=int64(some.visitors))

"""Which values of a dimension occurred, how often and with how many visitors?"""

from typing import Any

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.opened import parts
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import ranked


def breakdown(scope: Scope, dimension: str, limit: int, offset: int = 0) -> Any:
    """Return a row a value: name (its text), amount and visitors, the largest first.

    `amount` are views, clicks or visits, and the list goes by amount or by visitors (see
    `askfirst.columns.Dimension`).
    """
    counted = counts_by_value(scope, dimension)
    return ranked(counted, lead_of(dimension), DIMENSIONS[dimension].texts, limit, offset)


def counts_by_value(scope: Scope, dimension: str) -> Any:
    """Return value (the key of its text), amount and visitors of every value that occurred."""
    found = parts(scope, dimension)
    amount = found.visits if DIMENSIONS[dimension].by == "visits" else found.views
    counted = found.group_by("value").agg(amount=amount.sum(), visitors=found.visitors.sum())
    return counted.filter((counted.amount > 0) | (counted.visitors > 0))


def lead_of(dimension: str) -> str:
    """Return the column that a dimension's list goes by."""
    return "visitors" if DIMENSIONS[dimension].by == "events" else "amount"

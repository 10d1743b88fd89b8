"""Summaries of a scope's closed days: what was counted, and visitors that returned after gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import stored

SUMS = ("visits", "views", "bounces", "ms")


def counts_of(scope: Scope, dimension: str) -> Any:
    """Return the counts of the closed days of a scope for a dimension."""
    return _days_of(stored("counts"), scope, [DIMENSIONS[dimension].number])


def gaps_of(scope: Scope, dimension: str) -> Any:
    """Return the gaps of the closed days of a scope for a dimension."""
    return _days_of(stored("gaps"), scope, [DIMENSIONS[dimension].number])


def _days_of(table: Any, scope: Scope, dimensions: Sequence[int]) -> Any:
    """Return the rows of a scope's closed days for dimensions, by their numbers."""
    asked = table.dimension.isin(dimensions)
    return table.filter(
        table.site == scope.site_id,
        table.dimension == dimensions[0] if len(dimensions) == 1 else asked,
        table.day >= scope.first_day,
        table.day < scope.closed_day,
    )


def closed_part(scope: Scope, dimension: str) -> Any:
    """Return value, visits, views, bounces, ms and visitors, in rows that are to be added up."""
    return all_closed_parts(scope, [DIMENSIONS[dimension].number]).drop("dimension")


def all_closed_parts(scope: Scope, dimensions: Sequence[int]) -> Any:
    """Return the same of several dimensions, with the number of each in `dimension`.

    A visitor is counted on the first of the scope's days with the value: where the previous such
    day lies before the scope.
    """
    counts = _days_of(stored("counts"), scope, dimensions)
    gaps = _days_of(stored("gaps"), scope, dimensions)
    first = gaps.filter(gaps.prev < scope.first_day)
    zero = ibis.literal(0, "int64")
    return ibis.union(
        counts.select(
            "dimension",
            "value",
            **{name: counts[name].cast("int64") for name in SUMS},
            visitors=zero,
        ),
        first.select(
            "dimension",
            "value",
            **dict.fromkeys(SUMS, zero),
            visitors=first.visitors.cast("int64"),
        ),
    )


def summarised_of(site_id: int) -> Any:
    """Return how far the summaries of a site go: zone and closed_until, or no row."""
    table = stored("summarised")
    return table.filter(table.site == site_id).select("zone", "closed_until")

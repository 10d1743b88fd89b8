"""Summaries of a scope's closed days: what was counted, and visitors that returned after gaps."""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import stored

SUMS = ("visits", "views", "bounces", "ms")


def counts_of(scope: Scope, dimension: str) -> Any:
    """Return the counts of the closed days of a scope for a dimension."""
    return _days_of(stored("counts"), scope, dimension)


def gaps_of(scope: Scope, dimension: str) -> Any:
    """Return the gaps of the closed days of a scope for a dimension."""
    return _days_of(stored("gaps"), scope, dimension)


def _days_of(table: Any, scope: Scope, dimension: str) -> Any:
    return table.filter(
        table.site == scope.site_id,
        table.dimension == DIMENSIONS[dimension].number,
        table.day >= scope.first_day,
        table.day < scope.closed_day,
    )


def closed_part(scope: Scope, dimension: str) -> Any:
    """Return value, visits, views, bounces, ms and visitors, in rows that are to be added up.

    A visitor is counted on the first of the scope's days with the value: where the previous such
    day lies before the scope.
    """
    counts, gaps = counts_of(scope, dimension), gaps_of(scope, dimension)
    first = gaps.filter(gaps.prev < scope.first_day)
    zero = {name: ibis.literal(0, "int64") for name in SUMS}
    return ibis.union(
        counts.select(
            "value", **{n: counts[n].cast("int64") for n in SUMS}, visitors=ibis.literal(0, "int64")
        ),
        first.select("value", **zero, visitors=first.visitors.cast("int64")),
    )


def summarised_of(site_id: int) -> Any:
    """Return how far the summaries of a site go: zone and closed_until, or no row."""
    table = stored("summarised")
    return table.filter(table.site == site_id).select("zone", "closed_until")

"""How many days lie between a visit and the one before it?"""

from dataclasses import replace
from typing import Any

import ibis

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between


def between_visits(scope: Scope) -> Any:
    """Return days and visits: whole days of 24 hours from the beginning of the visit before.

    The visits began in the scope; the visit before is the same visitor's latest that began earlier,
    at any time, whether a filter lets it through or not. The first visit of a visitor has none.
    Visits of a visitor that begin at the same moment count as one.
    """
    moments = _moments(scope)
    order = ibis.window(group_by="visitor", order_by="start")
    before = moments.start.lag().over(order).fill_null(0)
    found = moments.mutate(before=before).filter(ibis._.mine == 1, ibis._.before > 0)
    days = (found.start - found.before) // DAY_MS
    return found.group_by(days=days.cast("int64")).agg(visits=int64(found.count())).order_by("days")


def _moments(scope: Scope) -> Any:
    """Return visitor and start of visits, each once, and `mine`: 1 for those of the scope."""
    mine = starts_between(scope, scope.start, scope.end)
    every = starts_between(replace(scope, matched=False), 0, scope.end)
    every = every.inner_join(mine.select("visitor").distinct(), "visitor")
    if scope.matched:
        rows = ibis.union(_marked(mine, 1), _marked(every, 0))
    else:
        rows = every.mutate(mine=(every.start >= scope.start).ifelse(1, 0).cast("int8"))
    return rows.group_by("visitor", "start").agg(mine=rows.mine.max())


def _marked(visits: Any, mine: int) -> Any:
    return visits.select("visitor", "start", mine=ibis.literal(mine, "int8"))

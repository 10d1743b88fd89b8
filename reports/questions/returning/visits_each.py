"""How many visitors had one visit, two, three ...?"""

from typing import Any

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between


def visits_each(scope: Scope) -> Any:
    """Return visits and visitors: how many visitors had so many visits that began in the scope."""
    visits = starts_between(scope, scope.start, scope.end)
    each = visits.group_by("visitor").agg(visits=int64(visits.count()))
    return each.group_by("visits").agg(visitors=int64(each.count())).order_by("visits")

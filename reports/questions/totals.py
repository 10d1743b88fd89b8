"""How many visitors, visits, views and bounces, and how long were visits?"""

from typing import Any

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.opened import parts
from askfirst.store.warehouse.logical.scope import Scope


def totals(scope: Scope) -> Any:
    """Return one row: visitors, visits, views, bounces and seconds (the mean length of a visit).

    A visit counts where it began, whole. A bounce is a visit of one page view and no interaction.
    `seconds` is null without visits.
    """
    found = parts(scope, "all")
    names = ("visitors", "visits", "views", "bounces", "ms")
    sums = found.agg(**{name: int64(found[name].sum().fill_null(0)) for name in names})
    seconds = sums.ms / sums.visits.nullif(0) / 1000
    return sums.select("visitors", "visits", "views", "bounces", seconds=seconds)

"""Which paths of so many steps do most visits take?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.paths.steps import begun, steps_of

LENGTHS = ("2", "3", "4", "5")
"""How many steps a path may have: texts, because they shape the query."""


def names_of(length: str) -> tuple[str, ...]:
    """Return the columns of a path's steps."""
    return tuple(f"step_{number}" for number in range(1, int(length) + 1))


def used_paths(scope: Scope, length: str, with_links: bool, limit: int, offset: int = 0) -> Any:
    """Return the steps of paths (see `names_of`) with visits and visitors, most visits first.

    A path is so many steps one after the other, wherever in a visit; a visit counts once for each
    path that it has. Equal ones are in the order of their keys.
    """
    names = names_of(length)
    steps = steps_of(scope, begun(scope), with_links=with_links)
    order = ibis.window(group_by="visit", order_by="place")
    before, nth = steps.step.lag().over(order).fill_null(0), ibis.row_number().over(order)
    joined = steps.select("visit", "visitor", "step", before=before, nth=nth)
    joined = joined.filter(joined.before != joined.step)  # reloads
    order = ibis.window(group_by="visit", order_by="nth")
    ahead = {
        name: joined.step.lead(n).over(order).fill_null(0) for n, name in enumerate(names) if n
    }
    rows = joined.select("visit", "visitor", **{names[0]: joined.step}, **ahead)
    rows = rows.filter(rows[names[-1]] != 0)
    each = rows.group_by("visit", *names).agg(visitor=rows.visitor.min())
    paths = each.group_by(*names).agg(
        visits=int64(each.count()), visitors=int64(each.visitor.nunique())
    )
    ordered = paths.order_by(ibis.desc("visits"), ibis.desc("visitors"), *names)
    return ordered.limit(limit, offset=offset)

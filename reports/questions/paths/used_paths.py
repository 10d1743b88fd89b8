"""Which paths of so many steps do most visits take?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between
from reports.questions.paths.steps import steps_of

LENGTHS = ("2", "3", "4", "5")
"""How many steps a path may have: texts, because they shape the query."""


def names_of(length: str) -> tuple[str, ...]:
    """Return the columns of a path's steps."""
    return tuple(f"step_{number}" for number in range(1, int(length) + 1))


def visitors_between(scope: Scope) -> Any:
    """Return one row: the keys of the first and the last visitor, and the number of visits."""
    visits = starts_between(scope, scope.start, scope.end)
    return visits.agg(
        first=int64(visits.visitor.min().fill_null(0)),
        last=int64(visits.visitor.max().fill_null(0)),
        visits=int64(visits.count()),
    )


def paths_of(scope: Scope, length: str, with_links: bool, first: int, last: int) -> Any:
    """Return the steps of paths (see `names_of`) with visits and visitors, of some visitors.

    These are the visitors with keys from `first` to `last`. A path is so many steps one after the
    other, wherever in a visit; a visit counts once for each path that it has.
    """
    names = names_of(length)
    mine = starts_between(scope, scope.start, scope.end, (first, last))
    steps = steps_of(scope, mine, with_links=with_links, some=(first, last))
    order = ibis.window(group_by="visit", order_by=("time", "id"))
    before, nth = steps.step.lag().over(order).fill_null(0), ibis.row_number().over(order)
    joined = steps.select("visit", "visitor", "step", before=before, nth=nth)
    joined = joined.filter(joined.before != joined.step)  # reloads
    order = ibis.window(group_by="visit", order_by="nth")
    ahead = {n: joined.step.lead(i).over(order).fill_null(0) for i, n in enumerate(names) if i}
    rows = joined.select("visit", "visitor", **{names[0]: joined.step}, **ahead)
    rows = rows.filter(rows[names[-1]] != 0)
    each = rows.group_by("visit", *names).agg(visitor=rows.visitor.min())
    return each.group_by(*names).agg(
        visits=int64(each.count()), visitors=int64(each.visitor.nunique())
    )


def used_paths(length: str, limit: int, offset: int = 0) -> Any:
    """Return the paths of the relation `paths`, which has rows of `paths_of`, most visits first.

    The rows of one path are added up. Equal ones are in the order of their keys.
    """
    names = names_of(length)
    types = dict.fromkeys((*names, "visits", "visitors"), "int64")
    rows = ibis.table(types, name="paths")
    sums = {name: int64(rows[name].sum()) for name in ("visits", "visitors")}
    paths = rows.group_by(*names).agg(**sums)
    ordered = paths.order_by(ibis.desc("visits"), ibis.desc("visitors"), *names)
    return ordered.limit(limit, offset=offset)

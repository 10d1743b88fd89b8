"""What came before a page, and what after it?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.paths.steps import begun_with, steps_of

BEFORE, AFTER = -1, 1
"""The sides of a page in the answer of `flow`."""


def flow(scope: Scope, page: int, with_links: bool) -> Any:
    """Return side, step and times about a page, by the key of its path.

    `times` counts steps onto the page, whose reloads are one step: on the side `BEFORE` by the step
    that came before it, on `AFTER` by the one after it. Either is `NOTHING` where the visit began
    or ended there, so both sides add up to the same number.
    """
    steps = steps_of(scope, begun_with(scope, page), with_links=with_links)
    order = ibis.window(group_by="visit", order_by="place")
    beside = steps.select(
        "step",
        before=steps.step.lag().over(order).fill_null(0),
        after=steps.step.lead().over(order).fill_null(0),
    )
    here = ibis.literal(page) + 1
    mine = beside.filter(beside.step == here)
    came, left = (mine.before != here).ifelse(1, 0), (mine.after != here).ifelse(1, 0)
    # Few pairs stand for many steps, and only they are read twice.
    pairs = mine.group_by("before", "after").agg(came=int64(came.sum()), left=int64(left.sum()))
    return ibis.union(
        _side(pairs, BEFORE, pairs.before, pairs.came), _side(pairs, AFTER, pairs.after, pairs.left)
    )


def _side(pairs: Any, side: int, step: Any, times: Any) -> Any:
    found = pairs.select(step=step, times=times)
    found = found.group_by("step").agg(times=int64(found.times.sum()))
    found = found.filter(found.times > 0)
    return found.select("step", "times", side=ibis.literal(side, "int8"))

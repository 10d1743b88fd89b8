"""What came before a page, and what after it?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.paths.steps import begun_with, steps_of

BEFORE, NEITHER, AFTER = -1, 0, 1
"""The sides of a page in the answers of `flow` and `flow_of_tied`."""
TIED = {"visit": "int32"}
"""The relation `tied`: the visits that `flow` names, which `flow_of_tied` starts from."""


def flow(scope: Scope, page: int, with_links: bool) -> Any:
    """Return side, step, times and tied about a page, by the key of its path.

    `times` counts steps onto the page, whose reloads are one step: on the side `BEFORE` by the step
    that came before it, on `AFTER` by the one after it. Either is `NOTHING` where the visit began
    or ended there, so both sides add up to the same number.

    To read no ids, which takes as long as all else, steps are put in order by their times. Visits
    of which some have the same time are not counted, but named in `tied`, on the side `NEITHER`.
    """
    steps = steps_of(scope, begun_with(scope, page), with_links=with_links)
    earlier = steps.time.lag().over(ibis.window(group_by="visit", order_by="time"))
    rows = _beside(steps, ("time",), is_tied=(steps.time == earlier).fill_null(False))
    is_here = rows.step == ibis.literal(page) + 1
    few = rows.filter(is_here | rows.is_tied)
    tied = few.filter(few.is_tied).select("visit").distinct()
    mine = few.filter(few.step == ibis.literal(page) + 1).anti_join(tied, "visit")
    zero = ibis.literal(0, "int64")
    named = tied.select(step=zero, times=zero, side=ibis.literal(NEITHER, "int8"), tied=tied.visit)
    return ibis.union(*_sides(mine, page), named)


def flow_of_tied(scope: Scope, page: int, with_links: bool) -> Any:
    """Return the same of the visits in the relation `tied`, put in order by times and ids."""
    visits = begun_with(scope, page).semi_join(ibis.table(TIED, name="tied"), "visit")
    rows = _beside(steps_of(scope, visits, with_links=with_links), ("time", "id"))
    mine = rows.filter(rows.step == ibis.literal(page) + 1)
    return ibis.union(*_sides(mine, page))


def _beside(steps: Any, order_by: tuple[str, ...], **more: Any) -> Any:
    """Return visit and step with the step before and the one after."""
    order = ibis.window(group_by="visit", order_by=order_by)
    return steps.select(
        "visit",
        "step",
        before=steps.step.lag().over(order).fill_null(0),
        after=steps.step.lead().over(order).fill_null(0),
        **more,
    )


def _sides(mine: Any, page: int) -> tuple[Any, Any]:
    here = ibis.literal(page) + 1
    came, left = (mine.before != here).ifelse(1, 0), (mine.after != here).ifelse(1, 0)
    # Few pairs stand for many steps, and only they are read twice.
    pairs = mine.group_by("before", "after").agg(came=int64(came.sum()), left=int64(left.sum()))
    return (
        _side(pairs, BEFORE, pairs.before, pairs.came),
        _side(pairs, AFTER, pairs.after, pairs.left),
    )


def _side(pairs: Any, side: int, step: Any, times: Any) -> Any:
    found = pairs.select(step=step, times=times)
    found = found.group_by("step").agg(times=int64(found.times.sum()))
    found = found.filter(found.times > 0)
    return found.select(
        "step",
        "times",
        side=ibis.literal(side, "int8"),
        tied=ibis.literal(0, "int32"),
    )

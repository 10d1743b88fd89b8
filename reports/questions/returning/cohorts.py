"""When did visitors come first, and in which steps of time again?"""

from dataclasses import replace
from typing import Any

from askfirst.local_days import Offsets, day_of
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between
from reports.questions.over_time import first_day_of

NO_COHORT = -1_000_000
"""The cohort of visitors whose first visit is none of the scope."""


def cohorts(scope: Scope, by: str, offsets: Offsets) -> Any:
    """Return cohort, step and visitors: who had a visit that began in a step of time.

    Cohorts and steps are named by their first local day. A visitor's cohort is the step of the very
    first visit on the site, or `NO_COHORT` where that is none of the scope's: it began before, or
    a filter does not let it through. `offsets` are those of the zone between the scope's ends.
    """
    visits = starts_between(scope, scope.start, scope.end)
    day = first_day_of(day_of(visits.start, offsets), by)
    came = visits.group_by("visitor", step=day).agg(first_here=visits.start.min())
    known = came.inner_join(first_ever(scope), "visitor")
    is_first = known.first_here == known.ever
    first_step = known.group_by("visitor").agg(cohort=known.step.min(where=is_first))
    whole = came.select("visitor", "step").left_join(first_step, "visitor").drop("visitor_right")
    whole = whole.mutate(cohort=whole.cohort.fill_null(NO_COHORT))
    return whole.group_by("cohort", "step").agg(visitors=int64(whole.count()))


def first_ever(scope: Scope) -> Any:
    """Return visitor and ever (when the first visit began) of those with a visit in a scope."""
    every = starts_between(replace(scope, matched=False), 0, scope.end)
    mine = every.semi_join(starts_between(scope, scope.start, scope.end), "visitor")
    return mine.group_by("visitor").agg(ever=mine.start.min())

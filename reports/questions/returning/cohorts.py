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
    known = _first_visits(scope, visits)
    is_told = known.ever == known.first_here
    step = first_day_of(day_of(known.ever, offsets), by)
    cohort = known.select("visitor", cohort=is_told.ifelse(step, NO_COHORT))
    day = first_day_of(day_of(visits.start, offsets), by)
    came = visits.select("visitor", step=day).distinct().inner_join(cohort, "visitor")
    return came.group_by("cohort", "step").agg(visitors=int64(came.count()))


def _first_visits(scope: Scope, visits: Any) -> Any:
    """Return visitor and when the first visit began: `ever`, and of these visits (`first_here`)."""
    here = visits.group_by("visitor").agg(first_here=visits.start.min())
    every = starts_between(replace(scope, matched=False), 0, scope.end).select("visitor", "start")
    both = every.inner_join(here, "visitor")
    return both.group_by("visitor").agg(ever=both.start.min(), first_here=both.first_here.min())

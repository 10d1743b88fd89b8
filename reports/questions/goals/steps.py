"""Which events are steps of a funnel, and in which order did they happen?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.goals.done import done_once
from reports.questions.goals.matchers import Matcher


def step_events(scope: Scope, matchers: tuple[Matcher, ...], by_visit: bool) -> Any:
    """Return visitor, visit, time and deeds (see `done_once`) of each event that is some step.

    They are in order of time by visitor, or `by_visit`: engines sort faster than we do.
    """
    found = done_once(scope, matchers).select("visitor", "visit", "time", "deeds")
    return found.order_by("visitor", *(["visit"] if by_visit else []), "time")


TIED = {"visitor": "int32", "time": "int64"}
"""The relation `tied`: at which times a visitor did several steps at once."""


def tied_events(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return the same of the times in the relation `tied`, with each event's id as a text.

    By that events of the same millisecond are in order.
    """
    found = done_once(scope, matchers)
    tied = found.semi_join(ibis.table(TIED, name="tied"), ["visitor", "time"])
    return tied.select("visitor", "visit", "time", "deeds", id=tied.event_id.cast("string"))

"""Conditions about goals: what a goal of a number asks for, and whether it may be asked."""

from collections.abc import Sequence
from dataclasses import replace

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.filters.conditions import GOAL, Condition, Segment, columns_for
from reports.questions.goals.matchers import columns_of, sought_by
from reports.saved.segments import is_allowed

ENDED = "The goal that this segment asks for was deleted."
NOT_COVERED = (
    "The site’s policy no longer covers what this segment asks for. It works again once a published"
    " policy covers it."
)


def looked_up(segment: Segment, site: Site, goals: Sequence[Goal], field: str = "where") -> Segment:
    """Return a checked segment with what its goals ask for now.

    Raises `Malformed` naming the field where a goal is gone, or asks for what the site's policy
    does not cover.
    """
    by_number = {str(one.id): one for one in goals}
    found = []
    for number, one in enumerate(segment.conditions, start=1):
        if one.column == GOAL:
            goal = by_number.get(one.values[0])
            if fault := _fault(goal, site):
                raise Malformed(f"Condition {number}: {fault}", field=field)
            one = _seeking(one, goal)  # noqa: PLW2901 - the same condition, with what it asks for
        found.append(one)
    return replace(segment, conditions=tuple(found))


def _seeking(condition: Condition, goal: Goal | None) -> Condition:
    return replace(condition, sought=sought_by(goal.deed) if goal else None)


def _fault(goal: Goal | None, site: Site) -> str:
    if goal is None:
        return "There is no such goal any more. Take the filter away, or choose another goal."
    if not columns_of(goal.deed) <= columns_for(site):
        return "The site’s policy does not cover what this goal asks for."
    return ""


def why_not(segment: Segment, site: Site, goals: Sequence[Goal]) -> str:
    """Return why reports may not ask for a stored segment now, as a sentence; '' where they may.

    A new policy may cover fewer columns, and a goal may be gone.
    """
    numbers = {str(one.id) for one in goals}
    if not is_allowed(segment, columns_for(site)):
        return NOT_COVERED
    if any(one.column == GOAL and one.values[0] not in numbers for one in segment.conditions):
        return ENDED
    try:
        looked_up(segment, site, goals)
    except Malformed:
        return NOT_COVERED
    return ""


def goals_in(segment: Segment, goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """Return those of the goals that a segment asks for."""
    asked = {one.values[0] for one in segment.conditions if one.column == GOAL}
    return tuple(one for one in goals if str(one.id) in asked)

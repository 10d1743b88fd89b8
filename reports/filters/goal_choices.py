"""Goals in the form of the filter bar: each is a choice by itself, which takes no value."""

from collections.abc import Iterable

from askfirst.sites import Site
from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.filters.conditions import GOAL, Condition, columns_for
from reports.questions.goals.matchers import columns_of

GOAL_CHOICE = f"{GOAL}."
"""What the number of a goal follows in the field of columns."""


def goal_choices(goals: Iterable[Goal], site: Site) -> dict[str, str]:
    """Return the goals that the policy of a site covers, as choices of the form: name and words."""
    told = columns_for(site)
    return {f"{GOAL_CHOICE}{one.id}": one.name for one in goals if columns_of(one.deed) <= told}


def choice_of(condition: Condition) -> str:
    """Return the choice of the form that stands for the column of a condition."""
    return f"{GOAL_CHOICE}{condition.values[0]}" if condition.column == GOAL else condition.column


def goal_words(condition: Condition, goals: Iterable[Goal]) -> str:
    """Write the goal of a condition: Goal “Booking”."""
    named = {str(one.id): one.name for one in goals}
    name = named.get(condition.values[0])
    return f"Goal “{name}”" if name else "A goal that was deleted"

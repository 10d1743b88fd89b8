"""Conditions and segments: what may be asked of a site's columns, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from askfirst.columns import EVENT_TEXTS, HIDDEN_COLUMNS, PROFILE_TEXTS
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.warehouse.duckdb.patterns import are_small, is_pattern
from askfirst.store.warehouse.filters.numbers import (
    NUMBER_COLUMNS,
    NUMBER_OPERATORS,
    fault_of_numbers,
)
from askfirst.store.warehouse.tables import ENDS, FIRST_OF_VISIT, PARTS_OF_SCREENS

if TYPE_CHECKING:
    from askfirst.store.warehouse.logical.fulfilled import Test

Operator = Literal[
    "is", "is_not", "contains", "starts_with", "one_of", "matches", "is_empty", "is_not_empty"
]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
"""The operators of texts; those of numbers are `NUMBER_OPERATORS`."""
EMPTY_OPERATORS = ("is_empty", "is_not_empty")
"""The operators of texts that take no value."""
GOAL = "goal"
"""The column of conditions about goals; the value is the number of one."""
GOAL_OPERATORS = ("reached", "not_reached")
On = Literal["visits", "events"]
ON: tuple[On, ...] = get_args(On)

FIRST = "first_"
VISIT_COLUMNS: dict[str, str] = {
    **dict.fromkeys(ENDS, "path"),
    **{f"{FIRST}{column}": column for column in FIRST_OF_VISIT},
}
"""What is known of a visit as a whole, and the column of its first or last view that says it."""
TEXT_COLUMNS: tuple[str, ...] = tuple(
    one for one in (*EVENT_TEXTS, *PROFILE_TEXTS, *VISIT_COLUMNS) if one not in HIDDEN_COLUMNS
)
COLUMNS: tuple[str, ...] = (*TEXT_COLUMNS, *NUMBER_COLUMNS, GOAL)
"""The columns that conditions can be about."""

PERSONAL_COLUMNS = frozenset({"ip"})
"""What tells one person from others: conditions on it would read that person's visits in reports,
which leave no entry in the list of disclosures.
"""

MOST_CONDITIONS = 20
MOST_VALUES = 100
LONGEST_VALUE = 1000
LONGEST_PATTERN = 200
"""Characters of the pattern of `matches`; `is_pattern` bounds what it costs."""

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_NEVER_EMPTY = ("contains", "starts_with", "matches")  # every text does with ''


@dataclass(frozen=True)
class Condition:
    """A condition on one column, e.g. `Condition("country", "one_of", ("DE", "AT"))`.

    `one_of` has one value or more, `between` two, `EMPTY_OPERATORS` none, the others one. An
    unknown text is ''. Numbers are written in figures: `Condition("amount", "is", ("19.99",))`.
    So are goals, by their numbers: `Condition("goal", "reached", ("3",))`.
    """

    column: str
    operator: str
    values: tuple[str, ...]
    sought: Test | None = field(default=None, compare=False)
    """What its goal asks for, which whoever knows the goals looks up."""


@dataclass(frozen=True)
class Segment:
    """Conditions of which all have to be fulfilled (see docs/definitions.md).

    `on` visits, each condition by some event of the visit (`is_not` by all of them), and then all
    events of the visit count. `on` events, all by one event, and only such events count.
    """

    conditions: tuple[Condition, ...] = ()
    on: str = "visits"


def columns_for(site: Site) -> frozenset[str]:
    """Return the columns that conditions may be about in the visit statistics of a site.

    A column that the policy gives to another purpose must not serve this one, and none of
    `PERSONAL_COLUMNS` serves any report.
    """
    kept_out = {*site.column_purposes, *PERSONAL_COLUMNS}
    return frozenset(name for name in COLUMNS if _told_by(name) not in kept_out)


def _told_by(name: str) -> str:
    """Return the stored column that a condition on this one reads."""
    return "screen" if name in PARTS_OF_SCREENS else VISIT_COLUMNS.get(name, name)


def check_segment(segment: Segment, columns: frozenset[str], field: str = "where") -> None:
    """Raise `Malformed` where a segment has no meaning, or is not about these columns.

    `field` names where the conditions come from; `on` is named "on".
    """
    if segment.on not in ON:
        raise Malformed(f"Conditions are on one of {', '.join(ON)}.", field="on")
    if len(segment.conditions) > MOST_CONDITIONS:
        raise Malformed(f"There are at most {MOST_CONDITIONS} conditions.", field=field)
    patterns = patterns_of(segment)
    if len(patterns) > 1 and not are_small(patterns):  # of one alone its number is told below
        raise Malformed("The regular expressions cost too much together.", field=field)
    for number, condition in enumerate(segment.conditions, start=1):
        if fault := _fault(condition, columns):
            raise Malformed(f"Condition {number}: {fault}", field=field)


def patterns_of(segment: Segment) -> list[str]:
    """Return the regular expressions of a segment, of the lengths that are accepted."""
    of = (one.values for one in segment.conditions if one.operator == "matches")
    return [value for values in of for value in values[:1] if len(value) <= LONGEST_PATTERN]


def compile_all(segments: Iterable[Segment]) -> None:
    """Compile the regular expressions of segments, which are remembered; it may take a second."""
    for segment in segments:
        for pattern in patterns_of(segment):
            is_pattern(pattern)


def _fault(condition: Condition, columns: frozenset[str]) -> str:
    """Return what is wrong with a condition, as a sentence; '' where nothing is."""
    if condition.column not in COLUMNS:
        return "There is no such column."
    if condition.column in PERSONAL_COLUMNS and condition.column not in columns:
        return "Filters are never about addresses, which tell one person from others."
    if condition.column not in columns:
        return "The site's policy does not cover this column for visit statistics."
    if condition.column == GOAL:
        return _fault_of_goal(condition.operator, condition.values)
    if condition.column in NUMBER_COLUMNS:
        return fault_of_numbers(condition.column, condition.operator, condition.values)
    return _fault_of_texts(condition.operator, condition.values)


def _fault_of_goal(operator: str, values: tuple[str, ...]) -> str:
    if operator not in GOAL_OPERATORS:
        return f"The operator of a goal is one of {', '.join(GOAL_OPERATORS)}."
    if len(values) != 1 or not _NUMBER.fullmatch(values[0]):
        return "A goal is named by its number."
    return ""


def _fault_of_texts(operator: str, values: tuple[str, ...]) -> str:
    if operator not in OPERATORS:
        hint = " Others are for numbers." if operator in NUMBER_OPERATORS else ""
        return f"The operator is one of {', '.join(OPERATORS)}.{hint}"
    if operator in EMPTY_OPERATORS:
        return "It takes no value." if values else ""
    if operator == "one_of":
        if not 1 <= len(values) <= MOST_VALUES:
            return f"It takes 1 to {MOST_VALUES} values."
    elif len(values) != 1:
        return "It takes one value."
    faults = (_fault_of_value(operator, value) for value in values)
    return next((fault for fault in faults if fault), "")


def _fault_of_value(operator: str, value: str) -> str:
    if not value and operator in _NEVER_EMPTY:
        return "The value is empty, and every text fulfils that."
    longest = LONGEST_PATTERN if operator == "matches" else LONGEST_VALUE
    if len(value) > longest:
        return f"A value has at most {longest} characters."
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "A value is text that UTF-8 can write."
    if operator == "matches" and not is_pattern(value):
        return "The pattern is no regular expression of RE2, or costs too much."
    return ""

"""The bar of filters: a chip for each condition, and the form that adds one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from askfirst.store.ledger.goals import Goal
from askfirst.store.warehouse.filters.conditions import (
    GOAL,
    MOST_CONDITIONS,
    Condition,
    Segment,
    columns_for,
)
from reports.filters.goal_choices import choice_of, goal_choices, goal_words
from reports.filters.value_lines import lines_of
from reports.filters.words import COLUMN_GROUPS, OPERATOR_WORDS, column_words, value_words
from reports.saved.segments import SavedSegment
from reports.url.goal_conditions import why_not
from reports.url.report_view import ReportView


@dataclass(frozen=True)
class Chip:
    """A condition as a sentence: `what` `how` `which`."""

    what: str
    how: str
    which: str
    edit: str
    """The address with the form open on this condition."""
    off: str
    """The address without it."""


@dataclass(frozen=True)
class SegmentChoice:
    """A segment that the team keeps, in the menu of the bar."""

    name: str
    href: str
    """The address of the same report about it; '' where it may not be asked for now."""
    current: bool
    """Whether the report is about it."""
    why_not: str
    """Why it may not be asked for, or ''."""


@dataclass(frozen=True)
class FilterBar:
    """What `_filters.html` shows: the conditions of a report, and the form for one."""

    chips: tuple[Chip, ...]
    clear: str
    """The address without any condition."""
    action: str
    """Where the form is sent."""
    kept: Mapping[str, str]
    """The fields of the address, which the form keeps."""
    groups: Mapping[str, Mapping[str, str]]
    """The columns to choose from by group: name and words."""
    operators: Mapping[str, str]
    """The operators: name and words."""
    column: str
    """The column that the form begins with."""
    operator: str
    """The operator that it begins with."""
    value: str
    """The value that it begins with."""
    replaces: int | None
    """Which condition the form changes, from 0; None where it adds one."""
    is_full: bool
    """Whether there are as many conditions as there may be."""
    segments: tuple[SegmentChoice, ...]
    """The segments to choose from."""
    keep: str
    """Where these conditions are kept as a segment, or '' without any."""
    beside: Mapping[str, str]
    """The pages of segments, of their comparison and of share links: name and address."""


def filter_bar(view: ReportView, edit: str = "") -> FilterBar:
    """Build the bar of a report; `edit` is the number of the condition that its form changes."""
    conditions = view.segment.conditions
    number = int(edit) if edit.isascii() and edit.isdigit() and len(edit) < 3 else None
    changed = conditions[number] if number is not None and number < len(conditions) else None
    site = f"/sites/{view.site.key}"
    return FilterBar(
        chips=tuple(_chip(view, place) for place in range(len(conditions))),
        clear=view.filtered(replace(view.segment, conditions=(), on="visits")),
        action=f"{site}/filter",
        kept={**view.address.query, "report": view.address.path.removeprefix(site)},
        groups=_groups(view),
        operators=OPERATOR_WORDS,
        column=choice_of(changed) if changed else "",
        operator=changed.operator if changed else "is",
        value=_typed(changed) if changed else "",
        replaces=number if changed else None,
        is_full=len(conditions) >= MOST_CONDITIONS and not changed,
        segments=_segments(view),
        keep=view.beside("/segments/keep").with_() if conditions else "",
        beside={
            name: view.beside(f"/{name}").with_() for name in ("segments", "compare", "sharing")
        },
    )


def _typed(condition: Condition) -> str:
    """Write the values of a condition as the form takes them."""
    if condition.column == GOAL:
        return ""
    if condition.operator == "one_of":
        return lines_of(condition.values)
    return " and ".join(condition.values)


def _segments(view: ReportView) -> tuple[SegmentChoice, ...]:
    return tuple(_choice(view, one) for one in view.saved)


def _choice(view: ReportView, one: SavedSegment) -> SegmentChoice:
    fault = why_not(one.segment, view.site, view.goals)
    href = "" if fault else view.filtered(one.segment)
    return SegmentChoice(one.name, href, one.segment == view.segment, fault)


def sentences(segment: Segment, goals: Sequence[Goal]) -> tuple[str, ...]:
    """Return each condition of a segment as a sentence: Country is Germany."""
    return tuple(" ".join(_words(one, goals)).strip() for one in segment.conditions)


def _words(one: Condition, goals: Sequence[Goal]) -> tuple[str, str, str]:
    how = OPERATOR_WORDS.get(one.operator, one.operator)
    if one.column == GOAL:
        return goal_words(one, goals), how, ""
    return column_words(one.column), how, value_words(one)


def _chip(view: ReportView, place: int) -> Chip:
    conditions = view.segment.conditions
    one, others = conditions[place], conditions[:place] + conditions[place + 1 :]
    what, how, which = _words(one, view.goals)
    return Chip(
        what=what,
        how=how,
        which=which,
        edit=f"{view.address.with_(edit=str(place))}#add-filter",
        off=view.filtered(replace(view.segment, conditions=others)),
    )


def _groups(view: ReportView) -> dict[str, dict[str, str]]:
    told = columns_for(view.site)
    found = {
        title: {name: words for name, words in group.items() if name in told}
        for title, group in COLUMN_GROUPS.items()
    }
    found["Goals"] = goal_choices(view.goals, view.site)
    return {title: group for title, group in found.items() if group}

"""The bar of filters: a chip for each condition, and the form that adds one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from askfirst.store.warehouse.filters.conditions import (
    MOST_CONDITIONS,
    Condition,
    Segment,
    columns_for,
)
from reports.filters.value_lines import lines_of
from reports.filters.words import COLUMN_GROUPS, OPERATOR_WORDS, column_words, value_words
from reports.saved.segments import is_allowed
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
    """The address of the same report about it; '' where the policy covers a column no longer."""
    current: bool
    """Whether the report is about it."""


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
        column=changed.column if changed else "",
        operator=changed.operator if changed else "is",
        value=_typed(changed) if changed else "",
        replaces=number if changed else None,
        is_full=len(conditions) >= MOST_CONDITIONS and not changed,
        segments=_segments(view),
        keep=view.beside("/segments/keep").with_() if conditions else "",
        beside={name: view.beside(f"/{name}").with_() for name in ("segments", "compare")}
        | {"sharing": f"{site}/sharing"},
    )


def _typed(condition: Condition) -> str:
    """Write the values of a condition as the form takes them."""
    if condition.operator == "one_of":
        return lines_of(condition.values)
    return " and ".join(condition.values)


def _segments(view: ReportView) -> tuple[SegmentChoice, ...]:
    told = columns_for(view.site)
    return tuple(
        SegmentChoice(
            name=one.name,
            href=view.filtered(one.segment) if is_allowed(one.segment, told) else "",
            current=one.segment == view.segment,
        )
        for one in view.saved
    )


def sentences(segment: Segment) -> tuple[str, ...]:
    """Return each condition of a segment as a sentence: Country is Germany."""
    return tuple(
        f"{column_words(one.column)} {OPERATOR_WORDS.get(one.operator, one.operator)}"
        f" {value_words(one)}"
        for one in segment.conditions
    )


def _chip(view: ReportView, place: int) -> Chip:
    conditions = view.segment.conditions
    one, others = conditions[place], conditions[:place] + conditions[place + 1 :]
    return Chip(
        what=column_words(one.column),
        how=OPERATOR_WORDS[one.operator],
        which=value_words(one),
        edit=f"{view.address.with_(edit=str(place))}#add-filter",
        off=view.filtered(replace(view.segment, conditions=others)),
    )


def _groups(view: ReportView) -> dict[str, dict[str, str]]:
    told = columns_for(view.site)
    found = {
        title: {name: words for name, words in group.items() if name in told}
        for title, group in COLUMN_GROUPS.items()
    }
    return {title: group for title, group in found.items() if group}

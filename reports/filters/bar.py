"""The bar of filters: a chip for each condition, and the form that adds one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from askfirst.store.warehouse.filters.conditions import MOST_CONDITIONS, columns_for
from reports.filters.words import COLUMN_GROUPS, OPERATOR_WORDS, column_words, value_words
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
        value="\n".join(changed.values) if changed else "",
        replaces=number if changed else None,
        is_full=len(conditions) >= MOST_CONDITIONS and not changed,
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

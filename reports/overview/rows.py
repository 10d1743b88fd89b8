"""The condition that a row of a list stands for, and the address with it or without it."""

import math
from dataclasses import dataclass, replace
from typing import Any

from askfirst.store.warehouse.filters.conditions import (
    LONGEST_VALUE,
    MOST_CONDITIONS,
    Condition,
    Segment,
    columns_for,
)
from reports.overview.dimensions import Dimension
from reports.url.links import Address
from reports.url.report_view import ReportView

_OF_EVERY_EVENT = ("path", "host", "title")
NO_TITLE = Condition("title", "is", ("",))


@dataclass(frozen=True)
class RowLink:
    """Where a row leads: to the same report about its visits only.

    `chosen` says that the report is that already; the link then leads back out. `href` is '' where
    no condition can say what the row is.
    """

    href: str
    chosen: bool = False


def condition_of(dimension: Dimension, name: str) -> Condition | None:
    """Return the condition that a visit fulfils which belongs to a row; None where none says it.

    Of what not every event has, '' can be asked for where it is the title of a page, or where no
    event of the visit has any.
    """
    by = dimension.by
    if len(name) > LONGEST_VALUE:
        return None
    if name == "" and by.kept == "event" and by.column not in _OF_EVERY_EVENT:
        return Condition(dimension.filters, "is_empty", ()) if by.marks_visits else None
    if by.section and name.count("/") > int(by.section):
        return Condition(dimension.filters, "starts_with", (name,))
    return Condition(dimension.filters, "is", (name,))


def row_link(view: ReportView, dimension: Dimension, name: str) -> RowLink:
    """Return where a row of a list leads."""
    condition, held = condition_of(dimension, name), view.segment.conditions
    if condition is None or condition.column not in columns_for(view.site):
        return RowLink("")
    chosen = condition in held
    if not chosen and len(held) >= MOST_CONDITIONS:
        return RowLink("")
    kept = tuple(one for one in held if one != condition) if chosen else (*held, condition)
    wanted = replace(view.segment, conditions=kept)
    if condition == NO_TITLE and not chosen:
        return RowLink(_pages_without_title(view, wanted))
    return RowLink(view.filtered(wanted), chosen)


def _pages_without_title(view: ReportView, wanted: Segment) -> str:
    """Return the whole list of pages that have no title; alone it is about the views themselves."""
    path, query = view.beside("").path, view.beside("").query
    alone = replace(wanted, on="events") if len(wanted.conditions) == 1 else wanted
    return replace(view, address=Address(path, {**query, "show": "pages"})).filtered(alone)


def number(value: Any) -> float | None:
    """Return a figure of a row of the warehouse; None for one that there is not."""
    return None if value is None or math.isnan(value) else float(value)

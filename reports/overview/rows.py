"""The condition that a row of a list stands for, and the address with it or without it."""

import math
from dataclasses import dataclass, replace
from typing import Any

from askfirst.store.warehouse.filters.conditions import (
    LONGEST_VALUE,
    MOST_CONDITIONS,
    Condition,
    columns_for,
)
from reports.overview.dimensions import Dimension
from reports.url.report_view import ReportView


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

    Only what every event has can be asked for as '': of an event without a title it is not told
    whether that is a page.
    """
    by = dimension.by
    if len(name) > LONGEST_VALUE or (name == "" and by.kept == "event"):
        return None
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
    return RowLink(view.filtered(replace(view.segment, conditions=kept)), chosen)


def number(value: Any) -> float | None:
    """Return a figure of a row of the warehouse; None for one that there is not."""
    return None if value is None or math.isnan(value) else float(value)

"""The days that a report is compared with, where its address names them by `against`."""

from reports.tables.table import COMPARED, Field, Option
from reports.url.comparing import AGAINST
from reports.url.periods import Window
from reports.url.report_view import ReportView

AGAINST_DAYS = (
    Option("against", "The days to compare with; custom takes the other two.", tuple(AGAINST)),
    Option("against_from", "The first of these days.", longest=10),
    Option("against_to", "The last of these days.", longest=10),
)
"""The options of a report that can be compared."""


def compared_window(view: ReportView, fields: tuple[Field, ...]) -> Window | None:
    """Return the compared days, up to the same time of day, where `fields` has theirs, or None."""
    is_asked = any(one.name.endswith(COMPARED) for one in fields)
    return view.period.compared if is_asked else None


def days_compared(view: ReportView) -> dict[str, str]:
    """Return what a file says of the days that it is compared with, by the address's fields."""
    previous = view.period.previous
    if previous is None:
        return {}
    days = {"against_from": previous.first.isoformat(), "against_to": previous.last.isoformat()}
    return {"against": view.address.query["against"], **days}

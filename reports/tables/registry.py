"""Every report by its name: a line each, and files, API and command line have it."""

from askfirst.errors import NotFound
from reports.overview.dimensions import DIMENSIONS
from reports.tables import counted, figures
from reports.tables.lists import list_report
from reports.tables.table import Answer, Field, Report


def _counted(
    name: str, title: str, about: str, fields: tuple[Field, ...], answer: Answer
) -> Report:
    return Report(name, title, about, fields, answer, takes_conditions=False)


_EVERY = (
    Report("totals", "Totals", "One row: the period.", figures.TOTALS, figures.totals_rows),
    Report(
        "over-time", "Over time", "One row a step of time.", figures.OVER_TIME,
        figures.over_time_rows, by_steps=True,
    ),
    *(list_report(one) for one in DIMENSIONS.values()),
    Report(
        "choices", "Choices", "One row a step of UTC days.", counted.CHOICES,
        counted.choices_rows, takes_conditions=False, by_steps=True,
    ),
    _counted(
        "choices-by-page", "Choices by page", "One row a page.", counted.CHOICES_BY,
        counted.choices_by("page"),
    ),
    _counted(
        "choices-by-language", "Choices by language", "One row a language.", counted.CHOICES_BY,
        counted.choices_by("language"),
    ),
    _counted(
        "choices-by-version", "Choices by version", "One row a version of the wording.",
        counted.CHOICES_BY, counted.choices_by_version,
    ),
    _counted(
        "not-recorded", "Not recorded", "One row a UTC day and reason.", counted.NOT_RECORDED,
        counted.not_recorded_rows,
    ),
    _counted(
        "left-out", "Left out by rules", "One row a rule.", counted.LEFT_OUT,
        counted.left_out_rows,
    ),
)  # fmt: skip
REPORTS: dict[str, Report] = {one.name: one for one in _EVERY}
"""The reports by their names, in the order in which they are listed."""


def report_of(name: str) -> Report:
    """Return the report of a name; raises `NotFound`."""
    if (found := REPORTS.get(name)) is None:
        raise NotFound("There is no such report.")
    return found

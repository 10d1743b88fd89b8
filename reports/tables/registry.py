"""Every report by its name: a line each, and files, API and command line have it."""

from askfirst.columns import DIMENSIONS, By, Dimension, Listed
from askfirst.errors import NotFound
from reports.questions.breakdown import breakdown
from reports.questions.clicks import clicks
from reports.tables import counted, figures
from reports.tables.asked import question_rows
from reports.tables.table import Answer, Field, Report

_COUNTED: dict[By, Field] = {
    "views": Field("views", "Page views", "Page views with the value.", source="amount"),
    "visits": Field("visits", "Visits", "Visits with the value.", source="amount"),
    "clicks": Field("clicks", "Clicks", "Clicks on the link.", source="amount"),
    "events": Field("views", "Page views", "Page views with the value.", source="amount"),
}
_VISITORS = Field("visitors", "Visitors", "Distinct visitors with the value.")
_KIND = Field("kind", "Kind", "The kind of the link, of its last click.", "text")


def _listed(of: Dimension, listed: Listed) -> Report:
    """Return the report of a dimension: a row for each of its values."""
    name = Field("name", of.heading, "The value; '' is unknown.", "text")
    about = f"One row a value: {of.heading.lower()}, the most frequent first."
    numbers = (_COUNTED[of.by], _VISITORS)
    if of.by == "events":
        numbers = numbers[::-1]
    if of.name == "link":
        told = (name, _KIND, *numbers)
        return Report(listed.key, listed.title, about, told, question_rows(clicks))
    answer = question_rows(breakdown, of.name)
    return Report(listed.key, listed.title, about, (name, *numbers), answer)


def _counted(
    name: str, title: str, about: str, fields: tuple[Field, ...], answer: Answer
) -> Report:
    return Report(name, title, about, fields, answer, takes_conditions=False)


_LISTS = [_listed(one, one.listed) for one in DIMENSIONS.values() if one.listed]
_EVERY = (
    Report("totals", "Totals", "One row: the period.", figures.TOTALS, figures.totals_rows),
    Report(
        "over-time", "Over time", "One row a step of time.", figures.OVER_TIME,
        figures.over_time_rows, by_steps=True,
    ),
    *_LISTS,
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

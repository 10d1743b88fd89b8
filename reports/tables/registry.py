"""Every report by its name: a line each, and files, API and command line have it."""

from askfirst.errors import NotFound
from reports.overview.dimensions import DIMENSIONS
from reports.tables import cards, counted, coverage, figures, goals, paths, returning
from reports.tables.comparing import AGAINST_DAYS
from reports.tables.lists import list_report
from reports.tables.table import Answer, Field, Report


def _counted(
    name: str, title: str, about: str, fields: tuple[Field, ...], answer: Answer
) -> Report:
    return Report(name, title, about, fields, answer, takes_conditions=False)


_EVERY = (
    Report("totals", "Totals", "One row: the period.", figures.TOTALS, figures.totals_rows,
        options=AGAINST_DAYS, compared=figures.TOTALS_COMPARED,
    ),
    Report(
        "over-time", "Over time", "One row a step of time.", figures.OVER_TIME,
        figures.over_time_rows, by_steps=True, options=AGAINST_DAYS,
        compared=figures.OVER_TIME_COMPARED,
    ),
    *(list_report(one) for one in DIMENSIONS.values()),
    Report(
        "web-vitals", "Web vitals", "One row a measure.", cards.WEB_VITALS, cards.vitals_rows
    ),
    Report(
        "speed", "Speed of pages", "One row a page: the 10,000 with most loads.", cards.SPEED,
        cards.speed_rows,
    ),
    Report("scroll", "Scroll depth", "One row: the period.", cards.SCROLL, cards.scroll_rows),
    Report(
        "scroll-by-page", "Scroll depth of pages", "One row a page: the 10,000 with most views.",
        cards.SCROLL_BY_PAGE, cards.scroll_by_page_rows,
    ),
    Report("hours", "Hours of the week", "One row an hour.", cards.HOURS, cards.hours_rows),
    Report(
        "goals", "Goals", "One row a goal.", goals.GOALS, goals.goals_rows,
        options=AGAINST_DAYS, compared=goals.GOALS_COMPARED,
    ),
    Report(
        "goal-values", "Values of goals", "One row a goal and currency.", goals.GOAL_VALUES,
        goals.goal_values_rows, options=AGAINST_DAYS, compared=goals.GOAL_VALUES_COMPARED,
    ),
    Report(
        "goal", "Goal by values", "One row a value of a list: the 1,000 with most visitors.",
        goals.GOAL, goals.goal_rows, options=goals.OF_GOAL, compared=goals.GOAL_COMPARED,
    ),
    Report("funnels", "Funnels", "One row a funnel.", goals.FUNNELS, goals.funnels_rows),
    Report(
        "funnel", "Funnel steps", "One row a step of a funnel.", goals.FUNNEL, goals.funnel_rows,
        options=goals.OF_FUNNEL, compared=goals.FUNNEL_COMPARED,
    ),
    Report(
        "flow", "Around a page", "One row a step right before or after a page.", paths.FLOW,
        paths.flow_rows, options=paths.OF_FLOW,
    ),
    Report(
        "paths", "Most used paths", "One row a path: the 10,000 with most visits.", paths.PATHS,
        paths.paths_rows, options=paths.OF_PATHS,
    ),
    Report(
        "cohorts", "Cohorts", "One row a cohort and a later step.", returning.COHORTS,
        returning.cohorts_rows, options=returning.BY_STEP,
    ),
    Report(
        "new-and-returning", "New and returning", "One row a step of time.", returning.NEW,
        returning.new_rows, options=returning.BY_STEP,
    ),
    Report(
        "visits-each", "Visits a visitor", "One row a number of visits.", returning.VISITS_EACH,
        returning.visits_each_rows,
    ),
    Report(
        "days-between", "Days between visits", "One row a number of days.",
        returning.DAYS_BETWEEN, returning.days_between_rows,
    ),
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
    Report(
        "estimate", "Estimate for all page loads", "One row a figure.", coverage.ESTIMATE,
        coverage.estimate_rows,
    ),
    _counted(
        "coverage", "Coverage by day", "One row a UTC day.", coverage.COVERAGE,
        coverage.coverage_rows,
    ),
    _counted(
        "coverage-by-page", "Coverage by page", "One row a page: the 100 with most loads.",
        coverage.BY_PAGE, coverage.coverage_by_page_rows,
    ),
    _counted(
        "coverage-by-language", "Coverage by language",
        "One row a language: the 100 with most loads.", coverage.BY_LANGUAGE,
        coverage.coverage_by_language_rows,
    ),
    _counted(
        "coverage-by-source", "Coverage by source of the count",
        "One row for the tag, the banner, and imported logs.", coverage.BY_SOURCE,
        coverage.coverage_by_source_rows,
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

"""The reports of return: cohorts, new and returning visitors, visits, and days between them."""

from typing import Any

from askfirst.store.warehouse.compiled import Question
from reports.dependencies import Dependencies
from reports.questions.returning.between_visits import between_visits
from reports.questions.returning.cohorts import cohorts
from reports.questions.returning.visits_each import visits_each
from reports.returning.cohort_table import Cells, cells_of, new_and_returning
from reports.returning.steps import STEPS, Interval, intervals, read_step
from reports.tables.spool import Rows, held
from reports.tables.table import Answer, Cut, Field, Option
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView
from reports.url.steps import shifts

COHORTS = (
    Field("cohort", "Cohort", "The first day of the step in which the visitors first came.", "day"),
    Field("visitors", "Visitors", "How many they are."),
    Field("after", "Steps later", "How many steps later they came again, from 1."),
    Field("came", "Came again", "How many of them came in that step."),
    Field("share", "Share", "Their share, 0 to 1.", "number"),
    Field("is_whole", "Whole", "1 where both steps are over and whole, else 0."),
)
NEW = (
    Field("begins", "Begins", "The first day of the step.", "day"),
    Field("new", "New", "Visitors who came for the first time ever."),
    Field("returning", "Returning", "Visitors who had come before."),
    Field("is_whole", "Whole", "1 where the step is over and whole, else 0."),
)
VISITS_EACH = (
    Field("visits", "Visits", "Visits of one visitor that began in the period."),
    Field("visitors", "Visitors", "How many visitors had so many."),
)
DAYS_BETWEEN = (
    Field("days", "Days", "Whole days from the visit before."),
    Field("visits", "Visits", "How many visits came after so many."),
)
BY_STEP = (
    Option("step", "The steps of time: the usual one of the period's length.", tuple(STEPS)),
)


async def cohorts_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each cohort and each later step that has begun."""
    cells, steps = await _cells(deps, view)
    rows = [
        {
            "cohort": first.start.date(),
            "visitors": size,
            "after": later,
            "came": came,
            "share": came / size,
            "is_whole": int(first.is_whole and again.is_whole),
        }
        for place, first in enumerate(steps)
        if (size := cells.get((first.number, first.number), 0))
        for later, again in enumerate(steps[place + 1 :], start=1)
        for came in [cells.get((first.number, again.number), 0)]
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def new_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find new and returning visitors of each step that has begun."""
    cells, steps = await _cells(deps, view)
    rows = [
        {
            "begins": step.start.date(),
            "new": one.new,
            "returning": one.returning,
            "is_whole": int(one.is_whole),
        }
        for step, one in zip(steps, new_and_returning(cells, steps), strict=True)
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


def distribution(question: Question) -> Answer:
    """Return what answers how often each number occurs."""

    async def answer(
        deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        async def once(asked: Asked) -> list[dict[Any, Any]]:
            return list((await asked.ask(question, asked.scope())).to_dict("records"))

        return held(fields, deps.settings.data_folder, await answered(deps, view, once), cut)

    return answer


visits_each_rows = distribution(visits_each)
days_between_rows = distribution(between_visits)


async def _cells(deps: Dependencies, view: ReportView) -> tuple[Cells, tuple[Interval, ...]]:
    period = view.period
    by = read_step({k: v for k, v in view.address.query.items() if v}, period)

    async def once(asked: Asked) -> Cells:
        offsets = shifts(period.window, period.zone, by)
        return cells_of(await asked.ask(cohorts, asked.scope(), by, offsets))

    return await answered(deps, view, once), intervals(period, by)

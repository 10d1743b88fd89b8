"""The figures of the overview, estimated for all page loads."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reports.coverage.by_day import RecordedDays, both, counts_of, days_of, loads_by_day
from reports.coverage.estimate import Estimate, estimate_of, scaled
from reports.dependencies import Dependencies
from reports.questions.totals import totals
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView


@dataclass(frozen=True)
class EstimatedFigure:
    """A figure of the overview by its key there, and its estimate for all page loads."""

    key: str
    label: str
    estimate: Estimate


async def estimates_of(deps: Dependencies, view: ReportView) -> tuple[EstimatedFigure, ...]:
    """Ask for all that the estimates of a view are made from; none where no share is known."""
    counts, recorded, people = await asyncio.gather(
        counts_of(deps, view), both(deps, view), answered(deps, view, people_of)
    )
    return estimated(view, loads_by_day(counts), recorded, people)


async def people_of(asked: Asked) -> tuple[int, int]:
    """Ask for the visitors and visits of a view."""
    row = (await asked.ask(totals, asked.scope())).iloc[0]
    return int(row["visitors"]), int(row["visits"])


def estimated(
    view: ReportView,
    loads: Mapping[date, int],
    recorded: tuple[RecordedDays, RecordedDays],
    people: tuple[int, int],
) -> tuple[EstimatedFigure, ...]:
    """Return visitors and visits; filtered, page views as well: all of them are counted anyway.

    `recorded` is what `both` returns, `people` what `people_of` does. Visitors come on several
    days, so theirs stands to what was recorded as that of visits does.
    """
    (every, some), (visitors, visits) = recorded, people
    of_views, of_visits = (estimate_of(days_of(loads, every, some, place)) for place in (0, 1))
    found = []
    if of_visits:
        found.append(EstimatedFigure("visitors", "Visitors", scaled(of_visits, visitors)))
        found.append(EstimatedFigure("visits", "Visits", scaled(of_visits, visits)))
    if of_views and view.is_filtered:
        found.append(EstimatedFigure("views", "Page views", of_views))
    return tuple(found)

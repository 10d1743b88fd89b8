"""The pages that read the warehouse: loading them loads Ibis and pandas."""

from starlette.routing import BaseRoute

from reports.choices.choices import ChoicesPages
from reports.dependencies import Dependencies
from reports.overview.consent_check import ConsentCheckHandler
from reports.overview.overview import OverviewHandler
from reports.rights.rights import RightsPages
from reports.staff.guard import Guard
from reports.visitors.visitors import VisitorsPages


def report_routes(deps: Dependencies, guard: Guard) -> list[BaseRoute]:
    """Return the routes of the reports."""
    return [
        *OverviewHandler(deps, guard).routes(),
        *ChoicesPages(deps, guard).routes(),
        *RightsPages(deps, guard).routes(),
        *VisitorsPages(deps, guard).routes(),
        *ConsentCheckHandler(deps, guard).routes(),
    ]

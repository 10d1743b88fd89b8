"""The pages that read the warehouse: loading them loads Ibis and pandas."""

from starlette.routing import BaseRoute

from reports.choices.choices import ChoicesPages
from reports.dependencies import Dependencies
from reports.overview.consent_check import ConsentCheck
from reports.overview.overview import Dashboard
from reports.rights.rights import RightsPages
from reports.staff.access import Access
from reports.visitors.visitors import VisitorsPages


def report_routes(deps: Dependencies, access: Access) -> list[BaseRoute]:
    """Return the routes of the reports."""
    return [
        *Dashboard(deps, access).routes(),
        *ChoicesPages(deps, access).routes(),
        *RightsPages(deps, access).routes(),
        *VisitorsPages(deps, access).routes(),
        *ConsentCheck(deps, access).routes(),
    ]

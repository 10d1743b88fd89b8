"""The pages that read the warehouse: loading them loads Ibis and pandas."""

from starlette.routing import BaseRoute

from reports.choices.choices import ChoicesPages
from reports.overview.consent_check import ConsentCheck
from reports.overview.overview import Dashboard
from reports.parts import Parts
from reports.rights.rights import RightsPages
from reports.staff.access import Access
from reports.visitors.visitors import VisitorsPages


def report_routes(parts: Parts, access: Access) -> list[BaseRoute]:
    """Give the routes of the reports."""
    return [
        *Dashboard(parts, access).routes(),
        *ChoicesPages(parts, access).routes(),
        *RightsPages(parts, access).routes(),
        *VisitorsPages(parts, access).routes(),
        *ConsentCheck(parts, access).routes(),
    ]

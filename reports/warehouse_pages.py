"""The pages that read the warehouse, apart from the others because they import Ibis and pandas.

That takes a second or two, so `reports.app` imports this file when the first request comes
(`lazy_routes`), and the server soon after a start (`server/startup/warming.py`).
"""

from starlette.routing import BaseRoute

from reports.choices.choices import ChoicesHandler
from reports.dependencies import Dependencies
from reports.filters.filters import FilterHandler
from reports.not_recorded.not_recorded import NotRecordedHandler
from reports.notes.notes import NotesHandler
from reports.overview.consent_check import ConsentCheckHandler
from reports.overview.overview import OverviewHandler
from reports.segments.compare import CompareHandler
from reports.segments.segments import SegmentsHandler
from reports.sharing.shared_report import SharedHandler
from reports.sharing.sharing import SharingHandler
from reports.staff.guard import Guard
from reports.visitor_requests.erase_visitor import EraseVisitorHandler
from reports.visitor_requests.find import FindHandler
from reports.visitors.visitor import VisitorHandler
from reports.visitors.visitors import VisitorsHandler


def warehouse_routes(deps: Dependencies, guard: Guard) -> list[BaseRoute]:
    """Return the routes of the pages that read the warehouse."""
    return [
        *OverviewHandler(deps, guard).routes(),
        *FilterHandler(deps, guard).routes(),
        *NotesHandler(deps, guard).routes(),
        *SegmentsHandler(deps, guard).routes(),
        *CompareHandler(deps, guard).routes(),
        *SharingHandler(deps, guard).routes(),
        *SharedHandler(deps, guard).routes(),
        *ChoicesHandler(deps, guard).routes(),
        *NotRecordedHandler(deps, guard).routes(),
        *FindHandler(deps, guard).routes(),
        *EraseVisitorHandler(deps, guard).routes(),
        *VisitorsHandler(deps, guard).routes(),
        *VisitorHandler(deps, guard).routes(),
        *ConsentCheckHandler(deps, guard).routes(),
    ]

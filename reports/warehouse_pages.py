"""The pages that read the warehouse, apart from the others because they import Ibis and pandas.

That takes a second or two, so `reports.app` imports this file when the first request comes
(`lazy_routes`), and the server soon after a start (`server/startup/warming.py`).
"""

from starlette.routing import BaseRoute

from reports.api.endpoint import ReportsApi
from reports.cards.by_page import ByPageHandler
from reports.choices.choices import ChoicesHandler
from reports.coverage.coverage import CoverageHandler
from reports.dependencies import Dependencies
from reports.files.chart import ChartHandler
from reports.files.files import FilesHandler
from reports.filters.filters import FilterHandler
from reports.goals.funnel_form import FunnelFormHandler
from reports.goals.funnel_visitors import FunnelVisitorsHandler
from reports.goals.funnels import FunnelsHandler
from reports.goals.goal import GoalHandler
from reports.goals.goal_form import GoalFormHandler
from reports.goals.goals import GoalsHandler
from reports.not_recorded.not_recorded import NotRecordedHandler
from reports.notes.notes import NotesHandler
from reports.now.here import HereHandler
from reports.now.now import NowHandler
from reports.overview.overview import OverviewHandler
from reports.paths.paths import PathsHandler
from reports.records.consent_check import ConsentCheckHandler
from reports.returning.returning import ReturningHandler
from reports.rules.rules import RulesHandler
from reports.segments.compare import CompareHandler
from reports.segments.keep_segment import KeepSegmentHandler
from reports.segments.segments import SegmentsHandler
from reports.sharing.shared_report import SharedHandler
from reports.sharing.sharing import SharingHandler
from reports.sites.across import AcrossHandler
from reports.staff.guard import Guard
from reports.visitor_requests.disclosure_register import DisclosureRegisterHandler
from reports.visitor_requests.end_access import EndAccessHandler
from reports.visitor_requests.erase_visitor import EraseVisitorHandler
from reports.visitor_requests.find import FindHandler
from reports.visitor_requests.request import RequestHandler
from reports.visitor_requests.requests import RequestsHandler
from reports.visitors.visitor import VisitorHandler
from reports.visitors.visitors import VisitorsHandler


def warehouse_routes(deps: Dependencies, guard: Guard) -> list[BaseRoute]:
    """Return the routes of the pages that read the warehouse."""
    return [
        *OverviewHandler(deps, guard).routes(),
        *AcrossHandler(deps, guard).routes(),
        *NowHandler(deps, guard).routes(),
        *HereHandler(deps, guard).routes(),
        *ByPageHandler(deps, guard).routes(),
        *CoverageHandler(deps, guard).routes(),
        *FilterHandler(deps, guard).routes(),
        *FilesHandler(deps, guard).routes(),
        *ChartHandler(deps, guard).routes(),
        *PathsHandler(deps, guard).routes(),
        *ReturningHandler(deps, guard).routes(),
        *GoalsHandler(deps, guard).routes(),
        *GoalFormHandler(deps, guard).routes(),
        *FunnelsHandler(deps, guard).routes(),
        *FunnelFormHandler(deps, guard).routes(),
        *GoalHandler(deps, guard).routes(),  # last of the goals: /goals/funnels would fit its route
        *FunnelVisitorsHandler(deps, guard).routes(),
        *NotesHandler(deps, guard).routes(),
        *SegmentsHandler(deps, guard).routes(),
        *KeepSegmentHandler(deps, guard).routes(),
        *CompareHandler(deps, guard).routes(),
        *SharingHandler(deps, guard).routes(),
        *SharedHandler(deps, guard).routes(),
        *ChoicesHandler(deps, guard).routes(),
        *NotRecordedHandler(deps, guard).routes(),
        *RulesHandler(deps, guard).routes(),
        *FindHandler(deps, guard).routes(),
        *RequestsHandler(deps, guard).routes(),
        *RequestHandler(deps, guard).routes(),
        *DisclosureRegisterHandler(deps, guard).routes(),
        *EraseVisitorHandler(deps, guard).routes(),
        *EndAccessHandler(deps, guard).routes(),
        *VisitorsHandler(deps, guard).routes(),
        *VisitorHandler(deps, guard).routes(),
        *ConsentCheckHandler(deps, guard).routes(),
        *ReportsApi(deps).routes(),
    ]

"""The page in the place of a chart, interactive or as a file, that has nothing to show."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.files.drawing import NothingToDraw
from reports.filters.bar import FilterBar, filter_bar
from reports.shell import Shell
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery
from reports.url.way_out import way_out


@dataclass(frozen=True)
class EmptyChartPage:
    """`empty_chart.html`: that there is nothing to draw in the period, and the way out."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    text: str
    """Why there is nothing to draw."""
    way: Link
    """What to do next; its fields may be ''."""
    back: str
    """The address of the overview, with the same period and filters."""


async def empty_chart(
    deps: Dependencies,
    request: Request,
    session: Session,
    nothing: NothingToDraw,
    status: int = 200,
) -> Response:
    """Answer with the page; `status` is that of a file, which is not there."""
    view = nothing.view
    context = EmptyChartPage(
        shell=view.shell(session, "Nothing to draw", "overview"),
        nav=period_nav(view.address, view.period),
        filters=filter_bar(view, request.query_params.get("edit", "")),
        text=str(nothing),
        way=await way_out(ReportQuery(deps), view),
        back=view.beside("").with_(),
    )
    return deps.pages.page("reports/files/empty_chart.html", context, status)

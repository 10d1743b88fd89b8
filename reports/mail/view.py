"""The view of some days of a site, as a request to its reports would ask for it."""

from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request

from askfirst.sites import Site
from reports.dependencies import Dependencies
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view


def days_query(first: date, last: date, compared: tuple[date, date] | None = None) -> str:
    """Return the query of a report about days, and the days that they are compared with."""
    asked = {"period": "custom", "from": str(first), "to": str(last)}
    if compared:
        others = {"against_from": str(compared[0]), "against_to": str(compared[1])}
        asked |= {"against": "custom"} | others
    return urlencode(asked)


async def view_of_days(deps: Dependencies, site: Site, query: str, by: str) -> ReportView:
    """Return the view of such a query, whose chart goes by hours or days."""
    known = {"path_params": {"key": site.key}, "query_string": f"{query}&by={by}".encode()}
    return await read_report_view(ReportQuery(deps), Request({"type": "http", **known}))

"""What a request to the overview, or to the whole list of a dimension, asks to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from askfirst.errors import Malformed
from askfirst.sites import Site
from reports.overview.dimensions import GROUPS, chosen_tabs
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

METRICS = {"visitors": "Visitors", "visits": "Visits", "views": "Page views"}
"""What the chart can show: the name in the address, and the words."""


@dataclass(frozen=True)
class View(ReportView):
    """What the address chose: `tabs` has the shown dimension of each card, `metric` the chart's."""

    metric: str
    tabs: Mapping[str, str]


async def read_view(query: ReportQuery, request: Request) -> View:
    """Read a request; raises `NotFound` or `Malformed`."""
    fields = request.query_params
    found = await read_report_view(query, request, kept=("by", "metric", *GROUPS))
    metric = fields.get("metric", "visitors")
    if metric not in METRICS:
        raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
    tabs = chosen_tabs(fields, _untold(found.site))
    return View(**vars(found), metric=metric, tabs=tabs)


def _untold(site: Site) -> frozenset[str]:
    """Return the columns that the site's policy does not tell of."""
    return frozenset(name for name, purpose in site.column_purposes.items() if not purpose)

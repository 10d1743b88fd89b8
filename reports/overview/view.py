"""What a request to the overview, or to the whole list of a dimension, asks to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from askfirst.errors import Malformed
from reports.figures.figures import LABELS
from reports.overview.dimensions import GROUPS, chosen_tabs, untold_of
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

METRICS = LABELS
"""What the chart can show: the name in the address, and the words."""


@dataclass(frozen=True)
class View(ReportView):
    """What the address chose: `tabs` has the shown list of each card, `metric` the chart's."""

    metric: str
    tabs: Mapping[str, str]


async def read_view(query: ReportQuery, request: Request) -> View:
    """Read a request; raises `NotFound` or `Malformed`."""
    fields = request.query_params
    found = await read_report_view(query, request, kept=("by", "metric", *GROUPS))
    metric = read_metric(fields)
    tabs = chosen_tabs(fields, untold_of(found.site))
    return View(**vars(found), metric=metric, tabs=tabs)


def read_metric(fields: Mapping[str, str]) -> str:
    """Read the figure that the chart shows; raises `Malformed`."""
    metric = fields.get("metric", "visitors")
    if metric not in METRICS:
        raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
    return metric

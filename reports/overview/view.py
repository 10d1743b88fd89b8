"""What a request to the overview, or to the whole list of a dimension, asks to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from askfirst.errors import Malformed
from reports.figures.figures import LABELS
from reports.overview.dimensions import GROUPS, chosen_tabs, untold_of
from reports.questions.figures_by.columns import Measure
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

METRICS = LABELS
"""What the chart can show: the name in the address, and the words."""

MEASURES: dict[Measure, tuple[str, str]] = {
    "visitors": ("Visitors", "count"),
    "visits": ("Visits", "count"),
    "views": ("Views", "count"),
    "bounce_rate": ("Bounce rate", "share"),
    "engaged": ("Engaged", "seconds"),
}
"""The figures of a row of a list: the words, and the kind for the template filter `figure`."""

COUNTS = tuple(name for name, (_, kind) in MEASURES.items() if kind == "count")
"""Those that cards are sorted by; beside other figures the rows with most visitors stand."""


@dataclass(frozen=True)
class View(ReportView):
    """What the address chose: `tabs` has the shown list of each card, `metric` the chart's.

    `measure` is the figure that every card shows; None where each shows the one that suits it.
    """

    metric: str
    tabs: Mapping[str, str]
    measure: Measure | None
    estimates: bool = False
    """Whether totals are shown with their estimates for all page loads."""


async def read_view(query: ReportQuery, request: Request) -> View:
    """Read a request; raises `NotFound` or `Malformed`."""
    fields = request.query_params
    found = await read_report_view(
        query, request, kept=("by", "metric", "measure", "estimate", *GROUPS)
    )
    metric = read_metric(fields)
    tabs = chosen_tabs(fields, untold_of(found.site))
    measure = _measure(fields.get("measure", ""))
    return View(
        **vars(found), metric=metric, tabs=tabs, measure=measure, estimates=_estimates(fields)
    )


def read_metric(fields: Mapping[str, str]) -> str:
    """Read the figure that the chart shows; raises `Malformed`."""
    metric = fields.get("metric", "visitors")
    if metric not in METRICS:
        raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
    return metric


def _estimates(fields: Mapping[str, str]) -> bool:
    if fields.get("estimate", "") not in ("", "shown"):
        raise Malformed("Estimates are shown or left away.", field="estimate")
    return bool(fields.get("estimate"))


def _measure(text: str) -> Measure | None:
    chosen = next((name for name in MEASURES if name == text), None)
    if text and chosen is None:
        raise Malformed(f"A list shows one of {', '.join(MEASURES)}.", field="measure")
    return chosen

"""The way out of a report that has nothing to show: what somebody does next, as one link."""

from dataclasses import replace

from reports.url.links import Link
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView

NOWHERE = Link("", "")
"""Where all days and all visits are shown already, nothing is left to loosen."""


def to_install(view: ReportView) -> Link:
    """Return the link to the line that goes into the pages of a report's site."""
    return Link("Put the tag in", view.beside("/install").with_())


async def way_out(query: ReportQuery, view: ReportView, has_visits: bool = False) -> Link:
    """Return what to do where a report, or a list of it, is empty.

    Filters are taken away first, then all time is shown; a site of which nothing was ever recorded
    needs its tag. `has_visits` says that the report has visits, so that the site need not be asked
    for any.
    """
    if view.is_filtered:
        kept = replace(view.segment, conditions=(), on="visits")
        return Link("Take the filters away", view.filtered(kept))
    if not has_visits and not await query.has_events(view.site):
        return to_install(view)
    if view.period.name == "all":
        return NOWHERE
    fields = {"period": "all", "from": None, "to": None, "by": None, "page": None}
    return Link("Show all time", view.address.with_(**fields))

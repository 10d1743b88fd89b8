"""What a request to the overview, or to the whole list of a dimension, asks to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from askfirst.errors import Malformed
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.overview.dimensions import GROUPS, chosen_tabs
from reports.shell import Shell
from reports.url.links import Address, period_query
from reports.url.periods import Period
from reports.url.report_query import ReportQuery

METRICS = {"visitors": "Visitors", "visits": "Visits", "views": "Page views"}
"""What the chart can show: the name in the address, and the words."""


@dataclass(frozen=True)
class View:
    """What the address chose: `tabs` has the shown dimension of each card, `metric` the chart's."""

    site: Site
    period: Period
    metric: str
    tabs: Mapping[str, str]
    address: Address

    def shell(self, session: Session, title: str) -> Shell:
        """Return the frame of a page about this."""
        site = self.site
        return Shell(title, session.email, session.csrf, site.key, site.name, "overview")


async def read_view(query: ReportQuery, request: Request) -> View:
    """Read a request; raises `NotFound` or `Malformed`."""
    site, fields = query.site(request), request.query_params
    period = await query.period(request, site)
    metric = fields.get("metric", "visitors")
    if metric not in METRICS:
        raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
    kept = {name: fields[name] for name in ("by", "metric", *GROUPS) if name in fields}
    address = Address(f"/sites/{site.key}", {**period_query(period, fields), **kept})
    return View(site, period, metric, chosen_tabs(fields, _untold(site)), address)


def _untold(site: Site) -> frozenset[str]:
    """Return the columns that the site's policy does not tell of."""
    return frozenset(name for name, purpose in site.column_purposes.items() if not purpose)

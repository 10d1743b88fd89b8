"""Reads what a request wants of a report, and finds its rows."""

from collections.abc import Mapping

from starlette.requests import Request

from askfirst.errors import Malformed
from reports.dependencies import Dependencies
from reports.tables.spool import Rows
from reports.tables.table import WHOLE, Cut, Report
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

MOST_ROWS = 1_000_000_000
CUTTING = ("limit", "offset", "sort")
"""The fields of an address that say which rows are wanted."""


async def view_of(deps: Dependencies, report: Report, request: Request) -> ReportView:
    """Read the site, period and conditions of a request; raises `NotFound` or `Malformed`."""
    kept = [one.name for one in report.options]
    view = await read_report_view(ReportQuery(deps), request, kept=kept)
    check_asked(report, view)
    return view


def check_asked(report: Report, view: ReportView) -> None:
    """Raise `Malformed` where a view asks a report for what it does not have."""
    if view.is_filtered and not report.takes_conditions:
        raise Malformed("This report is about everybody and takes no conditions.", field="where")
    for one in report.options:
        text = view.address.query.get(one.name, "")
        if text and one.values and text not in one.values:
            raise Malformed(f"It is one of {', '.join(one.values)}.", field=one.name)
        if len(text) > one.longest:
            raise Malformed(f"It has at most {one.longest} characters.", field=one.name)


async def rows_of(deps: Dependencies, report: Report, view: ReportView, cut: Cut = WHOLE) -> Rows:
    """Find the rows of a report; close them at the end."""
    return await report.answer(deps, view, report.fields_for(view), cut)


def read_cut(report: Report, query: Mapping[str, str], usual: int | None, most: int) -> Cut:
    """Read `sort`, `limit` and `offset`: `-visitors` is the largest first.

    `usual` is the limit where there is none. Raises `Malformed` naming the field.
    """
    sort = query.get("sort", "")
    by = sort.removeprefix("-")
    names = [one.name for one in report.fields]
    if sort and by not in names:
        said = f"The rows are sorted by one of {', '.join(names)}; a - before it turns it round."
        raise Malformed(said, field="sort")
    limit = _number(query, "limit", 1, most) if "limit" in query else usual
    return Cut(by, sort.startswith("-"), limit, _number(query, "offset", 0, MOST_ROWS))


def _number(query: Mapping[str, str], field: str, least: int, most: int) -> int:
    text = query.get(field, str(least))
    if not (text.isascii() and text.isdigit() and len(text) < 11 and least <= int(text) <= most):
        raise Malformed(f"It is a whole number from {least} to {most}.", field=field)
    return int(text)

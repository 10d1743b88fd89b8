"""The list of visitors of a period: filtered, searched, sorted, and paged to its end."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.store.warehouse.filters.conditions import columns_for
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.questions.visitors import ORDERS, visitors
from reports.questions.visitors_found import keep_found
from reports.shell import Shell
from reports.staff.click_guard import only_by_own_click
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import PeriodNav, period_nav
from reports.url.report_query import ReportQuery, page_number
from reports.url.report_view import ReportView, read_report_view
from reports.visitors.disclosures import LISTED, Disclosures
from reports.visitors.search import LONGEST, search_of, searched_words
from reports.visitors.visitor_list import DayOfVisitors, days_of, everybody_of

LIST_ROWS = 50
_KEPT = ("q", "sort", "order")
_USUAL = "last"
_ASCENDING, _DESCENDING = "ascending", "descending"


@dataclass(frozen=True)
class Heading:
    """The heading of a column; `href` sorts the list by it, '' where it cannot.

    `sorted` is "ascending" or "descending" where the list goes by it already, else ''.
    """

    text: str
    href: str = ""
    sorted: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Search:
    """The search above the list."""

    text: str
    """What was searched for, or ''."""
    columns: str
    """What is searched, in words."""
    longest: int
    """How many characters it may have."""
    kept: Mapping[str, str]
    """The other fields of the address, which the form keeps."""
    clear: str
    """The address without search and filters; '' where there are none."""


@dataclass(frozen=True)
class Paging:
    """Links to other pages of the list, each '' where there is none."""

    first: str
    newer: str
    older: str
    last: str


@dataclass(frozen=True)
class VisitorsPage:
    """`visitors.html`: the visitors of a period, last seen first unless sorted otherwise."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    search: Search
    """The search that applies."""
    headings: tuple[Heading, ...]
    """The columns of the list."""
    by_day: bool
    """Whether the list goes by when visitors were last seen, under headings."""
    days: tuple[DayOfVisitors, ...]
    """The visitors of this page."""
    base: str
    """The address of the list, below which each visitor's page lies."""
    zone: str
    """The site's time zone."""
    first_row: int
    """The number of the first visitor on this page, from 1."""
    shown: int
    """How many visitors stand on this page."""
    everybody: int | None
    """How many visitors the list has; None on a page behind the last."""
    all_href: str
    """The address of the same list for all time; '' where it is that already."""
    paging: Paging
    """The links to other pages of the list."""


class VisitorsHandler:
    """Serves `/sites/KEY/visitors`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        page = only_by_own_click(self._deps, self._page)
        return [Route("/sites/{key}/visitors", self._guard.page(page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_report_view(self._query, request, "/visitors", _KEPT)
        page, site, address = page_number(request), view.site, view.address
        offset = (page - 1) * LIST_ROWS
        order, descending = _order_of(view)
        words = search_of(address.query.get("q", ""), columns_for(site))

        async def listed(asked: Asked) -> pd.DataFrame:
            scope = asked.scope()
            if words:
                await asyncio.to_thread(keep_found, asked.page, scope, words)
            return await asked.ask(
                visitors, scope, LIST_ROWS, offset, order, descending, bool(words)
            )

        frame = await answered(self._deps, view, listed)
        ids = [str(visitor) for visitor in frame["visitor_id"]]
        shown = await self._disclosures.disclose(site.id, ids, session.email, LISTED)
        by_day, everybody = order == _USUAL, everybody_of(frame)
        context = VisitorsPage(
            shell=view.shell(session, "Visitors", "visitors"),
            nav=period_nav(address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            search=_search(view),
            headings=_headings(view, order, descending),
            by_day=by_day,
            days=days_of(frame, shown, site.time_zone, view.period.now, by_day),
            base=address.path,
            zone=site.time_zone,
            first_row=offset + 1,
            shown=len(shown),
            everybody=everybody,
            all_href="" if view.period.name == "all" else _for_all_time(view),
            paging=_paging(view, page, everybody),
        )
        return self._deps.pages.page("reports/visitors/visitors.html", context)


def _order_of(view: ReportView) -> tuple[str, bool]:
    """Return the column that the list goes by, and whether its largest come first."""
    order, way = view.address.query.get("sort", _USUAL), view.address.query.get("order", "")
    if order not in ORDERS:
        raise Malformed(f"The list is sorted by one of {', '.join(ORDERS)}.", field="sort")
    if way not in ("", _ASCENDING, _DESCENDING):
        raise Malformed(f"The order is {_ASCENDING} or {_DESCENDING}.", field="order")
    return order, way != _ASCENDING


def _headings(view: ReportView, order: str, descending: bool) -> tuple[Heading, ...]:
    def sorting(text: str, by: str, is_number: bool = False) -> Heading:
        turned = by == order and descending
        href = view.address.with_(
            sort=None if by == _USUAL else by, order=_ASCENDING if turned else None, page=None
        )
        way = (_DESCENDING if descending else _ASCENDING) if by == order else ""
        return Heading(text, href, way, is_number)

    return (
        Heading("Visitor"),
        Heading("First page of the last visit"),
        sorting("Last seen", "last"),
        sorting("First seen", "first"),
        sorting("Visits", "visits", is_number=True),
        sorting("Views", "views", is_number=True),
        sorting("Engaged", "engaged", is_number=True),
    )


def _search(view: ReportView) -> Search:
    address = view.address
    text = address.query.get("q", "").strip()
    narrowed = bool(text) or view.is_filtered
    return Search(
        text=text,
        columns=searched_words(columns_for(view.site)),
        longest=LONGEST,
        kept={name: value for name, value in address.query.items() if name != "q"},
        clear=address.with_(q=None, where=None, on=None, page=None) if narrowed else "",
    )


def _for_all_time(view: ReportView) -> str:
    return view.address.with_(period="all", from_=None, to=None, page=None)


def _paging(view: ReportView, page: int, everybody: int | None) -> Paging:
    address = view.address
    last = -(-(everybody or 0) // LIST_ROWS)
    return Paging(
        first=address.with_(page=None) if page > 2 else "",
        newer=address.with_(page=str(page - 1)) if page > 1 else "",
        older=address.with_(page=str(page + 1)) if page < last else "",
        last=address.with_(page=str(last)) if page + 1 < last else "",
    )

"""The lists behind the cards of web vitals and scroll depth: every page with its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.store.warehouse.compiled import Question
from reports.authentication.sessions import Session
from reports.cards.depths import depths_of
from reports.cards.empty_words import FILTERED
from reports.cards.vitals import GRADES, NAMES, grade_of, written
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.formatting.dates import NOTHING
from reports.formatting.template_filters import number, percent, round_percent
from reports.questions.cards.scroll import DEPTHS, scroll_by_page
from reports.questions.cards.vitals import LIMITS, vitals_by_page
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import answered
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery, page_number
from reports.url.report_view import ReportView, read_report_view
from reports.url.way_out import way_out

ROWS = 100
_NOTHING = "Nothing in this period. Browsers send it when a page is left."


@dataclass(frozen=True)
class PageCell:
    """A figure of a page in words; `grade` is "good", "needs", "poor", or '' where it has none."""

    text: str
    grade: str = ""
    grade_words: str = ""


@dataclass(frozen=True)
class PageRow:
    """A page, the address of this report about it alone, and its figures."""

    name: str
    href: str
    cells: tuple[PageCell, ...]


@dataclass(frozen=True)
class ByPagePage:
    """`by_page.html`: every page with the figures of a card, a hundred rows at a time."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    help: str
    """What the figures are, in a sentence."""
    heads: tuple[str, ...]
    """The headings of the figures."""
    rows: tuple[PageRow, ...]
    first_row: int
    """The number of the first row on this page, from 1."""
    nothing: str
    """What is said where no page has the figures."""
    way: Link
    """What to do next where there is no row; its fields may be ''."""
    back: str
    """The address of the overview with the same choices."""
    newer: str
    """The address of the rows before these, or ''."""
    older: str
    """The address of the rows after these, or ''."""


@dataclass(frozen=True)
class _Listing:
    title: str
    help: str
    question: Question
    heads: tuple[str, ...]
    cells: Callable[[Mapping[Any, Any]], tuple[PageCell, ...]]
    depths: tuple[int, ...] = ()
    """Shares of a page in per cent, whose columns are the last."""


def _speed(row: Mapping[Any, Any]) -> tuple[PageCell, ...]:
    return (PageCell(number(row["loads"])), *(_measured(name, int(row[name])) for name in LIMITS))


def _measured(name: str, value: int) -> PageCell:
    if not value:
        return PageCell(NOTHING)
    grade = grade_of(name, value)
    return PageCell(written(name, value), grade, GRADES[grade])


def _depth(row: Mapping[Any, Any]) -> tuple[PageCell, ...]:
    found = depths_of(row)
    shares = (found.mean, *(one.share for one in found.depths))
    return (PageCell(number(found.views)), *(PageCell(percent(share)) for share in shares))


_LISTINGS = {
    "speed": _Listing(
        "Speed of pages",
        "Three in four loads were at least as good as the figure.",
        vitals_by_page,
        ("Loads", *(short for short, _ in NAMES.values())),
        _speed,
    ),
    "scroll": _Listing(
        "Scroll depth of pages",
        "Which share of views reached a quarter of the page, a half, three quarters, its end.",
        scroll_by_page,
        ("Views", "Mean"),
        _depth,
        DEPTHS,
    ),
}


class ByPageHandler:
    """Serves `/sites/KEY/speed` and `/sites/KEY/scroll`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return a route for each list."""
        return [
            Route(f"/sites/{{key}}/{name}", self._guard.page(partial(self._page, name)))
            for name in _LISTINGS
        ]

    async def _page(self, name: str, request: Request, session: Session) -> Response:
        listing = _LISTINGS[name]
        view = await read_report_view(self._query, request, f"/{name}")
        page = page_number(request)
        offset = (page - 1) * ROWS
        frame = await answered(
            self._deps,
            view,
            lambda asked: asked.ask(listing.question, asked.scope(), ROWS + 1, offset),
        )
        address = view.address
        context = ByPagePage(
            shell=view.shell(session, listing.title, "overview"),
            nav=period_nav(address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            help=listing.help,
            heads=(*listing.heads, *(round_percent(depth / 100) for depth in listing.depths)),
            rows=tuple(_row(view, listing, one) for one in frame.head(ROWS).to_dict("records")),
            first_row=offset + 1,
            nothing=FILTERED if view.is_filtered else _NOTHING,
            way=await way_out(self._query, view, has_visits=bool(len(frame))),
            back=view.beside("").with_(),
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if len(frame) > ROWS else "",
        )
        return self._deps.pages.page("reports/cards/by_page.html", context)


def _row(view: ReportView, listing: _Listing, row: Mapping[Any, Any]) -> PageRow:
    name = str(row["name"])
    return PageRow(name, view.toggled("path", name), listing.cells(row))

"""The page about paths: the flow through a page, and the most used paths."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.store.warehouse.compiled import Text
from askfirst.store.warehouse.filters.conditions import Condition
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.paths.counting import flow_through, most_used, parts_of
from reports.paths.flow_figure import Flow, flow_of
from reports.paths.naming import Step, named, page_key
from reports.paths.used import PathRow, rows_of_paths
from reports.paths.view import SHOWN, PathsView, read_paths_view
from reports.questions.breakdown import breakdown
from reports.questions.paths.flow import BEFORE
from reports.questions.paths.pages import pages_with
from reports.questions.paths.seen import seen
from reports.questions.paths.used_paths import LENGTHS, names_of
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery

PAGES = 12
"""How many pages the menu offers."""
ROWS = 50


@dataclass(frozen=True)
class PageMenu:
    """The menu that chooses the page in the middle of the flow."""

    pages: tuple[Link, ...]
    """The most viewed pages, or those that were looked for."""
    find: str
    """What was looked for, or ''."""
    kept: dict[str, str]
    """The fields of the address, which the form keeps."""
    action: str
    """Where the form is sent."""


@dataclass(frozen=True)
class PathsPage:
    """`paths.html`: the flow through a page, or the most used paths."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    views: tuple[Link, ...]
    """The two views of the page."""
    menu: PageMenu | None
    """The choice of the page; None where paths are shown."""
    at: str | None
    """The path of the page in the middle, None where no page was viewed or paths are shown."""
    flow: Flow | None
    """What came before and after it; None where no visit has it."""
    lengths: tuple[Link, ...]
    """How many steps the paths have: links that choose it."""
    paths: tuple[PathRow, ...]
    """The most used paths."""
    first_row: int
    """The number of the first path, from 1."""
    newer: str
    """The address of the paths before these, or ''."""
    older: str
    """The address of the paths after these, or ''."""
    default: str
    """The address of the flow through the page that is viewed most."""
    all_time: str
    """The address of the same for all time, '' where it is that already."""
    zone: str
    """The site's time zone."""


@dataclass(frozen=True)
class _Found:
    pages: tuple[str, ...] = ()
    at: str | None = None
    flow: Flow | None = None
    paths: tuple[PathRow, ...] = ()


class PathsHandler:
    """Serves `/sites/KEY/paths`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/sites/{key}/paths", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_paths_view(self._query, request)
        find = _flow if view.show == "flow" else _paths
        found = await answered(self._deps, view, lambda asked: find(view, asked))
        context = _context(view, session, found, request.query_params.get("edit", ""))
        return self._deps.pages.page("reports/paths/paths.html", context)


async def _flow(view: PathsView, asked: Asked) -> _Found:
    scope = asked.scope()
    if view.find:
        rows = await asked.ask(pages_with, scope, Text(view.find.lower()), PAGES)
    else:
        rows = await asked.ask(breakdown, scope, "path", PAGES)
    pages = tuple(str(name) for name in rows["name"])
    at = view.at if view.at is not None else await _most_viewed(view, asked, pages)
    if at is None:
        return _Found()
    return _Found(pages, at, await _flow_at(view, asked, at))


async def _most_viewed(view: PathsView, asked: Asked, pages: tuple[str, ...]) -> str | None:
    if view.find:
        rows = await asked.ask(breakdown, asked.scope(), "path", 1)
        pages = tuple(str(name) for name in rows["name"])
    return pages[0] if pages else None


async def _flow_at(view: PathsView, asked: Asked, at: str) -> Flow | None:
    key = await asyncio.to_thread(page_key, asked.page, at)
    if key is None:
        return None
    scope = asked.scope()
    counted = await asked.ask(seen, scope, key)
    visits, visitors = (int(counted[name].iloc[0]) for name in ("visits", "visitors"))
    if not visits:
        return None
    parts = parts_of(scope, visits)
    rows = await asyncio.to_thread(flow_through, asked.page, parts, key, view.with_links)
    names = await asyncio.to_thread(named, asked.page, rows["step"].tolist())
    rest = "" if view.is_all else view.address.with_(at=at, all="1")

    def leading(step: Step | None, side: int) -> tuple[str, bool]:
        return _leading(view, at, step, side)

    return flow_of(at, rows, names, (visits, visitors), leading, rest)


def _leading(view: PathsView, at: str, step: Step | None, side: int) -> tuple[str, bool]:
    """Return where a node leads: to the flow of a page, or to these visits only."""
    if step and not step.is_link:
        return view.address.with_(at=step.name), False
    if step:
        condition = Condition("link_url", "is", (step.name,))
    else:
        condition = Condition("entry" if side == BEFORE else "leaving", "is", (at,))
    chosen = condition in view.segment.conditions
    return view.keeping(at=at).toggled(condition.column, condition.values[0]), chosen


async def _paths(view: PathsView, asked: Asked) -> _Found:
    offset = (view.page - 1) * ROWS
    asking = (asked.scope(), view.length, view.with_links, ROWS + 1, offset)
    rows = await asyncio.to_thread(most_used, asked.page, *asking)
    steps = rows[list(names_of(view.length))].to_numpy().ravel().tolist()
    names = await asyncio.to_thread(named, asked.page, steps)
    return _Found(paths=rows_of_paths(rows, names, view))


def _context(view: PathsView, session: Session, found: _Found, edit: str) -> PathsPage:
    address, page = view.address, view.page
    is_flow = view.show == "flow"
    return PathsPage(
        shell=view.shell(session, "Paths", "paths"),
        nav=period_nav(address, view.period),
        filters=filter_bar(view, edit),
        views=tuple(
            Link(text, _showing(view, one), one == view.show) for one, text in SHOWN.items()
        ),
        menu=_menu(view, found) if is_flow else None,
        at=found.at,
        flow=found.flow,
        lengths=_lengths(view),
        paths=found.paths[:ROWS],
        first_row=(page - 1) * ROWS + 1,
        newer=address.with_(page=str(page - 1)) if page > 1 else "",
        older=address.with_(page=str(page + 1)) if len(found.paths) > ROWS else "",
        default=address.with_(at=None),
        all_time=_all_time(view),
        zone=view.site.time_zone,
    )


def _showing(view: PathsView, show: str) -> str:
    return view.address.with_(show=None if show == "flow" else show)


def _lengths(view: PathsView) -> tuple[Link, ...]:
    return tuple(
        Link(one, view.address.with_(steps=one, page=None), one == view.length) for one in LENGTHS
    )


def _all_time(view: PathsView) -> str:
    fields: dict[str, Any] = {"period": "all", "from_": None, "to": None, "page": None}
    return "" if view.period.name == "all" else view.address.with_(**fields)


def _menu(view: PathsView, found: _Found) -> PageMenu:
    address = view.address
    return PageMenu(
        pages=tuple(Link(name, address.with_(at=name), name == found.at) for name in found.pages),
        find=view.find,
        kept=dict(address.query),
        action=address.path,
    )

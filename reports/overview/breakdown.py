"""The page with every row of one list, such as all pages or all countries."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response

from reports.authentication.sessions import Session
from reports.cards.empty_words import empty_words
from reports.dependencies import Dependencies
from reports.figures.figures import Totals, totals_of
from reports.filters.bar import FilterBar, filter_bar
from reports.overview.actions import NO_ACTIONS, Actions, actions_of
from reports.overview.dimensions import Dimension, choices_of, column_of, dimension_of
from reports.overview.read_lists import DRILLS
from reports.overview.view import View, read_view
from reports.overview.whole_list import (
    OF_LIST,
    ROWS,
    Head,
    ListRow,
    Wanted,
    before_asked,
    heads_of,
    read_wanted,
    rows_asked,
    rows_of,
)
from reports.questions.totals import totals
from reports.shell import Shell
from reports.url.asking import Asked, answered
from reports.url.links import Link, PeriodNav, compared_words, period_nav
from reports.url.report_query import ReportQuery, page_number
from reports.url.way_out import way_out


@dataclass(frozen=True)
class BreakdownPage:
    """`breakdown.html`: the rows of one list, a page at a time."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    dimension: Dimension
    """The list."""
    choices: tuple[Link, ...]
    """The lists that belong together with it, such as the fields of a campaign."""
    is_of_several: bool
    """Whether these are versions, and the filters do not choose of what."""
    search: str
    """What is searched for, or ''."""
    action: str
    """Where the search is sent."""
    kept: Mapping[str, str]
    """The fields of the address that the search keeps."""
    own: str
    """The address of the list as it is searched and sorted."""
    unsearched: str
    """The address without the search."""
    heads: tuple[Head, ...]
    """The headings of the columns: of the names, and of each figure."""
    compared: str
    """The days that changes are against, in words; '' where nothing is compared."""
    rows: tuple[ListRow, ...]
    """The rows of this page."""
    first_row: int
    """The number of the first row on this page, from 1."""
    every: int
    """How many rows there are in all; 0 where this page has none."""
    nothing: str
    """What is said where there is no row."""
    way: Link
    """What to do next where there is no row; its fields may be ''."""
    actions: Actions
    """What events say beside their names."""
    back: str
    """The address of the overview with the same choices."""
    newer: str
    """The address of the rows before these, or ''."""
    older: str
    """The address of the rows after these, or ''."""


@dataclass(frozen=True)
class _Found:
    now: pd.DataFrame
    before: pd.DataFrame | None
    totals: Totals
    actions: Actions


class BreakdownHandler:
    """Serves `/sites/KEY?show=LIST`, which the handler of the overview passes on."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._query = ReportQuery(deps)

    async def page(self, request: Request, session: Session) -> Response:
        """Answer with the page."""
        view, query = await read_view(self._query, request), request.query_params
        dimension = dimension_of(query["show"])
        wanted = read_wanted(query, dimension, page_number(request))
        back = view.address.with_()
        kept = {name: query[name] for name in OF_LIST if name != "page" and name in query}
        view = view.keeping(show=dimension.key, **kept)
        compared = view.period.compared
        others = [compared] if compared else []
        found = await answered(
            self._deps, view, lambda asked: self._found(view, asked, wanted), *others
        )
        return self._deps.pages.page(
            "reports/overview/breakdown.html",
            await self._context(view, session, wanted, found, back, query.get("edit", "")),
        )

    async def _context(
        self, view: View, session: Session, wanted: Wanted, found: _Found, back: str, edit: str
    ) -> BreakdownPage:
        address, page = view.address, wanted.page
        every = int(found.now["rows"].iloc[0]) if len(found.now) else 0
        return BreakdownPage(
            shell=view.shell(session, wanted.dimension.title, "overview"),
            nav=period_nav(address, view.period, compares=True),
            filters=filter_bar(view, edit),
            dimension=wanted.dimension,
            choices=_choices(view, wanted.dimension),
            is_of_several=_is_of_several(view, wanted.dimension),
            search=wanted.search,
            action=address.path,
            kept={name: text for name, text in address.query.items() if name != "q"},
            own=address.with_(),
            unsearched=address.with_(q=None),
            heads=heads_of(view, wanted),
            compared=compared_words(view.period),
            rows=rows_of(view, wanted, found.now, found.before, found.totals),
            first_row=wanted.offset + 1,
            every=every,
            nothing=empty_words(wanted.dimension.key, view.is_filtered),
            way=await way_out(self._query, view, bool(found.totals.visits)),
            actions=found.actions,
            back=back,
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if every > wanted.offset + ROWS else "",
        )

    async def _found(self, view: View, asked: Asked, wanted: Wanted) -> _Found:
        now, figures, actions = await asyncio.gather(
            rows_asked(asked, wanted),
            asked.ask(totals, asked.scope()),
            actions_of(asked, view) if wanted.dimension.key == "events" else _no_actions(),
        )
        names, compared = tuple(now["name"]), view.period.compared
        before = None
        if names and compared:
            before = await before_asked(asked, wanted, names, compared)
        return _Found(now, before, totals_of(figures), actions)


async def _no_actions() -> Actions:
    return NO_ACTIONS


def _is_of_several(view: View, dimension: Dimension) -> bool:
    whole = [key for key, versions in DRILLS.items() if versions == dimension.key]
    chosen = {(one.column, one.operator) for one in view.segment.conditions}
    return any((column_of(key), "is") not in chosen for key in whole)


def _choices(view: View, dimension: Dimension) -> tuple[Link, ...]:
    """Return links to the lists that belong together; they keep filters, and no search."""
    kept = {name: text for name, text in view.address.query.items() if name not in OF_LIST}
    address = replace(view.address, query=kept)
    return tuple(
        Link(words, address.with_(show=key), key == dimension.key)
        for key, words in choices_of(dimension.key).items()
    )

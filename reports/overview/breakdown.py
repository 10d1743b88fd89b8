"""The page with every row of one dimension, such as all pages or all countries."""

import asyncio
from dataclasses import dataclass

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.figures.figures import totals_of
from reports.filters.bar import FilterBar, filter_bar
from reports.overview.cards import Card, card_of
from reports.overview.dimensions import Dimension, dimension_of
from reports.overview.view import read_view
from reports.questions.totals import totals
from reports.shell import Shell
from reports.url.asking import Asked, answered
from reports.url.links import PeriodNav, period_nav
from reports.url.report_query import ReportQuery, page_number

ROWS = 100


@dataclass(frozen=True)
class BreakdownPage:
    """`breakdown.html`: the rows of one dimension, a page at a time."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    card: Card
    """The dimension, and the rows of this page."""
    first_row: int
    """The number of the first row on this page, from 1."""
    back: str
    """The address of the overview with the same choices."""
    newer: str
    """The address of the rows before these, or ''."""
    older: str
    """The address of the rows after these, or ''."""


class BreakdownHandler:
    """Serves `/sites/KEY?show=DIMENSION`, which the handler of the overview passes on."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._query = ReportQuery(deps)

    async def page(self, request: Request, session: Session) -> Response:
        """Answer with the page."""
        view = await read_view(self._query, request)
        dimension = dimension_of(request.query_params["show"])
        page = page_number(request)
        offset = (page - 1) * ROWS
        frame, figures = await answered(
            self._deps, view, lambda asked: self._frames(asked, dimension, offset)
        )
        back = view.address.with_()
        view = view.keeping(show=dimension.key)
        address = view.address
        context = BreakdownPage(
            shell=view.shell(session, dimension.title, "overview"),
            nav=period_nav(address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            card=card_of(view, dimension, frame.head(ROWS), totals_of(figures)),
            first_row=offset + 1,
            back=back,
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if len(frame) > ROWS else "",
        )
        return self._deps.pages.page("reports/overview/breakdown.html", context)

    async def _frames(self, asked: Asked, dimension: Dimension, offset: int) -> list[pd.DataFrame]:
        scope = asked.scope()
        frames = await asyncio.gather(
            asked.ask(dimension.question, scope, *dimension.values, ROWS + 1, offset),
            asked.ask(totals, scope),
        )
        return list(frames)

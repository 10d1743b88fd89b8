"""One card of the overview, which a script asks for when another of its tabs is chosen."""

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from askfirst.errors import NotFound
from reports.dependencies import Dependencies
from reports.figures.figures import Totals, totals_of
from reports.overview.card_rows import Frames, kept_scope, rows_of_cards
from reports.overview.cards import Card, card_of
from reports.overview.view import View
from reports.questions.totals import totals
from reports.url.asking import Asked, answered
from reports.url.report_query import ReportQuery
from reports.url.way_out import way_out


@dataclass(frozen=True)
class CardPage:
    """`card.html`: one card of the overview, without the frame of a page."""

    card: Card


async def card_page(deps: Dependencies, view: View, name: str) -> Response:
    """Answer with one card: only what it shows is asked of the warehouse; raises `NotFound`."""
    if name not in view.tabs:
        raise NotFound("There is no such card.")
    shown = {name: view.tabs[name]}

    async def found(asked: Asked) -> tuple[Totals, Frames]:
        scope = await kept_scope(asked, shown, view.measure)
        figures, frames = await asyncio.gather(
            asked.ask(totals, scope), rows_of_cards(asked, scope, shown, view.measure)
        )
        return totals_of(figures), frames

    whole, frames = await answered(deps, view, found)
    way = await way_out(ReportQuery(deps), view, bool(whole.visits))
    context = CardPage(card_of(view, name, frames[name], whole, way))
    return deps.pages.page("reports/overview/card.html", context)

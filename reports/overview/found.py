"""What the overview asks of the warehouse: figures and chart first, the lists after them."""

import asyncio
from dataclasses import dataclass, replace

import pandas as pd

from reports.cards.more_cards import COUNTRY, MoreCards, more_cards
from reports.charts.line_chart import Chart, chart_of
from reports.dependencies import Dependencies
from reports.figures.figures import KINDS, Totals
from reports.figures.over_time import figure_over_time, totals_with_engaged
from reports.overview.card_rows import kept_scope, rows_of_cards
from reports.overview.cards import Card, cards_of
from reports.overview.view import METRICS, View
from reports.questions.scope import Scope
from reports.questions.totals import totals
from reports.url.asking import Asked, answered, continued
from reports.url.links import Link
from reports.url.periods import Period, Window
from reports.url.report_query import ReportQuery
from reports.url.way_out import NOWHERE, way_out


@dataclass(frozen=True)
class Lists:
    """What stands below the chart."""

    cards: tuple[Card, ...]
    """The cards, each with the list that its tab shows."""
    further: MoreCards
    """The cards that are no plain list."""


@dataclass(frozen=True)
class Head:
    """Totals of the period and of the one before, and the chart; `asked` and `scope` go on.

    `way` is what to do next where nothing is found.
    """

    now: Totals
    before: Totals | None
    chart: Chart
    asked: Asked
    scope: Scope
    way: Link = NOWHERE


async def head_of(deps: Dependencies, view: View) -> Head:
    """Ask for what stands first."""
    found = await answered(deps, view, lambda asked: _head(view, asked), *_others(view))
    way = await way_out(ReportQuery(deps), view, bool(found.now.visits))
    return replace(found, way=way)


async def lists_of(deps: Dependencies, view: View, head: Head) -> Lists:
    """Ask for the lists, which go on from what was found for the head."""

    async def found(asked: Asked) -> Lists:
        scope = head.scope if asked is head.asked else await _kept(view, asked)
        frames, further = await asyncio.gather(
            rows_of_cards(asked, scope, view.tabs, view.measure), more_cards(asked, view, scope)
        )
        return Lists(cards_of(view, frames, head.now, head.way), further)

    return await continued(deps, view, head.asked, found, *_others(view))


async def _head(view: View, asked: Asked) -> Head:
    (now, scope), before, chart = await asyncio.gather(
        _now(view, asked), _before(view, asked), chart_over_time(view.period, view.metric, asked)
    )
    return Head(now, before, chart, asked, scope)


async def _now(view: View, asked: Asked) -> tuple[Totals, Scope]:
    kept: list[Scope] = []

    async def figures() -> pd.DataFrame:
        kept.append(await _kept(view, asked))
        return await asked.ask(totals, kept[0])

    return await totals_with_engaged(asked, figures()), kept[0]


async def _kept(view: View, asked: Asked) -> Scope:
    return await kept_scope(asked, view.tabs, view.measure, (COUNTRY,))


async def _before(view: View, asked: Asked) -> Totals | None:
    compared = view.period.compared
    if compared is None:
        return None
    return await totals_with_engaged(asked, asked.ask(totals, asked.scope(compared)), compared)


async def chart_over_time(period: Period, metric: str, asked: Asked) -> Chart:
    """Draw a figure of `METRICS` over time."""
    steps = await figure_over_time(asked, period, metric)
    today = period.local_now.date()
    return chart_of(METRICS[metric], steps, period.by, today, KINDS[metric])


def _others(view: View) -> list[Window]:
    """Return the windows that the overview asks about beside the period itself."""
    return [window for window in (view.period.before,) if window]

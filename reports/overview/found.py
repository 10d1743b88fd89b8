"""What the overview asks of the warehouse first: figures and chart."""

import asyncio
from dataclasses import dataclass, replace

import pandas as pd

from reports.cards.more_cards import COUNTRY
from reports.charts.line_chart import Chart, chart_of
from reports.dependencies import Dependencies
from reports.figures.figures import KINDS, Totals
from reports.figures.over_time import figure_over_time, totals_with_engaged
from reports.overview.card_rows import kept_scope
from reports.overview.view import METRICS, View
from reports.questions.scope import Scope
from reports.questions.totals import totals
from reports.url.asking import Asked, answered
from reports.url.links import Link
from reports.url.periods import Period, Window
from reports.url.report_query import ReportQuery
from reports.url.way_out import NOWHERE, way_out


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
    found = await answered(deps, view, lambda asked: _head(view, asked), *others_of(view))
    way = await way_out(ReportQuery(deps), view, bool(found.now.visits))
    return replace(found, way=way)


async def _head(view: View, asked: Asked) -> Head:
    (now, scope), before, chart = await asyncio.gather(
        _now(view, asked), _before(view, asked), chart_over_time(view.period, view.metric, asked)
    )
    return Head(now, before, chart, asked, scope)


async def _now(view: View, asked: Asked) -> tuple[Totals, Scope]:
    kept: list[Scope] = []

    async def figures() -> pd.DataFrame:
        kept.append(await kept_of(view, asked))
        return await asked.ask(totals, kept[0])

    return await totals_with_engaged(asked, figures()), kept[0]


async def kept_of(view: View, asked: Asked) -> Scope:
    """Return the period's scope with what its open part adds to all that the page lists."""
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


def others_of(view: View) -> list[Window]:
    """Return the windows that the overview asks about beside the period itself."""
    return [window for window in (view.period.before,) if window]

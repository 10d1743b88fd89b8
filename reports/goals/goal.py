"""The page of one goal: who reached it over time, and of whom."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.store.ledger.goals import Goal, GoalBook
from askfirst.store.warehouse.filters.conditions import GOAL, GOAL_OPERATORS, Condition
from askfirst.store.warehouse.logical.scope import raw
from reports.authentication.sessions import Session
from reports.charts.line_chart import Chart, chart_of
from reports.dependencies import Dependencies
from reports.figures.figures import cut_steps, steps_of
from reports.figures.over_time import with_days
from reports.filters.bar import FilterBar, filter_bar
from reports.goals.breakdowns import CARD_ROWS, Breakdown, converted, converted_before, of_everybody
from reports.goals.deeds import ICONS, fault_of_goal, how
from reports.goals.figures import Reached, changed
from reports.goals.goal_list import GoalListHandler
from reports.goals.goals import TAB, matchers_of, reached_of_window
from reports.http.row_numbers import number_in_path
from reports.overview.dimensions import GROUPS, chosen_tabs, untold_of
from reports.questions.goals.goal_over_time import goal_over_time
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import (
    Link,
    PeriodNav,
    charted_words,
    compared_words,
    grain_links,
    period_nav,
)
from reports.url.periods import Window
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view
from reports.url.steps import buckets, facing, shifts
from reports.url.way_out import way_out


@dataclass(frozen=True)
class GoalPage:
    """`goal.html`: one goal in a period, over time and by every breakdown."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days that it is compared with, in words; '' where nothing is compared."""
    charted: str
    """The same of the chart, where these days are whole."""
    against: str
    """What these days are called, such as `period before`."""
    name: str
    """The name of the goal."""
    how: str
    """What it asks for, in words."""
    what_icon: str
    """The icon of that."""
    fault: str
    """Why it is not counted, or ''."""
    reached: Reached
    """Its figures in the period."""
    visitors: int
    """All visitors of the period."""
    chart: Chart | None
    """Visitors who reached it over time; None where it is not counted."""
    grains: tuple[Link, ...]
    """The steps of the chart to choose from."""
    cards: tuple[Breakdown, ...]
    """The breakdowns."""
    way: Link
    """What to do next where one has no row; its fields may be ''."""
    visits: Mapping[str, str]
    """The overview of the visits that reached it, and of the others: by operator."""
    back: str
    """The address of all goals with the same period and filters."""
    edit: str
    """The address of its form."""
    zone: str
    """The site's time zone."""


@dataclass(frozen=True)
class _Found:
    reached: Reached
    visitors: int
    chart: Chart
    cards: tuple[Breakdown, ...]


class GoalHandler:
    """Serves `/sites/KEY/goals/NUMBER`, or with `?show=` every row of one breakdown."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._book = GoalBook(deps.ledger, deps.clock)
        self._list = GoalListHandler(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        path = "/sites/{key}/goals/{number}"
        return [Route(path, self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        number = number_in_path(request)
        path, cards = f"/goals/{number}", tuple(GROUPS)
        view = await read_report_view(self._query, request, path, ("by", *cards))
        goal = (await self._book.of(view.site.id)).goal(number)
        if goal is None:
            raise NotFound("There is no such goal.")
        fault = fault_of_goal(goal, view.site)
        if "show" in request.query_params and not fault:
            return await self._list.page(request, session, view, goal)
        tabs = tuple(chosen_tabs(request.query_params, untold_of(view.site)).values())
        found = None if fault else await self._found(view, goal, tabs)
        context = GoalPage(
            shell=view.shell(session, goal.name, TAB),
            nav=period_nav(view.address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=compared_words(view.period),
            charted=charted_words(view.period),
            against=view.period.against_words,
            name=goal.name,
            how=how(goal.deed),
            what_icon=ICONS[goal.deed.what],
            fault=fault,
            reached=found.reached if found else Reached(),
            visitors=found.visitors if found else 0,
            chart=found.chart if found else None,
            grains=grain_links(view.address, view.period),
            cards=found.cards if found else (),
            way=await way_out(self._query, view, bool(found and found.visitors)),
            visits={one: _visits(view, goal, one) for one in GOAL_OPERATORS},
            back=view.beside("/goals").with_(),
            edit=f"/sites/{view.site.key}/goals/{goal.id}/edit",
            zone=view.site.time_zone,
        )
        return self._deps.pages.page("reports/goals/goal.html", context)

    async def _found(self, view: ReportView, goal: Goal, tabs: tuple[str, ...]) -> _Found:
        period = view.period
        others = [window for window in (period.before,) if window]

        async def answer(asked: Asked) -> _Found:
            now, visitors = await reached_of_window(asked, (goal,), period.window)
            reached = now[0]
            if period.compared:
                before, _ = await reached_of_window(asked, (goal,), period.compared)
                reached = changed(reached, before[0])
            chart = await goal_chart(view, goal, asked)
            every = await of_everybody(asked, tabs, CARD_ROWS)
            earlier = await converted_before(self._deps, view, goal, every)
            cards = await converted(view, goal, asked, every, earlier)
            return _Found(reached, visitors, chart, cards)

        return await answered(self._deps, view, answer, *others)


def _visits(view: ReportView, goal: Goal, operator: str) -> str:
    """Return the overview of the visits that reached a goal, or of those that did not."""
    overview, number = replace(view, address=view.beside("")), (str(goal.id),)
    held = view.segment.conditions
    others = tuple(one for one in held if (one.column, one.values) != (GOAL, number))
    conditions = (*others, Condition(GOAL, operator, number))
    return overview.filtered(replace(view.segment, conditions=conditions))


async def goal_chart(view: ReportView, goal: Goal, asked: Asked) -> Chart:
    """Ask for the visitors who reached a goal in each step of time, and draw them."""
    period = view.period
    windows = [period.window] if period.before is None else [period.window, period.before]
    now, *before = await asyncio.gather(
        *(_over_time(view, goal, asked, window) for window in windows)
    )
    keys = [buckets(window, period.zone, period.by) for window in windows]
    both = (keys[0], facing(keys[0], keys[1], period.by) if before else ())
    steps = steps_of(now, before[0] if before else None, both, "visitors", period.local_now)
    whole = cut_steps(steps, period.by, (period.first, period.last), period.local_now)
    told = with_days(whole, period, keys[1] if before else (), "visitors")
    return chart_of("Visitors who reached it", told, period.by, period.local_now.date())


async def _over_time(view: ReportView, goal: Goal, asked: Asked, window: Window) -> pd.DataFrame:
    by, zone = view.period.by, view.period.zone
    (matcher,) = matchers_of((goal,))
    scope = raw(asked.scope(window))
    return await asked.ask(goal_over_time, scope, matcher, by, shifts(window, zone, by))

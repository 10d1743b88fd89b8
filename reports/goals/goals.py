"""The list of a site's goals, each with the visitors who reached it."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.store.ledger.goals import Goal, GoalBook
from askfirst.store.warehouse.logical.scope import raw
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.figures.figures import totals_of
from reports.filters.bar import FilterBar, filter_bar
from reports.goals.deeds import ICONS, fault_of_goal, how
from reports.goals.figures import Reached, changed, reached_of
from reports.http.outcome import outcome_of
from reports.questions.goals.goal_totals import goal_amounts, goal_totals
from reports.questions.goals.matchers import Matcher, matcher_of
from reports.questions.totals import totals
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import PeriodNav, compared_words, period_nav
from reports.url.periods import Window
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

TAB = "goals"


@dataclass(frozen=True)
class GoalRow:
    """A goal in the list; `fault` says why it is not counted, or is ''."""

    name: str
    how: str
    icon: str
    href: str
    reached: Reached
    part: float
    """The length of its bar, in per cent of the largest share."""
    fault: str
    edit: str


@dataclass(frozen=True)
class GoalsPage:
    """`goals.html`: the goals of a site with who reached them in a period."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days of the period before, in words; '' where nothing is compared."""
    rows: tuple[GoalRow, ...]
    """The goals, by name."""
    visitors: int
    """All visitors of the period, of whom conversion is a share."""
    has_values: bool
    """Whether a goal has a value."""
    funnels_href: str
    """The address of the funnels, with the same period and filters."""
    said: str
    """What was done just now, or ''."""


SAID = {
    "saved": "The goal is saved. It counts backwards, too.",
    "deleted": (
        "The goal is deleted. Funnels that had it as a step still ask for the same; segments that"
        " asked for it end."
    ),
}


class GoalsHandler:
    """Serves `/sites/KEY/goals`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._book = GoalBook(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        return [Route("/sites/{key}/goals", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_report_view(self._query, request, "/goals")
        plans = await self._book.of(view.site.id)
        counted = tuple(one for one in plans.goals if not fault_of_goal(one, view.site))
        found, visitors = await reached_in(self._deps, view, counted)
        by_id = {goal.id: one for goal, one in zip(counted, found, strict=True)}
        most = max((one.conversion or 0 for one in found), default=0) or 1
        context = GoalsPage(
            shell=view.shell(session, "Goals", TAB),
            nav=period_nav(view.address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=compared_words(view.period),
            rows=tuple(_row(view, goal, by_id.get(goal.id), most) for goal in plans.goals),
            visitors=visitors,
            has_values=any(goal.value_from for goal in plans.goals),
            funnels_href=view.beside("/goals/funnels").with_(),
            said=SAID.get(outcome_of(request, "done"), ""),
        )
        return self._deps.pages.page("reports/goals/goals.html", context)


def _row(view: ReportView, goal: Goal, reached: Reached | None, most: float) -> GoalRow:
    found = reached or Reached()
    return GoalRow(
        name=goal.name,
        how=how(goal.deed),
        icon=ICONS[goal.deed.what],
        href=view.beside(f"/goals/{goal.id}").with_(),
        reached=found,
        part=round(100 * (found.conversion or 0) / most, 1),
        fault="" if reached else fault_of_goal(goal, view.site),
        edit=f"/sites/{view.site.key}/goals/{goal.id}/edit",
    )


async def reached_in(
    deps: Dependencies, view: ReportView, goals: tuple[Goal, ...]
) -> tuple[tuple[Reached, ...], int]:
    """Return what was reached of goals in a view's period, and how many visitors there were."""
    compared = view.period.compared

    async def answer(asked: Asked) -> tuple[tuple[Reached, ...], int]:
        now, visitors = await reached_of_window(asked, goals, view.period.window)
        if compared is None:
            return now, visitors
        before, _ = await reached_of_window(asked, goals, compared)
        return tuple(changed(*both) for both in zip(now, before, strict=True)), visitors

    return await answered(deps, view, answer, *([compared] if compared else []))


async def reached_of_window(
    asked: Asked, goals: tuple[Goal, ...], window: Window
) -> tuple[tuple[Reached, ...], int]:
    """Return what was reached of goals in a window, and how many visitors there were."""
    scope, matchers = asked.scope(window), matchers_of(goals)
    if not goals:
        return (), totals_of(await asked.ask(totals, scope)).visitors
    paid = any(goal.value_from == "event" for goal in goals)
    everybody, found, *amounts = await asyncio.gather(
        asked.ask(totals, scope),
        asked.ask(goal_totals, raw(scope), matchers),
        *([asked.ask(goal_amounts, raw(scope), matchers)] if paid else []),
    )
    visitors = totals_of(everybody).visitors
    return reached_of(goals, found, visitors, amounts[0] if amounts else None), visitors


def matchers_of(goals: tuple[Goal, ...]) -> tuple[Matcher, ...]:
    """Return what goals ask for, as questions take it."""
    return tuple(matcher_of(goal.deed) for goal in goals)

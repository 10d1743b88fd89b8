"""The visitors behind a step of a funnel: those who did it as their last."""

import asyncio
from dataclasses import dataclass

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.store.ledger.goals import GoalBook
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.goals.asking import find_chosen, keep_chosen, walks_through
from reports.goals.deeds import step_name
from reports.goals.funnels import fault_of_funnel, matchers_of_steps
from reports.goals.goals import TAB
from reports.http.row_numbers import number_in_path
from reports.questions.visitors import visitors
from reports.shell import Shell
from reports.staff.click_guard import only_by_own_click
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import PeriodNav, period_nav
from reports.url.report_query import ReportQuery, page_number
from reports.url.report_view import read_report_view
from reports.visitors.disclosures import LISTED, Disclosures
from reports.visitors.visitor_list import DayOfVisitors, days_of, everybody_of

LIST_ROWS = 50


@dataclass(frozen=True)
class FunnelVisitorsPage:
    """`funnel_visitors.html`: the visitors who went as far as one step of a funnel."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    funnel: str
    """The name of the funnel."""
    step: str
    """What the step is called."""
    next_step: str
    """What the step is called that they did not do; '' where it was the last."""
    days: tuple[DayOfVisitors, ...]
    """The visitors of this page, by the day on which they were last seen."""
    base: str
    """The address below which each visitor's page lies."""
    everybody: int
    """How many visitors there are in all."""
    zone: str
    """The site's time zone."""
    back: str
    """The address of the funnel."""
    newer: str
    """The address of the page before, or ''."""
    older: str
    """The address of the page after, or ''."""


class FunnelVisitorsHandler:
    """Serves `/sites/KEY/goals/funnels/NUMBER/visitors?step=`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._book = GoalBook(deps.ledger, deps.clock)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        page = self._guard.page(only_by_own_click(self._deps, self._page))
        return [Route("/sites/{key}/goals/funnels/{number}/visitors", page, methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        number, page = number_in_path(request), page_number(request)
        path = f"/goals/funnels/{number}/visitors"
        view = await read_report_view(self._query, request, path, ("step",))
        site, plans = view.site, await self._book.of(view.site.id)
        funnel = plans.funnel(number)
        if funnel is None or fault_of_funnel(funnel, plans, site):
            raise NotFound("There is no such funnel.")
        step = _step_number(request)
        if not 1 <= step <= len(funnel.steps):
            raise NotFound("There is no such step. It may have been taken away since.")
        steps, offset = matchers_of_steps(funnel, plans), (page - 1) * LIST_ROWS

        def find(asked: Asked) -> pd.DataFrame:
            scope = asked.scope()
            walks = walks_through(asked.page, scope, steps, funnel.within_ms)
            keep_chosen(asked.page, walks.lost_after(step))
            return asked.page.ask(visitors, find_chosen(asked.page, scope), LIST_ROWS + 1, offset)

        async def answer(asked: Asked) -> pd.DataFrame:
            return await asyncio.to_thread(find, asked)

        frame = await answered(self._deps, view, answer)
        more, shown = len(frame) > LIST_ROWS, frame.head(LIST_ROWS)
        ids = [str(visitor) for visitor in shown["visitor_id"]]
        known = await self._disclosures.disclose(site.id, ids, session.email, LISTED)
        names = [step_name(one, plans) for one in funnel.steps]
        address = view.address
        context = FunnelVisitorsPage(
            shell=view.shell(session, f"Visitors · {funnel.name}", TAB),
            nav=period_nav(address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            funnel=funnel.name,
            step=names[step - 1],
            next_step=names[step] if step < len(names) else "",
            days=days_of(shown, known, site.time_zone, view.period.now),
            base=f"/sites/{site.key}/visitors",
            everybody=everybody_of(frame) or 0,
            zone=site.time_zone,
            back=view.beside("/goals/funnels").with_(funnel=str(number)),
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if more else "",
        )
        return self._deps.pages.page("reports/goals/funnel_visitors.html", context)


def _step_number(request: Request) -> int:
    text = request.query_params.get("step", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0

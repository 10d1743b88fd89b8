"""The page with every row of one breakdown of a goal, such as all pages or all countries."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from askfirst.store.ledger.goals import Goal
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import FilterBar, filter_bar
from reports.goals.breakdowns import Breakdown, converted, converted_before, of_everybody
from reports.goals.goals import TAB
from reports.overview.dimensions import choices_of, dimension_of
from reports.shell import Shell
from reports.url.asking import Asked, answered
from reports.url.links import Link, PeriodNav, compared_words, period_nav
from reports.url.report_query import page_number
from reports.url.report_view import ReportView

LIST_ROWS = 100


@dataclass(frozen=True)
class GoalListPage:
    """`goal_list.html`: every row of one breakdown of a goal, a page at a time."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days that it is compared with, in words; '' where nothing is compared."""
    name: str
    """The name of the goal."""
    title: str
    """The title of the list."""
    choices: tuple[Link, ...]
    """Links to the lists that belong together, such as those of campaigns; or none."""
    card: Breakdown
    """The rows of this page."""
    first_row: int
    """The number of the first row on this page, from 1."""
    back: str
    """The address of the goal with the same choices."""
    newer: str
    """The address of the rows before these, or ''."""
    older: str
    """The address of the rows after these, or ''."""


class GoalListHandler:
    """Serves `/sites/KEY/goals/NUMBER?show=LIST`, which the handler of the goal passes on."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def page(
        self, request: Request, session: Session, view: ReportView, goal: Goal
    ) -> Response:
        """Answer with the page; raises `NotFound` for a list that does not exist."""
        dimension, page = dimension_of(request.query_params["show"]), page_number(request)
        key, offset, back = dimension.key, (page - 1) * LIST_ROWS, view.address.with_()
        view = view.keeping(show=key)

        async def answer(asked: Asked) -> tuple[tuple[Breakdown, ...], bool]:
            every = await of_everybody(asked, (key,), LIST_ROWS + 1, offset)
            more = len(every[key]) > LIST_ROWS
            every = {key: every[key].head(LIST_ROWS)}
            earlier = await converted_before(self._deps, view, goal, every)
            return await converted(view, goal, asked, every, earlier), more

        (card,), more = await answered(self._deps, view, answer)
        context = GoalListPage(
            shell=view.shell(session, f"{dimension.title} · {goal.name}", TAB),
            nav=period_nav(view.address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=compared_words(view.period),
            name=goal.name,
            title=dimension.title,
            choices=tuple(
                Link(words, view.address.with_(show=one, page=None), one == key)
                for one, words in choices_of(key).items()
            ),
            card=card,
            first_row=offset + 1,
            back=back,
            newer=view.address.with_(page=str(page - 1)) if page > 1 else "",
            older=view.address.with_(page=str(page + 1)) if more else "",
        )
        return self._deps.pages.page("reports/goals/goal_list.html", context)

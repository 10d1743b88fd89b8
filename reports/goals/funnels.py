"""The funnels of a site: how many visitors go from step to step, and where they are lost."""

import asyncio
from dataclasses import dataclass

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.goals import Funnel, GoalBook, Plans
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.figures.figures import change_of
from reports.filters.bar import FilterBar, filter_bar
from reports.goals.asking import walks_through
from reports.goals.deeds import ICONS, fault_of_deed, how, step_name
from reports.goals.goals import TAB
from reports.goals.walks import Walks
from reports.http.outcome import outcome_of
from reports.questions.goals.matchers import Matcher, matcher_of
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import Link, PeriodNav, compared_words, period_nav
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@dataclass(frozen=True)
class ShownStep:
    """A step with its visitors, and the loss after it; `share` is of the first step.

    `lost_share` is of those who did this step. `mean` and `median` are the seconds that it took
    from the step before, None where nobody did.
    """

    name: str
    how: str
    icon: str
    visitors: int
    share: float
    mean: float | None
    median: float | None
    lost: int
    lost_share: float
    lost_href: str
    is_worst: bool


@dataclass(frozen=True)
class FunnelsPage:
    """`funnels.html`: one funnel of a site in a period, and the way to the others."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    compared: str
    """The days of the period before, in words; '' where nothing is compared."""
    goals_href: str
    """The address of the goals, with the same period and filters."""
    funnels: tuple[Link, ...]
    """The funnels of the site, of which one is shown."""
    name: str
    """The name of the funnel that is shown; '' where there is none."""
    within: str
    """Within which time it is gone through, in words."""
    fault: str
    """Why it is not counted, or ''."""
    steps: tuple[ShownStep, ...]
    """Its steps."""
    all_the_way: float | None
    """The share of those who began that went all the way."""
    change_points: float | None
    """Its change since the period before, in points."""
    median: float | None
    """How many seconds half of those who went all the way took for it at most."""
    all_href: str
    """The address of the visitors who went all the way."""
    edit: str
    """The address of the funnel's form."""
    new: str
    """The address of the form for a new funnel."""
    said: str
    """What was done just now, or ''."""


SAID = {
    "saved": "The funnel is saved. It counts backwards, too.",
    "deleted": "The funnel is deleted.",
}


class FunnelsHandler:
    """Serves `/sites/KEY/goals/funnels`; `?funnel=` chooses one."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._book = GoalBook(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        path = "/sites/{key}/goals/funnels"
        return [Route(path, self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_report_view(self._query, request, "/goals/funnels", ("funnel",))
        plans = await self._book.of(view.site.id)
        funnel = chosen_funnel(request, plans)
        fault = fault_of_funnel(funnel, plans, view.site) if funnel else ""
        now, before = None, None
        if funnel and not fault:
            now, before = await self._walks(view, funnel, plans)
        steps = shown_steps(view, funnel, plans, now) if funnel and now else ()
        share = _all_the_way(now, len(steps)) if now else None
        was = _all_the_way(before, len(steps)) if before else None
        site = f"/sites/{view.site.key}/goals/funnels"
        context = FunnelsPage(
            shell=view.shell(session, funnel.name if funnel else "Funnels", TAB),
            nav=period_nav(view.address, view.period, compares=True),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            compared=compared_words(view.period),
            goals_href=view.beside("/goals").with_(),
            funnels=tuple(
                Link(one.name, view.address.with_(funnel=str(one.id)), one == funnel)
                for one in plans.funnels
            ),
            name=funnel.name if funnel else "",
            within=within_words(funnel.within_ms) if funnel else "",
            fault=fault,
            steps=steps,
            all_the_way=share,
            change_points=change_of("share", share, was),
            median=_median_of_all(now, len(steps)) if now else None,
            all_href=_lost_href(view, funnel, len(steps)) if funnel else "",
            edit=f"{site}/{funnel.id}/edit" if funnel else "",
            new=f"{site}/new",
            said=SAID.get(outcome_of(request, "done"), ""),
        )
        return self._deps.pages.page("reports/goals/funnels.html", context)

    async def _walks(
        self, view: ReportView, funnel: Funnel, plans: Plans
    ) -> tuple[Walks, Walks | None]:
        steps, compared = matchers_of_steps(funnel, plans), view.period.compared

        async def answer(asked: Asked) -> tuple[Walks, Walks | None]:
            windows = (view.period.window, *([compared] if compared else []))
            # One after the other: both keep a relation of the same name for the page.
            found = [
                await asyncio.to_thread(
                    walks_through, asked.page, asked.scope(window), steps, funnel.within_ms
                )
                for window in windows
            ]
            return found[0], found[1] if compared else None

        return await answered(self._deps, view, answer, *([compared] if compared else []))


def chosen_funnel(request: Request, plans: Plans) -> Funnel | None:
    """Return the funnel that an address chooses, else the first; raises `NotFound`."""
    text = request.query_params.get("funnel")
    if text is None:
        return plans.funnels[0] if plans.funnels else None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if (funnel := plans.funnel(number)) is None:
        raise NotFound("There is no such funnel.")
    return funnel


def matchers_of_steps(funnel: Funnel, plans: Plans) -> tuple[Matcher, ...]:
    """Return what the steps of a funnel ask for, as questions take it."""
    return tuple(matcher_of(plans.deed(step)) for step in funnel.steps)


def fault_of_funnel(funnel: Funnel, plans: Plans, site: Site) -> str:
    """Return why a stored funnel is not counted any more, as a sentence; '' where it is."""
    for number, step in enumerate(funnel.steps, start=1):
        if fault := fault_of_deed(plans.deed(step), site):
            return f"Step {number}: {fault}"
    return ""


def within_words(within_ms: int) -> str:
    """Write the time within which a funnel is gone through."""
    if not within_ms:
        return "within one visit"
    number, unit = (
        (within_ms // DAY_MS, "day") if within_ms % DAY_MS == 0 else (within_ms // HOUR_MS, "hour")
    )
    return f"within {number} {unit}{'' if number == 1 else 's'}"


def shown_steps(
    view: ReportView, funnel: Funnel, plans: Plans, walks: Walks
) -> tuple[ShownStep, ...]:
    """Build the steps of a funnel from the walks through it."""
    count = len(funnel.steps)
    counts = [walks.reached(number) for number in range(1, count + 1)] + [0]
    losses = [counts[n] - counts[n + 1] for n in range(count - 1)] + [0]
    shares = [lost / max(1, here) for lost, here in zip(losses, counts, strict=False)]
    worst = _worst(shares, losses)
    return tuple(
        ShownStep(
            name=step_name(step, plans),
            how=how(plans.deed(step)),
            icon=ICONS[plans.deed(step).what],
            visitors=counts[n],
            share=counts[n] / max(1, counts[0]),
            mean=_seconds(walks, n + 1, np.mean),
            median=_seconds(walks, n + 1, np.median),
            lost=losses[n],
            lost_share=shares[n],
            lost_href=_lost_href(view, funnel, n + 1),
            is_worst=n == worst,
        )
        for n, step in enumerate(funnel.steps)
    )


def _worst(shares: list[float], losses: list[int]) -> int | None:
    """Return the loss that is marked: the largest share behind the first step, of three or more.

    Most visitors never begin, so what is lost after the first step says little.
    """
    later = [n for n in range(1, len(shares) - 1) if losses[n]]
    return max(later, key=lambda n: shares[n]) if len(later) > 1 else None


def _seconds(walks: Walks, step: int, middle: object) -> float | None:
    if step == 1 or not callable(middle):
        return None
    waits = walks.waits(step)
    return float(middle(waits)) / 1000 if len(waits) else None


def _median_of_all(walks: Walks, count: int) -> float | None:
    gone = walks.depth >= count
    if not gone.any():
        return None
    return float(np.median(walks.times[count - 1][gone] - walks.times[0][gone])) / 1000


def _all_the_way(walks: Walks, count: int) -> float | None:
    began = walks.reached(1)
    return walks.reached(count) / began if began else None


def _lost_href(view: ReportView, funnel: Funnel, step: int) -> str:
    lost = view.beside(f"/goals/funnels/{funnel.id}/visitors")
    return lost.with_(step=str(step))

"""All sites beside each other: the figures of a period of each, with changes, and their sums."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import Malformed, Unavailable
from askfirst.sites import Site
from askfirst.store.warehouse.filters.conditions import Segment
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.figures.figures import Headline, Totals, headlines_of, totals_of
from reports.questions.totals import totals
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.links import Address, PeriodNav, compared_words, period_nav, period_query
from reports.url.periods import Period
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView

_AT_ONCE = 3
_FIGURES = ("visitors", "visits", "views", "bounce_rate")


@dataclass(frozen=True)
class SiteFigures:
    """A site with its figures; none where the warehouse cannot be asked or its days are to come."""

    name: str
    href: str
    """The address of its overview, with the same period."""
    figures: tuple[Headline, ...]
    part: float
    """The length of its bar in per cent of that of the site with most visitors."""


@dataclass(frozen=True)
class AcrossPage:
    """`across.html`: the figures of all sites."""

    shell: Shell
    nav: PeriodNav | None
    """The choice of the period; None where there is no site."""
    compared: str
    """The days that changes are against, in words; '' where nothing is compared."""
    sites: tuple[SiteFigures, ...]
    """The sites, those with most visitors first."""
    together: tuple[Headline, ...]
    """The sums of all sites; that of visitors is not shown, because it is not one of people."""
    labels: tuple[str, ...]
    """The headings of the figures."""


@dataclass(frozen=True)
class _Counted:
    site: Site
    now: Totals
    before: Totals | None


class AcrossHandler:
    """Serves `/across`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the page."""
        return [Route("/across", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        sites, turns = self._deps.book.all(), asyncio.Semaphore(_AT_ONCE)
        period = await self._query.period(request, sites[0]) if sites else None
        chosen = period_query(period, request.query_params) if period else {}
        address = Address("/across", chosen)

        async def counted(site: Site) -> _Counted | None:
            async with turns:
                return await self._counted(request, site)

        found = await asyncio.gather(*map(counted, sites))
        told = [one for one in found if one]
        all_told = bool(told) and all(one.before for one in told)
        weight = period.weight if period else 1.0
        context = AcrossPage(
            shell=Shell("All sites", session.email, session.csrf, tab="across"),
            nav=period_nav(address, period, compares=True) if period else None,
            compared=compared_words(period) if period else "",
            sites=_rows(told, chosen, weight) + _untold(sites, found, chosen),
            together=_shown(together(told), all_told, weight),
            labels=tuple(one.label for one in _shown((_NOTHING, None), False, weight)),
        )
        return self._deps.pages.page("reports/sites/across.html", context)

    async def _counted(self, request: Request, site: Site) -> _Counted | None:
        """Return the totals of a site's days; they are those of its own clocks."""
        try:
            period = await self._query.period(request, site)
            view = ReportView(site, period, Segment(), Address(""))
            now, before = await answered(self._deps, view, lambda asked: _totals(asked, period))
        except (Malformed, Unavailable):  # days that have not come there, or no answer
            return None
        return _Counted(site, now, before)


async def _totals(asked: Asked, period: Period) -> tuple[Totals, Totals | None]:
    now = totals_of(await asked.ask(totals, asked.scope()))
    if period.compared is None:
        return now, None
    return now, totals_of(await asked.ask(totals, asked.scope(period.compared)))


_NOTHING = Totals(0, 0, 0, None, None, None)


def together(found: Sequence[_Counted]) -> tuple[Totals, Totals | None]:
    """Return the sums of sites, now and before."""
    before = [one.before for one in found if one.before]
    return summed([one.now for one in found]), summed(before) if before else None


def summed(every: Sequence[Totals]) -> Totals:
    """Return the sums of totals; a share is that of the sums."""
    visits, views = sum(one.visits for one in every), sum(one.views for one in every)
    bounces = sum((one.bounce_rate or 0.0) * one.visits for one in every)
    visitors = sum(one.visitors for one in every)
    return Totals(visitors, visits, views, None, bounces / visits if visits else None, None)


def _shown(
    pair: tuple[Totals, Totals | None], compares: bool, weight: float
) -> tuple[Headline, ...]:
    now, before = pair
    every = headlines_of(now, before if compares else None, weight)
    return tuple(one for one in every if one.key in _FIGURES)


def _rows(
    found: Sequence[_Counted], chosen: dict[str, str], weight: float
) -> tuple[SiteFigures, ...]:
    ordered = sorted(found, key=lambda one: (-one.now.visitors, one.site.name.casefold()))
    most = max((one.now.visitors for one in found), default=0)
    return tuple(
        SiteFigures(
            name=one.site.name,
            href=_href(one.site, chosen),
            figures=_shown((one.now, one.before), one.before is not None, weight),
            part=round(100 * one.now.visitors / most, 1) if most else 0.0,
        )
        for one in ordered
    )


def _untold(
    sites: Sequence[Site], found: Sequence[_Counted | None], chosen: dict[str, str]
) -> tuple[SiteFigures, ...]:
    pairs = zip(sites, found, strict=True)
    return tuple(SiteFigures(s.name, _href(s, chosen), (), 0.0) for s, one in pairs if one is None)


def _href(site: Site, chosen: dict[str, str]) -> str:
    return Address(f"/sites/{site.key}", chosen).with_()

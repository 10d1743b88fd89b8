"""The overview of a site and its longer lists."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.charts.line_chart import Chart, chart_of
from reports.choices.figures import ChoiceRow, frame_of, total_of
from reports.choices.tally import tally_rows
from reports.dependencies import Dependencies
from reports.figures.consent_rate import consent_rate_of, recorded_views
from reports.figures.figures import (
    Totals,
    cut_steps,
    headlines_of,
    rows_of,
    scanned,
    steps_of,
    totals_of,
)
from reports.overview.answers import answers_of
from reports.overview.contexts import Card, ListPage, OverviewPage, TabbedCard
from reports.overview.lists import GROUPS, LISTS, SCANNED, ListOf, chosen_tabs, list_named
from reports.query.links import Address, Link, dates_of, grain_links, period_nav, period_query
from reports.query.periods import Period
from reports.query.report_query import ReportQuery, page_number, scope_of
from reports.query.steps import buckets, shifts
from reports.questions.arrivals import arrivals
from reports.questions.attributes import attributes
from reports.questions.over_time import over_time
from reports.questions.scope import Scope
from reports.questions.totals import totals
from reports.shell import Shell
from reports.staff.guard import Guard

CARD_ROWS = 8
LIST_ROWS = 100
METRICS = {"visitors": "Visitors", "visits": "Visits", "views": "Page views"}


@dataclass(frozen=True)
class View:
    """What a request to the overview chose."""

    site: Site
    period: Period
    metric: str
    tabs: Mapping[str, str]
    address: Address

    @property
    def scope(self) -> Scope:
        """The events of the period."""
        return scope_of(self.site, self.period.window)


class Dashboard:
    """Serves `/sites/KEY`: the overview, or with `?show=` one list in full."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the route of the overview."""
        return [Route("/sites/{key}", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await self._view(request)
        if (key := request.query_params.get("show")) is not None:
            return await self._list(view, session, list_named(key), page_number(request))
        return await self._overview(view, session)

    async def _view(self, request: Request) -> View:
        site, query = self._query.site(request), request.query_params
        period = await self._query.period(request, site)
        metric = query.get("metric", "visitors")
        if metric not in METRICS:
            raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
        kept = ("by", "metric", *GROUPS)
        chosen = {name: query[name] for name in kept if name in query}
        address = Address(f"/sites/{site.key}", {**period_query(period, query), **chosen})
        return View(site, period, metric, chosen_tabs(query), address)

    async def _overview(self, view: View, session: Session) -> Response:
        figures, chart, frames, tally, whole, recorded = await asyncio.gather(
            self._totals(view),
            self._chart(view),
            self._frames(view),
            self._tally(view),
            self._choices(view),
            recorded_views(self._query, view.site, view.period),
        )
        now, before = figures
        context = OverviewPage(
            shell=_shell(view, session, "Overview"),
            nav=period_nav(view.address, view.period),
            compared=_compared(view.period),
            headlines=headlines_of(now, before),
            metrics=_metric_links(view),
            chart=chart,
            grains=grain_links(view.address, view.period),
            cards=_cards(view, now, frames),
            coverage=consent_rate_of(whole.loaded, recorded, whole.ignored),
            answers=answers_of(whole),
            choices_href=Address(f"{view.address.path}/choices", _of_period(view)).with_(),
            tally=tally_rows(tally),
            check_href=f"{view.address.path}/consent-check",
            zone=view.site.time_zone,
            is_empty=now.visits == 0,
        )
        return self._deps.pages.page("reports/overview/overview.html", context)

    async def _totals(self, view: View) -> tuple[Totals, Totals | None]:
        compared = view.period.compared
        now = self._query.ask(totals, view.scope)
        if compared is None:
            return totals_of(await now), None
        before = self._query.ask(totals, scope_of(view.site, compared))
        frames = await asyncio.gather(now, before)
        return totals_of(frames[0]), totals_of(frames[1])

    async def _chart(self, view: View) -> Chart:
        period = view.period
        windows = [period.window] if period.before is None else [period.window, period.before]
        asked = [
            self._query.ask(
                over_time,
                scope_of(view.site, window),
                period.by,
                shifts(window, period.zone, period.by),
            )
            for window in windows
        ]
        now, *before = await asyncio.gather(*asked)
        keys = [buckets(window, period.zone, period.by) for window in windows]
        steps = steps_of(
            now,
            before[0] if before else None,
            (keys[0], keys[1] if before else ()),
            view.metric,
            period.local_now,
        )
        days = (period.first, period.last)
        whole = cut_steps(steps, period.by, days, period.local_now)
        return chart_of(METRICS[view.metric], whole, period.by, period.local_now.date())

    async def _frames(self, view: View) -> dict[str, pd.DataFrame]:
        alone = [one for one in LISTS.values() if one.key not in SCANNED]
        asked = [self._query.ask(one.question, view.scope, CARD_ROWS) for one in alone]
        *single, came, had = await asyncio.gather(
            *asked,
            self._query.ask(arrivals, view.scope, CARD_ROWS),
            self._query.ask(attributes, view.scope, CARD_ROWS),
        )
        both = pd.concat([came, had])
        found = {one.key: frame for one, frame in zip(alone, single, strict=True)}
        return found | {key: scanned(both, name) for key, name in SCANNED.items()}

    async def _tally(self, view: View) -> dict[str, int]:
        first, last = view.period.utc_days
        return await self._deps.tallies.read(view.site.id, str(first), str(last))

    async def _choices(self, view: View) -> ChoiceRow:
        """Sum up how the question fares, as the page of choices does."""
        first, last = view.period.utc_days
        counts = await self._deps.counts.read(view.site.id, str(first), str(last))
        return total_of(await asyncio.to_thread(frame_of, counts))

    async def _list(self, view: View, session: Session, one: ListOf, page: int) -> Response:
        offset = (page - 1) * LIST_ROWS
        frame, figures = await asyncio.gather(
            self._query.ask(one.question, view.scope, *one.values, LIST_ROWS + 1, offset),
            self._query.ask(totals, view.scope),
        )
        address = Address(view.address.path, {**view.address.query, "show": one.key})
        more = len(frame) > LIST_ROWS
        context = ListPage(
            shell=_shell(view, session, one.title),
            nav=period_nav(address, view.period),
            card=_card(address, one, frame.head(LIST_ROWS), totals_of(figures)),
            first_row=offset + 1,
            back=view.address.with_(),
            newer=address.with_(page=str(page - 1)) if page > 1 else "",
            older=address.with_(page=str(page + 1)) if more else "",
        )
        return self._deps.pages.page("reports/overview/list.html", context)


def _shell(view: View, session: Session, title: str) -> Shell:
    site = view.site
    return Shell(title, session.email, session.csrf, site.key, site.name, "overview")


def _of_period(view: View) -> dict[str, str]:
    names = ("period", "from", "to")
    return {name: value for name, value in view.address.query.items() if name in names}


def _compared(period: Period) -> str:
    if period.before is None:
        return ""
    same_time = ", up to the same time of day" if period.is_running else ""
    return f"{dates_of(period.previous)}{same_time}"


def _metric_links(view: View) -> dict[str, Link]:
    return {
        key: Link(text, view.address.with_(metric=key), key == view.metric)
        for key, text in METRICS.items()
    }


def _cards(view: View, now: Totals, frames: dict[str, pd.DataFrame]) -> tuple[TabbedCard, ...]:
    return tuple(
        TabbedCard(
            key=name,
            title=title,
            tabs=tuple(_tab(view, name, key) for key in keys),
            cards=tuple(_card(view.address, LISTS[key], frames[key], now) for key in keys),
        )
        for name, (title, keys) in GROUPS.items()
    )


def _tab(view: View, name: str, key: str) -> Link:
    href = f"{view.address.with_(**{name: key})}#card-{name}"
    return Link(LISTS[key].tab, href, key == view.tabs[name])


def _card(address: Address, one: ListOf, frame: pd.DataFrame, now: Totals) -> Card:
    lead = "visitors" if one.by_visitors else "amount"
    return Card(one, rows_of(frame, lead, now.visitors), address.with_(show=one.key, page=None))

"""The report that a share link opens: figures, chart and lists of one site, without an account."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.columns import Dimension
from askfirst.errors import Malformed, NotFound, TooFast
from askfirst.rate_limits import MINUTE_MS, AddressRateLimiter, Limit
from askfirst.sites import Site
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.web.accept_language import preferred_languages
from askfirst.web.ip_addresses import address_of
from reports.charts.series import Lines, lines_of, steps_of_each
from reports.dependencies import Dependencies
from reports.figures.figures import Totals, totals_of
from reports.figures.over_time import with_engaged
from reports.formatting.languages import CHOICES
from reports.formatting.readers import write_for
from reports.questions.breakdown import breakdown
from reports.questions.lists import lists as lists_of
from reports.questions.lists import shown_of
from reports.questions.totals import totals
from reports.saved.share_links import ShareLink, ShareLinks
from reports.sharing.alone import alone
from reports.sharing.closed import CLOSED, UNCOVERED, closed
from reports.sharing.hidden import (
    shared_figures,
    shared_steps,
    told,
)
from reports.sharing.share_password import PasswordHandler
from reports.sharing.shared_files import chart_file, list_file, list_links
from reports.sharing.shared_lists import SharedList, key_of_list, list_of, told_lists
from reports.sharing.shared_page import METRICS, OFFERED, Asking, SharedReportPage, frame_of
from reports.staff.guard import Guard
from reports.url.asking import Asked, answered
from reports.url.comparing import DAY
from reports.url.goal_conditions import looked_up, why_not
from reports.url.links import Address
from reports.url.periods import Period, read_period
from reports.url.report_view import ReportView

A_MINUTE = 240
"""Reports that one address, such as that of an office, may open a minute."""
GUESSES = 10
"""Secrets that open nothing, which one address may try a minute."""
CARD_ROWS, READ_ROWS, LIST_ROWS = 8, 60, 1000
_NAMES = ("period", "by", "metric", "show")


class SharedHandler:
    """Serves `/share/SECRET`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._links = ShareLinks(deps.ledger, deps.clock)
        self._password = PasswordHandler(deps, guard)
        self._opened = AddressRateLimiter(Limit(A_MINUTE, MINUTE_MS))
        self._guessed = AddressRateLimiter(Limit(GUESSES, MINUTE_MS))

    def routes(self) -> list[Route]:
        """Return the routes of the report."""
        path = "/share/{secret}"
        return [
            Route(path, self._page, methods=["GET"]),
            Route(path, self._post, methods=["POST"]),
            Route(f"{path}/files/{{name}}.{{form}}", self._list_file, methods=["GET"]),
            Route(f"{path}/chart.{{form}}", self._chart_file, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        async def shown(asked: Asking) -> Response:
            context = await (self._list(asked) if asked.show else self._report(asked))
            return self._deps.pages.page("reports/sharing/shared_report.html", context)

        return await self._opened_by(request, shown)

    async def _list_file(self, request: Request) -> Response:
        name, form = request.path_params["name"], request.path_params["form"]

        async def filed(asked: Asking) -> Response:
            _refuse_without_files(asked.link)
            one = await self._whole_list(replace(asked, show=name))
            return await list_file(self._deps, asked.view, one, form)

        return await self._opened_by(request, filed)

    async def _chart_file(self, request: Request) -> Response:
        async def filed(asked: Asking) -> Response:
            _refuse_without_files(asked.link)
            page = await self._report(asked)
            if page.lines is None:
                raise NotFound("There is no chart.")
            return await chart_file(asked.view, page.lines, request.path_params["form"])

        return await self._opened_by(request, filed)

    async def _opened_by(
        self, request: Request, answer_to: Callable[[Asking], Awaitable[Response]]
    ) -> Response:
        """Answer whoever has a link that opens, with its password if it takes one."""
        link = await self._link(request)
        site = self._site(link)
        if site is None or not link.is_open(self._deps.clock()):
            return closed(self._deps.pages, CLOSED)
        if link.password_hash and not self._password.has_passed(request, link):
            if request.scope["path"] != (page := f"/share/{request.path_params['secret']}"):
                return alone(RedirectResponse(page, 303))
            return self._password.form(request, link)
        if await asyncio.to_thread(why_not, link.segment, site, link.goals):
            return closed(self._deps.pages, UNCOVERED)
        header = request.headers.get("accept-language", "")
        write_for(preferred_languages(header), only=CHOICES)
        answer = await answer_to(self._read(request, link, site))
        await self._links.used(link)
        return alone(answer, link.embedded_in)

    async def _post(self, request: Request) -> Response:
        link = await self._link(request)
        if self._site(link) is None or not link.is_open(self._deps.clock()):
            return closed(self._deps.pages, CLOSED)
        if not link.password_hash:
            return RedirectResponse(request.scope["path"], 303)
        return await self._password.post(request, link)

    async def _link(self, request: Request) -> ShareLink:
        """Return the link of the address; raises `NotFound`, or `TooFast` for too many requests.

        A secret is looked up first and only failures count as guesses: nobody guesses 128 bits,
        and a link opens whatever was tried from its reader's address before.
        """
        _take(self._opened, request, self._deps.clock())
        link = await self._links.find(request.path_params["secret"])
        if link is None:
            _take(self._guessed, request, self._deps.clock())
            raise NotFound("There is no such report.")
        return link

    def _site(self, link: ShareLink) -> Site | None:
        return next((one for one in self._deps.book.all() if one.id == link.site_id), None)

    def _read(self, request: Request, link: ShareLink, site: Site) -> Asking:
        """Read what is asked for; raises `Malformed` for what a shared report does not offer."""
        fields, path = request.query_params, f"/share/{request.path_params['secret']}"
        if "where" in fields or "on" in fields:
            raise Malformed("A shared report takes no filters.", field="where")
        if fields.get("period", "30d") not in OFFERED:
            raise Malformed(f"The period is one of {', '.join(OFFERED)}.", field="period")
        period = _until_yesterday(fields, site.time_zone, as_datetime(self._deps.clock()))
        if period.by == "hour":
            raise Malformed("A shared report does not go by hours.", field="by")
        metric = fields.get("metric", "visitors")
        if metric not in METRICS:
            raise Malformed(f"The chart shows one of {', '.join(METRICS)}.", field="metric")
        kept = {name: fields[name] for name in _NAMES if name in fields}
        segment = looked_up(link.segment, site, link.goals)
        view = ReportView(site, period, segment, Address(path, kept))
        return Asking(link, view, metric, fields.get("show", ""))

    async def _report(self, one: Asking) -> SharedReportPage:
        view, period = one.view, one.view.period
        named = told_lists(view.site)

        async def answer(asked: Asked) -> tuple[Totals, Lines, pd.DataFrame]:
            steps, people = await steps_of_each(asked, period, (one.metric, "visitors"))
            drawn = [(METRICS[one.metric], shared_steps(steps, people))]
            figures, rows = await asyncio.to_thread(_figures_and_lists, asked, named)
            whole = await with_engaged(asked, totals_of(figures))
            return whole, lines_of(drawn, period, told), rows

        whole, lines, rows = await answered(self._deps, view, answer)
        lists = [list_of(view, of, shown_of(rows, of.number, READ_ROWS), CARD_ROWS) for of in named]
        return replace(
            frame_of(one),
            figures=shared_figures(whole),
            lines=lines,
            lists=tuple(found for found in lists if found.rows),
        )

    async def _list(self, one: Asking) -> SharedReportPage:
        back = one.view.address.with_(show=None)
        found = await self._whole_list(one)
        files = {found.key: list_links(found)} if one.link.files else {}
        return replace(frame_of(one), lists=(found,), list_files=files, back=back)

    async def _whole_list(self, one: Asking) -> SharedList:
        view = one.view
        of = next((of for of in told_lists(view.site) if key_of_list(of) == one.show), None)
        if of is None:
            raise NotFound("There is no such list.")

        async def answer(asked: Asked) -> pd.DataFrame:
            return await asked.ask(breakdown, asked.scope(), of.name, LIST_ROWS)

        frame = await answered(self._deps, view, answer)
        return list_of(view, of, frame, LIST_ROWS)


def _refuse_without_files(link: ShareLink) -> None:
    """Raise `NotFound` where a link offers no files."""
    if not link.files:
        raise NotFound("This report has no files.")


def _until_yesterday(fields: Mapping[str, str], zone: str, now: datetime) -> Period:
    """Return the period of an address as it was yesterday: its last day is over.

    While a day runs, two looks at a count that is near the next ten tell what one visitor did.
    """
    yesterday = now.astimezone(ZoneInfo(zone)).date() - DAY
    noon = datetime.combine(yesterday, time(12), ZoneInfo(zone)).astimezone(UTC)
    return replace(read_period(fields, zone, noon), now=now)


def _figures_and_lists(asked: Asked, named: list[Dimension]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask for the totals and every list; what the open part adds to them is found once."""
    names, page = tuple(of.name for of in named), asked.page
    scope = keep_opened(page, asked.scope(), ("all", *names))
    return page.ask(totals, scope), page.ask(lists_of, scope, names, READ_ROWS)


def _take(limiter: AddressRateLimiter, request: Request, now: int) -> None:
    if wait := limiter.wait_for(address_of(request) or "unknown", now):
        raise TooFast("There were too many tries. Wait a little.", retry_after=wait)

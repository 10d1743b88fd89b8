"""The page about what was not recorded: by reason and day, and what rules leave out."""

import asyncio
from dataclasses import dataclass
from functools import partial

import msgspec
import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.recording_rules import UNNAMED, read_networks
from askfirst.rules.applying import EXCLUDED
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.dependencies import AboutRule, Dependencies
from reports.formatting.rule_words import rule_words
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.not_recorded.figures import (
    DayRow,
    ReasonRow,
    Tally,
    by_rule,
    day_rows,
    reason_rows,
    refusals,
)
from reports.questions.left_out import left_out
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_query, kept_shell
from reports.url.links import Address, PeriodNav, period_nav
from reports.url.periods import Period
from reports.url.report_query import ReportQuery
from reports.url.steps import ms_of

MOST_DAYS = 400
SAVED = "saved"


@dataclass(frozen=True)
class RuleRow:
    """One rule: how many events it fitted when they came, and what of the period is kept.

    `visitors`, `visits` and `views` are what the reports have of it while it is switched off
    (`is_counted`), and what they would have if it were. `can_switch` is false where the wording
    that was accepted does not name the rule: then it is not known which it was; and of the owner's
    rules for the reports, which have a page of their own.
    """

    rule: str
    label: str
    sentence: str
    fitted: int
    events: int
    visitors: int
    visits: int
    views: int
    is_counted: bool
    can_switch: bool


@dataclass(frozen=True)
class NotRecordedPage:
    """`not_recorded.html`: what was turned away, what rules leave out, and the rules."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    kept: str
    """Period and filters as the query of an address, `?period=90d`, or ''; the forms keep it."""
    reasons: tuple[ReasonRow, ...]
    """What was turned away, by reason."""
    refused: int
    """How often something was turned away in the period."""
    left_out: int
    """How many events were recorded in the period and left out."""
    days: tuple[DayRow, ...]
    """The days on which something was not recorded, newest first."""
    rules: tuple[RuleRow, ...]
    """The rules that fitted something, or are switched off."""
    networks: str
    """The owner's networks of programs, one a line, or what was typed."""
    errors: dict[str, str]
    """What is wrong in the form, by the field's name."""
    saved: bool
    """Whether a rule was changed just now."""


class NotRecordedHandler:
    """Serves `/sites/KEY/not-recorded`, and takes the changes of its rules."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/not-recorded"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(f"{path}/rule", self._guard.action(self._switch), methods=["POST"]),
            Route(f"{path}/networks", self._guard.action(self._networks), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._query.site(request)
        return await self._shown(request, session, site, "\n".join(site.rules.networks), {})

    async def _switch(self, request: Request, session: Session, form: Form) -> Response:
        site, rule = self._deps.site(request), form.get("rule", "")
        await self._query.period(request, site)  # where it is wrong, nothing is changed
        await self._deps.count_rule(site, rule, form.get("counted") == "yes")
        return await self._saved(request, session, site)

    async def _networks(self, request: Request, session: Session, form: Form) -> Response:
        site, typed = self._deps.site(request), form.get("networks", "")
        await self._query.period(request, site)
        try:
            networks = read_networks(typed)
        except Malformed as error:
            wrong = {"networks": error.message}
            return await self._shown(request, session, site, typed, wrong)
        change = partial(msgspec.structs.replace, networks=networks)
        await self._deps.book.change_rules(site, change)
        return await self._saved(request, session, site)

    async def _saved(self, request: Request, session: Session, site: Site) -> Response:
        await self._guard.note_done(request, Act.SITE_CHANGED, session.email, site.key)
        address = _address(site, request)
        return RedirectResponse(f"{address.with_(**{SAVED: 'yes'})}#rules", 303)

    async def _shown(
        self, request: Request, session: Session, site: Site, networks: str, errors: dict[str, str]
    ) -> Response:
        query = request.query_params
        period = await self._query.period(request, site)
        tallies, found = await asyncio.gather(
            self._tallies(site, period), self._kept_by_rule(site, period)
        )
        turned_away, fitted = refusals(tallies), by_rule(tallies)
        address = _address(site, request)
        context = NotRecordedPage(
            shell=kept_shell(site, session, query, "Not recorded", "not-recorded"),
            nav=period_nav(address, period),
            kept=address.with_().removeprefix(address.path),
            reasons=reason_rows(turned_away, self._deps.about_rule),
            refused=sum(count for *_, count in turned_away),
            left_out=sum(fitted.values()),
            days=day_rows(tallies)[:MOST_DAYS],
            rules=_rule_rows(site, fitted, found, self._deps.about_rule),
            networks=networks,
            errors=errors,
            saved=bool(outcome(request, SAVED)),
        )
        page = "reports/not_recorded/not_recorded.html"
        return self._deps.pages.page(page, context, BAD_INPUT if errors else 200)

    async def _tallies(self, site: Site, period: Period) -> list[Tally]:
        first, last = period.utc_days
        return await self._deps.tallies.by_day(site.id, str(first), str(last))

    async def _kept_by_rule(self, site: Site, period: Period) -> pd.DataFrame:
        """Ask what is kept of each rule: of those that are left out, and of those that count."""
        start, end = ms_of(period.window.start), ms_of(period.window.end)
        return await self._query.ask(site, left_out, site.id, start, end)


def _address(site: Site, request: Request) -> Address:
    """Return the address of the page in a period; it keeps the filters of the other reports."""
    return Address(f"/sites/{site.key}/not-recorded", kept_query(request.query_params))


_KEPT = ("events", "visitors", "visits", "views")


def _rule_rows(
    site: Site, fitted: dict[str, int], found: pd.DataFrame, about: AboutRule
) -> tuple[RuleRow, ...]:
    kept = found.assign(rule=found["rule"].replace("", UNNAMED)).groupby("rule")[[*_KEPT]].sum()
    of_rule = {str(name): figures for name, figures in kept.to_dict("index").items()}
    names = {*fitted, *of_rule, *site.rules.counted}
    rows = [
        RuleRow(
            name,
            rule_words(name)[0],
            about(name) or rule_words(name)[1],
            fitted=fitted.get(name, 0),
            **{one: int(of_rule.get(name, {}).get(one, 0)) for one in _KEPT},
            is_counted=not site.rules.leaves_out(name),
            can_switch=name not in (UNNAMED, EXCLUDED),
        )
        for name in names
    ]
    return tuple(sorted(rows, key=lambda row: (-row.views, -row.events, -row.fitted, row.label)))

"""The page about the rules for the reports: a form, a preview of what they change, and progress."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_datetime
from askfirst.errors import Malformed
from askfirst.rules.report_rules import ReportRules
from askfirst.sites import Site
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.warehouse.ruling.asked import Asked
from askfirst.store.warehouse.ruling.preview import Preview
from askfirst.visitors import is_visitor_id
from askfirst.web.ip_addresses import address_of
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.rules.typed import Typed, digest_of, read, typed_in, typed_of
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.url.periods import read_period
from reports.url.steps import ms_of

DAYS = 30
"""The days of the preview, today included: those of the overview."""
SAVED = "saved"
_LARGE = 8
"""How many times the usual limits of a form the rules may take."""


@dataclass(frozen=True)
class RulesPage:
    """`rules.html`: the form, what its rules would change, and how far those of before are."""

    shell: Shell
    typed: Typed
    """What stands in the fields."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    keeps_whole: bool
    """Whether the wording says that addresses are kept whole."""
    own_address: str
    """The address from which the page is looked at, or ''."""
    visitors: tuple[str, ...]
    """The visitors who are left out, by their pseudonyms."""
    preview: Preview | None
    """What the rules of the form would change in `days` days, once it was asked for."""
    days: int
    digest: str
    """What names the rules that the preview is of, or ''."""
    saved: bool
    """Whether they were saved just now."""
    rewriting: bool
    """Whether stored events do not follow the rules yet."""
    done: tuple[int, int] | None
    """How many of how many events were rewritten, where that has begun."""


class RulesHandler:
    """Serves `/sites/KEY/rules`, and leaves visitors out by a button on their page."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._rules = RulesOfSites(deps.ledger, deps.book)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/rules"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, self._guard.action(self._post, _LARGE), methods=["POST"]),
            Route(f"{path}/visitor", self._guard.action(self._leave_out), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        site = self._deps.site(request)
        return self._shown(request, session, site, _Filled(typed_of(site.report_rules)))

    async def _post(self, request: Request, session: Session, form: Form) -> Response:
        """Show what the rules change, and save them where that was looked at before."""
        site, typed = self._deps.site(request), typed_in(form)
        rules, errors = read(typed, site)
        if errors:
            return self._shown(request, session, site, _Filled(typed, errors))
        if form.get("seen") == digest_of(rules) and form.get("do") == "save":
            await self._rules.save(site, rules, self._deps.clock())
            await self._guard.note_done(request, Act.SITE_CHANGED, session.email, site.key)
            return RedirectResponse(f"/sites/{site.key}/rules?{SAVED}", 303)
        found = await self._preview(site, rules)
        return self._shown(request, session, site, _Filled(typed, {}, found, digest_of(rules)))

    async def _preview(self, site: Site, rules: ReportRules) -> Preview:
        now = as_datetime(self._deps.clock())
        days = read_period({"period": f"{DAYS}d"}, site.time_zone, now).window
        asked = Asked(site.id, rules, site.left_out_visitors, site.restricted_visitors)
        preview = self._deps.warehouse.preview_rules
        return await asyncio.to_thread(preview, asked, ms_of(days.start), ms_of(days.end))

    async def _leave_out(self, request: Request, session: Session, form: Form) -> Response:
        site, visitor = self._deps.site(request), form.get("visitor", "")
        if not is_visitor_id(visitor):
            raise Malformed("Expected the pseudonym of a visitor.", field="visitor")
        left_out = form.get("left_out") == "yes"
        await self._rules.leave_out(site, visitor, self._deps.clock(), left_out=left_out)
        await self._guard.note_done(request, Act.SITE_CHANGED, session.email, site.key)
        return RedirectResponse(f"/sites/{site.key}/rules?{SAVED}#own", 303)

    def _shown(self, request: Request, session: Session, site: Site, form: "_Filled") -> Response:
        context = RulesPage(
            shell=kept_shell(site, session, request.query_params, "Rules for the reports", "rules"),
            typed=form.typed,
            errors=form.errors,
            keeps_whole=site.ip_mode == "whole",
            own_address=address_of(request),
            visitors=tuple(sorted(site.left_out_visitors)),
            preview=form.preview,
            days=DAYS,
            digest=form.digest,
            saved=bool(outcome(request, SAVED)),
            rewriting=bool(site.rules_changed_at),
            done=self._deps.rewritten(site.id),
        )
        status = BAD_INPUT if form.errors else 200
        return self._deps.pages.page("reports/rules/rules.html", context, status)


@dataclass(frozen=True)
class _Filled:
    """The form as it is shown: what was typed, what is wrong in it, or what it would change."""

    typed: Typed
    errors: Mapping[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    digest: str = ""

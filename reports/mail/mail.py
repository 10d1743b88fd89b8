"""The page about mail: which reports and alerts a member of staff gets, and what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.smtp_url import smtp_server
from askfirst.store.ledger.mail.states import GIVEN_UP, SENT, UNSURE
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.dates import local, span_of, weekday_of
from reports.formatting.readers import reader
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.mail.kinds import (
    ALERTS,
    HOUR,
    KINDS,
    LONGEST_SILENCE,
    NAMES,
    REPORTS,
    SILENT_HOURS,
)
from reports.mail.outbox import Mail, Outbox
from reports.mail.schedule import last_days
from reports.mail.subscriptions import STOPPED_BY_RESTORE, Subscription, Subscriptions
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

NO_HOURS = f"Say after how many hours, from 1 to {LONGEST_SILENCE}."
_STATES = {
    SENT: "Sent",
    UNSURE: "Probably sent",
    GIVEN_UP: "Not sent, and given up",
}
_MINUTE_MS = 60_000


@dataclass(frozen=True)
class MailLine:
    """A mail in the list: what it is, about which days, and what became of it."""

    name: str
    about: str
    state: str
    at: int
    next_at: int | None
    """When it is tried again (ms), None where it is not."""
    problem: str


@dataclass(frozen=True)
class MailPage:
    """`mail.html`: what is sent to whom and when, a button for one now, and the last mails."""

    shell: Shell
    reports: Mapping[str, str]
    """The reports in words, by name."""
    alerts: Mapping[str, str]
    """The alerts in words, by name."""
    names: Mapping[str, str]
    """What the mail of each kind is called."""
    chosen: frozenset[str]
    """Which of them are turned on."""
    hour: int
    """The hour of the day that is chosen."""
    hours: range
    """The hours to choose from."""
    silent_hours: str
    """What the field of the hours of silence holds."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    email: str
    """The address that the mail goes to."""
    zone: str
    """The site's time zone."""
    server: str
    """The mail server, by host and port; '' where none is set."""
    sender: str
    """The sender of the mail."""
    mails: tuple[MailLine, ...]
    """The last mails, the newest first."""
    stopped: tuple[str, ...]
    """The mails that the restore of a backup has stopped."""
    said: str
    """What was done just now: `saved`, `asked`, or ''."""


class MailHandler:
    """Serves `/sites/KEY/mail` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._subscriptions = Subscriptions(deps.ledger, deps.clock)
        self._outbox = Outbox(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path, action = "/sites/{key}/mail", self._guard.action
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, action(self._save), methods=["POST"]),
            Route(f"{path}/now", action(self._send_one), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session)

    async def _save(self, request: Request, session: Session, form: Form) -> Response:
        site, hour = self._deps.site(request), _whole(form.get("hour", ""), 0, 23)
        if hour is None:
            raise Malformed("The hour is a whole number from 0 to 23.", field="hour")
        silent = _whole(form.get("silent_hours", ""), 1, LONGEST_SILENCE)
        if silent is None:
            return await self._shown(request, session, form)
        wanted = [what for what in KINDS if what in form]
        async with self._deps.ledger.write() as connection:
            times = (hour, silent)
            await self._subscriptions.put(connection, site.id, session.email, wanted, times)
            act = Act.MAIL_CHANGED
            await self._guard.note(request, act, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/mail?saved", 303)

    async def _send_one(self, request: Request, session: Session, form: Form) -> Response:
        site, what = self._deps.site(request), form.get("what", "")
        if not self._deps.settings.smtp_url:
            raise Malformed("No mail server is set.", field="what")
        if what not in REPORTS:
            raise Malformed(f"A report is one of {', '.join(REPORTS)}.", field="what")
        number = await self._subscriptions.number(site.id, session.email, what)
        now = self._deps.clock()
        first, last = last_days(what, local(now, site.time_zone).date())
        facts = {"first": str(first), "last": str(last), "asked": True, "language": reader().tag}
        await self._outbox.add(site.id, number, f"asked {now // _MINUTE_MS}", facts)
        return RedirectResponse(f"/sites/{site.key}/mail?asked", 303)

    async def _shown(
        self, request: Request, session: Session, form: Form | None = None
    ) -> Response:
        site, settings = self._deps.site(request), self._deps.settings
        mine = await self._subscriptions.of(site.id, session.email)
        times = mine[0] if mine else None
        silent_hours = str(times.silent_hours if times else SILENT_HOURS)
        chosen = frozenset(one.what for one in mine if one.stopped_at is None)
        context = MailPage(
            shell=_shell(request, session, site),
            reports=REPORTS,
            alerts=ALERTS,
            names=NAMES,
            chosen=frozenset(form) if form else chosen,
            hour=int(form["hour"]) if form else times.hour if times else HOUR,
            hours=range(24),
            silent_hours=form.get("silent_hours", "") if form else silent_hours,
            errors={"silent_hours": NO_HOURS} if form else {},
            email=session.email,
            zone=site.time_zone,
            server=smtp_server(settings.smtp_url).name if settings.smtp_url else "",
            sender=settings.mail_from,
            mails=await self._lines(site, mine),
            stopped=tuple(NAMES[one.what] for one in mine if _is_restored(one)),
            said=outcome(request, "saved", "asked"),
        )
        status = BAD_INPUT if form else 200
        return self._deps.pages.page("reports/mail/mail.html", context, status)

    async def _lines(self, site: Site, mine: list[Subscription]) -> tuple[MailLine, ...]:
        kinds = {one.id: one.what for one in mine}
        mails = await self._outbox.newest(list(kinds))
        return tuple(self._line(site, kinds[one.subscription_id], one) for one in mails)

    def _line(self, site: Site, what: str, one: Mail) -> MailLine:
        ended = one.ended_at is not None
        waiting = "Not sent yet" if one.problem else "On its way"
        return MailLine(
            name=NAMES[what],
            about=self._about(site, one.facts),
            state=_STATES.get(one.state, waiting),
            at=one.ended_at or one.made_at,
            next_at=None if ended or not one.problem else one.next_at,
            problem=one.problem,
        )

    def _about(self, site: Site, facts: Mapping[str, str]) -> str:
        today = local(self._deps.clock(), site.time_zone).date()
        names = ("first", "last") if "first" in facts else ("day", "day")
        first, last = (date.fromisoformat(facts[name]) for name in names)
        return weekday_of(first, today) if first == last else span_of(first, last, today)


def _is_restored(one: Subscription) -> bool:
    return one.stopped_at == STOPPED_BY_RESTORE


def _whole(text: str, least: int, most: int) -> int | None:
    fits = text.isascii() and text.isdigit() and len(text) <= 3 and least <= int(text) <= most
    return int(text) if fits else None


def _shell(request: Request, session: Session, site: Site) -> Shell:
    return kept_shell(site, session, request.query_params, "Mail", "mail")

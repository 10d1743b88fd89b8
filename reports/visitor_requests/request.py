"""The page of one request of a visitor: its dates, whom it is of, and what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.dates import day_of, local
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in_path
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.visitor_requests.free_text import on_one_line, problem_of
from reports.visitor_requests.lookup import is_named, visitor_of
from reports.visitor_requests.request_book import (
    LONGEST_IDENTITY,
    LONGEST_WORDS,
    RequestAct,
    RequestBook,
    VisitorRequest,
)
from reports.visitor_requests.request_words import (
    DEEDS,
    DONE,
    EXTENDING,
    IDENTITY,
    KINDS,
    STATES,
    WAYS,
)
from reports.visitor_requests.requests import LONGEST_NUMBER, whose_words
from reports.visitors.disclosures import FOUND, Disclosures

NOBODY = "This site knows no visitor by this number."
SAID_ALREADY = "It is said already whom this request is of."
NOT_NOW = "Choose what was done. This request does not allow every step."
FIELDS = ("act", "said", "number")
TOO_LATE = "The month is over: an extension has to be told within it (GDPR, Article 12(3))."


@dataclass(frozen=True)
class ActLine:
    """What was done about a request: when (ms), by whom, what, and in which words."""

    at: int
    who: str
    done: str
    words: str


@dataclass(frozen=True)
class RequestPage:
    """`request.html`: one request of a visitor, what was done about it, and what can be done."""

    shell: Shell
    base: str
    """The address of this page, below which its forms are sent."""
    all_requests: str
    """The address of the list."""
    zone: str
    """The site's time zone."""
    number: int
    """The request's number."""
    facts: tuple[tuple[str, str], ...]
    """What is known of it, each with its label."""
    overdue: bool
    """Whether the last day for the answer has passed without one."""
    due: str
    """That day, in words."""
    visitor: str
    """The address of the visitor's page, or '' where nobody is known."""
    is_nobodys: bool
    """Whether it can still be said whom the request is of."""
    acts: tuple[ActLine, ...]
    """What was done, oldest first."""
    deeds: Mapping[str, str]
    """What can be done now, by its name."""
    typed: Mapping[str, str]
    """What the forms hold, by the field's name."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class RequestHandler:
    """Serves `/sites/KEY/requests/NUMBER` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._book = RequestBook(deps.ledger, deps.clock)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/requests/{number}"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(f"{path}/acts", self._guard.action(self._do), methods=["POST"]),
            Route(f"{path}/whose", self._guard.action(self._whose), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session, {}, {})

    async def _do(self, request: Request, session: Session, form: Form) -> Response:
        site, one, _ = await self._read(request)
        act, words = form.get("act", ""), on_one_line(form.get("said", ""))
        errors = _wrong(one, act, words, local(self._deps.clock(), site.time_zone).date())
        if errors:
            return await self._shown(request, session, form, errors)
        async with self._deps.ledger.write() as connection:
            by = (session.email, words)
            done = await self._book.do(connection, site.id, one.id, act, by)
            if done:
                noted = Act.REQUEST_CHANGED
                await self._guard.note(request, noted, session.email, site.key, connection)
        if not done:  # somebody else was quicker
            return await self._shown(request, session, form, {"act": NOT_NOW})
        return RedirectResponse(f"/sites/{site.key}/requests/{one.id}", 303)

    async def _whose(self, request: Request, session: Session, form: Form) -> Response:
        site, one, _ = await self._read(request)
        number = form.get("number", "")[:LONGEST_NUMBER]
        visitor_id = await visitor_of(self._deps.ledger, site.id, number)
        disclose = self._disclosures.disclose_person
        if not visitor_id or not await disclose(site.id, visitor_id, session.email, FOUND):
            return await self._shown(request, session, form, {"number": NOBODY})
        who, said = session.email, False
        async with self._deps.ledger.write() as connection:
            if await is_named(connection, site.id, visitor_id):
                belongs = self._book.belongs_to
                said = await belongs(connection, site.id, one.id, visitor_id, who)
            if said:
                noted = Act.REQUEST_CHANGED
                await self._guard.note(request, noted, who, site.key, connection)
        if not said:
            return await self._shown(request, session, form, {"number": SAID_ALREADY})
        return RedirectResponse(f"/sites/{site.key}/requests/{one.id}", 303)

    async def _read(self, request: Request) -> tuple[Site, VisitorRequest, tuple[RequestAct, ...]]:
        site = self._deps.site(request)
        found = await self._book.with_acts(site.id, number_in_path(request))
        if found is None:
            raise NotFound("There is no such request.")
        return site, *found

    async def _shown(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
    ) -> Response:
        site, one, acts = await self._read(request)
        today = local(self._deps.clock(), site.time_zone).date()
        every, title = f"/sites/{site.key}/requests", f"Request {one.id}"
        visitor = f"/sites/{site.key}/visitors/{one.visitor_id}" if one.visitor_id else ""
        context = RequestPage(
            shell=kept_shell(site, session, request.query_params, title, "requests", within=True),
            base=f"{every}/{one.id}",
            all_requests=every,
            zone=site.time_zone,
            number=one.id,
            facts=_facts(one, today),
            overdue=one.is_overdue(today),
            due=day_of(one.due_on, today),
            visitor=visitor,
            is_nobodys=not one.visitor_id and not one.was_erased,
            acts=tuple(ActLine(a.happened_at, a.who, DONE[a.act], a.words) for a in acts),
            deeds={name: deed.choice for name, deed in DEEDS.items() if one.state in deed.states},
            typed={name: typed.get(name, "") for name in FIELDS},
            errors=errors,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/visitor_requests/request.html", context, status)


def _wrong(one: VisitorRequest, act: str, words: str, today: date) -> dict[str, str]:
    """Return what is wrong in the form for what was done, by the field's name."""
    if act not in DEEDS or one.state not in DEEDS[act].states:
        return {"act": NOT_NOW}
    if act == EXTENDING and one.is_overdue(today):
        return {"act": TOO_LATE}
    most = LONGEST_IDENTITY if act == IDENTITY else LONGEST_WORDS
    problem = problem_of(words, most, needed=DEEDS[act].needs_words)
    return {"said": problem} if problem else {}


def _facts(one: VisitorRequest, today: date) -> tuple[tuple[str, str], ...]:
    known = (
        ("Asks for", KINDS[one.kind]),
        ("Came", f"{day_of(one.came_on, today)}, {WAYS[one.way].lower()}"),
        ("Due", day_of(one.due_on, today)),
        ("State", STATES[one.state]),
        ("Of whom", whose_words(one)),
        ("Identity", one.identity or "Not checked yet"),
    )
    return known[:-1] if one.was_erased else known

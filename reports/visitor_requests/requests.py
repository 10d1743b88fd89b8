"""The page with the requests of a site's visitors, and the form that notes one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.sites import Site
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.dates import day_of, local
from reports.http.forms import BAD_INPUT, Form
from reports.http.navigation import keeping_proof
from reports.http.typed_days import typed_day
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.url.report_query import page_number
from reports.visitor_requests.free_text import on_one_line, problem_of
from reports.visitor_requests.lookup import is_named, visitor_of
from reports.visitor_requests.request_book import (
    LONGEST_IDENTITY,
    RequestBook,
    RequestDraft,
    VisitorRequest,
)
from reports.visitor_requests.request_words import KINDS, STATES, WAYS
from reports.visitors.disclosures import FOUND, Disclosures

ROWS = 50
EARLIEST = timedelta(days=3 * 366)
"""How long ago a request may have come."""
NOBODY = "This site knows no visitor by this number. Leave it empty, and find the visitor later."
LONGEST_NUMBER = 200
FIELDS = ("kind", "way", "came_on", "number", "identity")


@dataclass(frozen=True)
class RequestLine:
    """A request in the list, in words; `whose` says whether its visitor is known."""

    href: str
    kind: str
    whose: str
    came: str
    due: str
    state: str
    waits: bool
    overdue: bool


@dataclass(frozen=True)
class RequestsPage:
    """`requests.html`: the requests of a site, those that wait first, and the form for one."""

    shell: Shell
    base: str
    """The address of this page."""
    lines: tuple[RequestLine, ...]
    """The requests of this page of the list."""
    newer: str
    """The address of the page before, or ''."""
    older: str
    """The address of the next page, or ''."""
    kinds: Mapping[str, str]
    """What a request can ask for, by its name."""
    ways: Mapping[str, str]
    """How it can come, by its name."""
    typed: Mapping[str, str]
    """What the form holds, by the field's name."""
    today: str
    """The site's present day, as YYYY-MM-DD."""
    opened: bool
    """Whether the form is open."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class RequestsHandler:
    """Serves `/sites/KEY/requests`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._book = RequestBook(deps.ledger, deps.clock)
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/requests"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, self._guard.action(self._note), methods=["POST"]),
            Route(f"{path}/start", self._guard.page(self._back), methods=["GET"]),
            Route(f"{path}/start", self._guard.action(self._start), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session, {}, {})

    async def _back(self, request: Request, _session: Session) -> Response:
        """Send a browser that comes without the form, such as by a reload, to the list."""
        site = self._deps.site(request)
        return RedirectResponse(keeping_proof(request, f"/sites/{site.key}/requests"), 303)

    async def _start(self, request: Request, session: Session, form: Form) -> Response:
        """Open the form with the number of a visitor, which stands in no address."""
        typed = {"number": form.get("visitor", "")[:LONGEST_NUMBER]}
        return await self._shown(request, session, typed, {})

    async def _note(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        draft, errors = await self._checked(site, form, session.email)
        if draft is None:
            return await self._shown(request, session, form, errors)
        async with self._deps.ledger.write() as connection:
            known = draft.visitor_id is None or await is_named(
                connection, site.id, draft.visitor_id
            )
            if known:
                number = await self._book.note(connection, site.id, draft, session.email)
                act = Act.REQUEST_NOTED
                await self._guard.note(request, act, session.email, site.key, connection)
        if not known:  # erased since it was found
            return await self._shown(request, session, form, {"number": NOBODY})
        return RedirectResponse(f"/sites/{site.key}/requests/{number}", 303)

    async def _checked(
        self, site: Site, form: Form, who: str
    ) -> tuple[RequestDraft | None, dict[str, str]]:
        today = local(self._deps.clock(), site.time_zone).date()
        came = typed_day(form.get("came_on", ""), today - EARLIEST, today)
        identity = on_one_line(form.get("identity", ""))
        errors = _wrong(form, came, identity)
        visitor_id = None
        if form.get("number", "").strip() and not errors:
            visitor_id = await self._found(site, form["number"], who)
            errors |= {} if visitor_id else {"number": NOBODY}
        if errors or came is None:
            return None, errors
        return RequestDraft(form["kind"], form["way"], came, visitor_id, identity), {}

    async def _found(self, site: Site, number: str, who: str) -> str | None:
        """Return the visitor of a number, in whose file it is entered that they were found."""
        visitor_id = await visitor_of(self._deps.ledger, site.id, number[:LONGEST_NUMBER])
        disclose = self._disclosures.disclose_person
        known = visitor_id and await disclose(site.id, visitor_id, who, FOUND)
        return visitor_id if known else None

    async def _shown(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
    ) -> Response:
        site, page = self._deps.site(request), page_number(request)
        base, offset = f"/sites/{site.key}/requests", (page - 1) * ROWS
        found = await self._book.some(site.id, offset, ROWS + 1)
        today = local(self._deps.clock(), site.time_zone).date()
        title = "Requests of visitors"
        context = RequestsPage(
            shell=kept_shell(site, session, request.query_params, title, "requests"),
            base=base,
            lines=tuple(_line(one, base, today) for one in found[:ROWS]),
            newer=f"{base}?page={page - 1}" if page > 1 else "",
            older=f"{base}?page={page + 1}" if len(found) > ROWS else "",
            kinds=KINDS,
            ways=WAYS,
            typed={name: typed.get(name, "") for name in FIELDS},
            today=str(today),
            opened=bool(typed or errors),
            errors=errors,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/visitor_requests/requests.html", context, status)


def _wrong(form: Form, came: date | None, identity: str) -> dict[str, str]:
    """Return what is wrong in the form for a request, by the field's name."""
    found = {
        "kind": "" if form.get("kind") in KINDS else "Choose what the visitor asks for.",
        "way": "" if form.get("way") in WAYS else "Choose how the request came.",
        "came_on": "" if came else "Write the day, today or one of the last three years.",
        "identity": problem_of(identity, LONGEST_IDENTITY, needed=False),
    }
    return {name: problem for name, problem in found.items() if problem}


def whose_words(one: VisitorRequest) -> str:
    """Say whether it is known whom a request is of."""
    if one.was_erased:
        return "Erased since"
    return "A visitor" if one.visitor_id else "Nobody yet"


def _line(one: VisitorRequest, base: str, today: date) -> RequestLine:
    return RequestLine(
        href=f"{base}/{one.id}",
        kind=KINDS[one.kind],
        whose=whose_words(one),
        came=day_of(one.came_on, today),
        due=day_of(one.due_on, today),
        state=STATES[one.state],
        waits=one.waits,
        overdue=one.is_overdue(today),
    )

"""The page with what was revealed of visitors outside, and the form that enters it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.disclosure_register import (
    Disclosed,
    RegisterEntry,
    all_entries,
    enter,
    entry_of,
    is_corrected,
)
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.dates import day_of, local, span_of
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.url.report_query import page_number
from reports.visitor_requests.disclosure_form import (
    DATA,
    FIELDS,
    GROUNDS,
    read_disclosure,
    typed_of,
)
from reports.visitor_requests.lookup import is_named, visitor_of

ROWS = 50
LONGEST_NUMBER = 200
NOBODY = "This site knows no visitor by this number."
CORRECTED = "This entry was corrected already. Correct the newer one."


@dataclass(frozen=True)
class EntryLine:
    """An entry of the register in words; `at` is when it was entered, in ms since the epoch."""

    number: int
    to_whom: str
    ground: str
    reference: str
    data: str
    days: str
    revealed: str
    who: str
    at: int
    corrects: int | None
    corrected_by: int | None
    told: str
    visitor: str


@dataclass(frozen=True)
class DisclosureRegisterPage:
    """`disclosure_register.html`: what was revealed outside, newest first, and the form for it."""

    shell: Shell
    base: str
    """The address of this page."""
    zone: str
    """The site's time zone."""
    lines: tuple[EntryLine, ...]
    """The entries of this page of the list, the newest first."""
    newer: str
    """The address of the page before, or ''."""
    older: str
    """The address of the next page, or ''."""
    grounds: Mapping[str, str]
    """On what ground data can be revealed, by its name."""
    data: Mapping[str, str]
    """Which data can be revealed, by its name."""
    typed: Mapping[str, str]
    """What the form holds, by the field's name."""
    today: str
    """The site's present day, as YYYY-MM-DD."""
    opened: bool
    """Whether the form is open."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class DisclosureRegisterHandler:
    """Serves `/sites/KEY/disclosures`; nothing that was entered is changed or deleted."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/disclosures"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, self._guard.action(self._enter), methods=["POST"]),
            Route(f"{path}/start", self._guard.action(self._start), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self._shown(request, session, {}, {})

    async def _start(self, request: Request, session: Session, form: Form) -> Response:
        """Open the form for a visitor's number, or for a correction of an entry."""
        if not form.get("corrects"):
            typed = {"number": form.get("visitor", "")[:LONGEST_NUMBER]}
            return await self._shown(request, session, typed, {})
        site, number = self._deps.site(request), number_in(form, "corrects")
        async with self._deps.ledger.read() as connection:
            entry = await _known(connection, site, number)
        return await self._shown(request, session, typed_of(entry, site.time_zone), {})

    async def _enter(self, request: Request, session: Session, form: Form) -> Response:
        site = self._deps.site(request)
        today = local(self._deps.clock(), site.time_zone).date()
        disclosed, errors = read_disclosure(form, today, site.time_zone)
        visitor_id = None
        if not form.get("corrects"):
            number = form.get("number", "")[:LONGEST_NUMBER]
            visitor_id = await visitor_of(self._deps.ledger, site.id, number)
            errors |= {} if visitor_id else {"number": NOBODY}
        if disclosed and not errors:
            errors = await self._kept(request, session, form, (visitor_id, disclosed))
        if errors:
            return await self._shown(request, session, form, errors)
        return RedirectResponse(f"/sites/{site.key}/disclosures", 303)

    async def _kept(
        self,
        request: Request,
        session: Session,
        form: Form,
        what: tuple[str | None, Disclosed],
    ) -> dict[str, str]:
        """Make the entry, or return why it was not made."""
        (visitor_id, disclosed), site = what, self._deps.site(request)
        async with self._deps.ledger.write() as connection:
            if visitor_id is None:
                older = await _known(connection, site, number_in(form, "corrects"))
                if await is_corrected(connection, older.id):
                    return {"to_whom": CORRECTED}
                visitor_id, disclosed = older.visitor_id, replace(disclosed, corrects=older.id)
            elif not await is_named(connection, site.id, visitor_id):
                return {"number": NOBODY}  # erased since it was found
            by = (session.email, self._deps.clock())
            await enter(connection, site.id, visitor_id, disclosed, by)
            act = Act.DISCLOSURE_ENTERED
            await self._guard.note(request, act, session.email, site.key, connection)
        return {}

    async def _shown(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
    ) -> Response:
        site, page = self._deps.site(request), page_number(request)
        base, offset = f"/sites/{site.key}/disclosures", (page - 1) * ROWS
        found = (await all_entries(self._deps.ledger, site.id))[::-1]
        now = self._deps.clock()
        title = "Disclosure register"
        context = DisclosureRegisterPage(
            shell=kept_shell(site, session, request.query_params, title, "disclosures"),
            base=base,
            zone=site.time_zone,
            lines=tuple(_line(one, site, now) for one in found[offset : offset + ROWS]),
            newer=f"{base}?page={page - 1}" if page > 1 else "",
            older=f"{base}?page={page + 1}" if len(found) > offset + ROWS else "",
            grounds=GROUNDS,
            data=DATA,
            typed={name: typed.get(name, "") for name in FIELDS},
            today=str(local(now, site.time_zone).date()),
            opened=bool(typed or errors),
            errors=errors,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page(
            "reports/visitor_requests/disclosure_register.html", context, status
        )


async def _known(connection: AsyncConnection, site: Site, number: int) -> RegisterEntry:
    if (entry := await entry_of(connection, site.id, number)) is None:
        raise NotFound("There is no such entry.")
    return entry


def _line(one: RegisterEntry, site: Site, now: int) -> EntryLine:
    today = local(now, site.time_zone).date()
    first, last, revealed = map(date.fromisoformat, (one.first_day, one.last_day, one.revealed_on))
    return EntryLine(
        number=one.id,
        to_whom=one.to_whom,
        ground=GROUNDS[one.ground],
        reference=one.reference,
        data=", ".join(DATA[name] for name in one.kinds),
        days=span_of(first, last, today),
        revealed=day_of(revealed, today),
        who=one.entered_by,
        at=one.entered_at,
        corrects=one.corrects,
        corrected_by=one.corrected_by,
        told=_told(one, site, now),
        visitor=f"/sites/{site.key}/visitors/{one.visitor_id}" if one.visitor_id else "",
    )


def _told(one: RegisterEntry, site: Site, now: int) -> str:
    """Say whether the visitor can read the entry."""
    if one.visitor_id is None:
        return "The visitor was erased"
    if one.line_hidden_until is None or not one.is_hidden(now):
        return "The visitor can read it"
    until = local(one.line_hidden_until, site.time_zone).date()
    return f"Hidden from the visitor until {day_of(until, local(now, site.time_zone).date())}"

"""The pages on which staff does what a visitor asks for by letter: find, take out, erase."""

from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import AskfirstError, NotFound, Unavailable
from askfirst.sites import Site
from askfirst.text.reference_numbers import numbers_in
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies, Erased
from reports.http.forms import BAD_INPUT, Form
from reports.http.opened_from import led_on
from reports.rights.finding import Found, find
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.visitors.data_sources import Held, held, in_words
from reports.visitors.disclosures import ERASING, FOUND, Disclosures
from reports.visitors.facts import person_of
from reports.visitors.timeline import EVENTS_PLACE

log = structlog.get_logger()

LONGEST_SHOWN = 100
RECEIPT_SIZE = 8
"""How many times the usual limits of a form a pasted receipt may take: its letters are escaped."""


@dataclass(frozen=True)
class FindPage:
    """`find.html`: what a number is; `found` is None where this site does not know it.

    `typed` is what was asked for, '' where it is too long to show again; `readable` says whether
    any number could be read in it.
    """

    shell: Shell
    base: str
    zone: str
    typed: str
    readable: bool
    found: Found | None


@dataclass(frozen=True)
class EraseVisitorPage:
    """`erase_visitor.html`: what would be erased, before it is."""

    shell: Shell
    base: str
    visitor_id: str
    name: str
    held: tuple[Held, ...]


@dataclass(frozen=True)
class VisitorErasedPage:
    """`visitor_erased.html`: the receipt to pass on to the visitor; `went` is what, by place."""

    shell: Shell
    base: str
    zone: str
    receipt: Erased
    went: tuple[Held, ...]


class RightsPages:
    """Serves `/sites/KEY/visitors/find` and `/sites/KEY/visitors/ID/erase`.

    Numbers come by POST, so that none stands in an address or in a log of addresses.
    """

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of these pages."""
        page, action, base = self._guard.page, self._guard.action, "/sites/{key}/visitors"
        return [
            Route(f"{base}/find", page(self._back), methods=["GET"]),
            Route(f"{base}/find", action(self._find, RECEIPT_SIZE), methods=["POST"]),
            Route(f"{base}/{{visitor}}/erase", page(self._back), methods=["GET"]),
            Route(f"{base}/{{visitor}}/erase", action(self._erase), methods=["POST"]),
        ]

    async def _back(self, request: Request, _session: Session) -> Response:
        """Lead who comes without the form, by a reload for example, to the list."""
        return RedirectResponse(led_on(request, _base(self._deps.site(request))), 303)

    async def _find(self, request: Request, session: Session, form: Form) -> Response:
        site, typed = self._deps.site(request), form.get("number", "").strip()
        numbers = numbers_in(typed)
        found = await find(self._deps.ledger, site.id, numbers)
        if found and found.visitor_id:
            told = self._disclosures.disclose_person
            if not await told(site.id, found.visitor_id, session.email, FOUND):
                found = None  # erased since it was read
        context = FindPage(
            shell=_shell(site, session, "Find a visitor"),
            base=_base(site),
            zone=site.time_zone,
            typed=typed if len(typed) <= LONGEST_SHOWN else "",
            readable=bool(numbers),
            found=found,
        )
        status = 200 if numbers else BAD_INPUT
        return self._deps.pages.page("reports/rights/find.html", context, status)

    async def _erase(self, request: Request, session: Session, form: Form) -> Response:
        site, visitor_id = self._deps.site(request), request.path_params["visitor"]
        if not is_visitor_id(visitor_id):
            raise _gone()
        if form.get("sure") == "yes":
            return await self._erased(request, session, site, visitor_id)
        told = self._disclosures.disclose_person
        ids = await told(site.id, visitor_id, session.email, ERASING)
        if not ids:
            raise _gone()
        rows = await self._deps.personal_data.rows_of(site.id, ids)
        context = EraseVisitorPage(
            shell=_shell(site, session, "Erase a visitor"),
            base=f"{_base(site)}/{visitor_id}",
            visitor_id=visitor_id,
            name=person_of(visitor_id, rows.get(EVENTS_PLACE, [])).name,
            held=held(rows),
        )
        return self._deps.pages.page("reports/rights/erase_visitor.html", context)

    async def _erased(
        self, request: Request, session: Session, site: Site, visitor_id: str
    ) -> Response:
        """Erase whom any place knows: one whose erasure was interrupted is in few places."""
        if not any((await self._deps.personal_data.rows(site.id, visitor_id)).values()):
            raise _gone()
        await self._guard.note(request, Act.VISITOR_ERASED, session.email, site.key)
        receipt = await self._carry_out(site.id, visitor_id)
        context = VisitorErasedPage(
            shell=_shell(site, session, "Erased"),
            base=_base(site),
            zone=site.time_zone,
            receipt=receipt,
            went=in_words(receipt.places),
        )
        return self._deps.pages.page("reports/rights/visitor_erased.html", context)

    async def _carry_out(self, site_id: int, visitor_id: str) -> Erased:
        try:
            return await self._deps.erase(site_id, visitor_id)
        except AskfirstError:
            raise
        except Exception as error:  # whichever memory failed, the request stays on record
            cause = type(error).__name__
            log.error("erasure_interrupted", cause=cause)  # noqa: TRY400 - a trace could name whom
            raise Unavailable(
                "The erasure is not finished. It is on record and goes on by itself.",
                retry_after=60,
            ) from error


def _gone() -> NotFound:
    return NotFound("There is no such visitor, or it was erased.")


def _base(site: Site) -> str:
    return f"/sites/{site.key}/visitors"


def _shell(site: Site, session: Session, title: str) -> Shell:
    return Shell(title, session.email, session.csrf, site.key, site.name, "visitors", within=True)

"""The page that finds whom a number is of, as somebody writes it to the site's contact."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.http.navigation import keeping_proof
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.visitor_requests.lookup import LookupResult, look_up, numbers_of
from reports.visitors.disclosures import FOUND, Disclosures

LONGEST_SHOWN = 100
RECEIPT_SIZE = 8
"""How many times the usual limits of a form a pasted receipt may take: its letters are escaped."""


@dataclass(frozen=True)
class FindPage:
    """`find.html`: what a number stands for, and the form for another one."""

    shell: Shell
    base: str
    """The address of the list of visitors."""
    zone: str
    """The site's time zone."""
    typed: str
    """What was asked for; '' where it is too long to show again."""
    readable: bool
    """Whether any number could be read in it."""
    found: LookupResult | None
    """What the number stands for; None where this site does not know it."""
    restricted_since: int | None
    """Since when (ms) its visitor has restricted the use; None where that is not so."""


class FindHandler:
    """Serves `/sites/KEY/visitors/find`.

    Numbers come by POST, so that none stands in an address or in a log of addresses.
    """

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/visitors/find"
        return [
            Route(path, self._guard.page(self._back), methods=["GET"]),
            Route(path, self._guard.action(self._find, RECEIPT_SIZE), methods=["POST"]),
        ]

    async def _back(self, request: Request, _session: Session) -> Response:
        """Send a browser that comes without the form, such as by a reload, to the list."""
        site = self._deps.site(request)
        return RedirectResponse(keeping_proof(request, f"/sites/{site.key}/visitors"), 303)

    async def _find(self, request: Request, session: Session, form: Form) -> Response:
        site, typed = self._deps.site(request), form.get("number", "").strip()
        numbers = await numbers_of(self._deps.ledger, site.id, typed)
        found = await look_up(self._deps.ledger, site.id, numbers)
        if found and found.visitor_id:
            disclose = self._disclosures.disclose_person
            if not await disclose(site.id, found.visitor_id, session.email, FOUND):
                found = None  # erased since it was read
        whose = found.visitor_id if found else ""
        restricted = await self._deps.restricted_since(site.id, whose) if whose else None
        context = FindPage(
            shell=kept_shell(
                site, session, request.query_params, "Find a visitor", "visitors", within=True
            ),
            base=f"/sites/{site.key}/visitors",
            zone=site.time_zone,
            typed=typed if len(typed) <= LONGEST_SHOWN else "",
            readable=bool(numbers),
            found=found,
            restricted_since=restricted,
        )
        status = 200 if numbers else BAD_INPUT
        return self._deps.pages.page("reports/visitor_requests/find.html", context, status)

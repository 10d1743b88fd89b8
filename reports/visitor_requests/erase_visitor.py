"""The page that says what erasing a visitor removes, and asks whether it is meant."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.http.navigation import keeping_proof
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.visitor_requests.visitor_erased import (
    VisitorErasedHandler,
    base_of,
    no_such_visitor,
    shell_of,
)
from reports.visitors.data_holders import HeldRows, held_rows
from reports.visitors.disclosures import ERASING, Disclosures
from reports.visitors.facts import person_of
from reports.visitors.timeline import EVENTS_PLACE


@dataclass(frozen=True)
class EraseVisitorPage:
    """`erase_visitor.html`: what would be erased, before it is."""

    shell: Shell
    base: str
    """The address of the visitor's page."""
    visitor_id: str
    """The pseudonym, which the page shows in full."""
    name: str
    """What the visitor is called, such as Chrome on Windows, Germany."""
    held: tuple[HeldRows, ...]
    """How many rows each table holds of the visitor."""


class EraseVisitorHandler:
    """Serves `/sites/KEY/visitors/ID/erase`; a confirmed form is answered by the receipt."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._disclosures = Disclosures(deps.ledger, deps.clock)
        self._erased = VisitorErasedHandler(deps, guard)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/visitors/{visitor}/erase"
        return [
            Route(path, self._guard.page(self._back), methods=["GET"]),
            Route(path, self._guard.action(self._erase), methods=["POST"]),
        ]

    async def _back(self, request: Request, _session: Session) -> Response:
        """Send a browser that comes without the form, such as by a reload, to the list."""
        return RedirectResponse(keeping_proof(request, base_of(self._deps.site(request))), 303)

    async def _erase(self, request: Request, session: Session, form: Form) -> Response:
        site, visitor_id = self._deps.site(request), request.path_params["visitor"]
        if not is_visitor_id(visitor_id):
            raise no_such_visitor()
        if form.get("sure") == "yes":
            return await self._erased.page(request, session, site, visitor_id)
        disclose = self._disclosures.disclose_person
        ids = await disclose(site.id, visitor_id, session.email, ERASING)
        if not ids:
            raise no_such_visitor()
        rows = await self._deps.personal_data.rows_of(site.id, ids)
        context = EraseVisitorPage(
            shell=shell_of(site, session, "Erase a visitor"),
            base=f"{base_of(site)}/{visitor_id}",
            visitor_id=visitor_id,
            name=person_of(visitor_id, rows.get(EVENTS_PLACE, []), site).name,
            held=held_rows(rows),
        )
        return self._deps.pages.page("reports/visitor_requests/erase_visitor.html", context)

"""The pages on which staff end a visitor's access, as something was reported lost or stolen."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.sites import Site
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.http.navigation import keeping_proof
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.visitor_requests.visitor_erased import base_of, no_such_visitor, shell_of
from reports.visitors.disclosures import ENDING, Disclosures


@dataclass(frozen=True)
class EndAccessPage:
    """`end_access.html`: what ends with a visitor's access, before it does and after."""

    shell: Shell
    base: str
    """The address of the visitor's page."""
    back: str
    """The address of the list of visitors."""
    visitor_id: str
    """The pseudonym, which the page shows in full."""
    done: bool
    """Whether access was just ended."""


class EndAccessHandler:
    """Serves `/sites/KEY/visitors/ID/end-access`; a confirmed form ends the access."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._disclosures = Disclosures(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/visitors/{visitor}/end-access"
        return [
            Route(path, self._guard.page(self._back), methods=["GET"]),
            Route(path, self._guard.action(self._end), methods=["POST"]),
        ]

    async def _back(self, request: Request, _session: Session) -> Response:
        """Send a browser that comes without the form, such as by a reload, to the list."""
        return RedirectResponse(keeping_proof(request, base_of(self._deps.site(request))), 303)

    async def _end(self, request: Request, session: Session, form: Form) -> Response:
        site, visitor_id = self._deps.site(request), request.path_params["visitor"]
        if not is_visitor_id(visitor_id):
            raise no_such_visitor()
        sure = form.get("sure") == "yes"
        if sure:
            await self._carry_out(request, session, site, visitor_id)
        elif not any((await self._deps.personal_data.rows(site.id, visitor_id)).values()):
            raise no_such_visitor()
        context = EndAccessPage(
            shell=shell_of(site, session, "Access ended" if sure else "End access"),
            base=f"{base_of(site)}/{visitor_id}",
            back=base_of(site),
            visitor_id=visitor_id,
            done=sure,
        )
        return self._deps.pages.page("reports/visitor_requests/end_access.html", context)

    async def _carry_out(
        self, request: Request, session: Session, site: Site, visitor_id: str
    ) -> None:
        """End the access, after the entry in the visitor's file that says so."""
        disclose = self._disclosures.disclose_person
        if not await disclose(site.id, visitor_id, session.email, ENDING):
            raise no_such_visitor()
        await self._guard.note(request, Act.ACCESS_ENDED, session.email, site.key)
        await self._deps.end_access(site, visitor_id)

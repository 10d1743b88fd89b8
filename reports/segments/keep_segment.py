"""The page that keeps the filters of a report as a segment, a new one or in place of another."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import sentences
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in
from reports.saved.segments import SavedSegment, SavedSegments
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view


@dataclass(frozen=True)
class KeepSegmentPage:
    """`keep_segment.html`: the form that keeps the filters of a report by a name."""

    shell: Shell
    back: str
    """The address of the overview with these filters."""
    action: str
    """Where the form is sent."""
    sentences: tuple[str, ...]
    """The conditions, in words."""
    segments: tuple[SavedSegment, ...]
    """The segments that these filters can take the place of."""
    name: str
    """What the field holds."""
    replaces: int | None
    """The segment that is chosen to be replaced, or None."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


class KeepSegmentHandler:
    """Serves `/sites/KEY/segments/keep`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._segments = SavedSegments(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/segments/keep"
        return [
            Route(path, self._guard.page(self._form), methods=["GET"]),
            Route(path, self._guard.action(self._keep), methods=["POST"]),
        ]

    async def _form(self, request: Request, session: Session) -> Response:
        view = await read_report_view(self._query, request, "/segments/keep")
        if not view.is_filtered:
            return RedirectResponse(f"/sites/{view.site.key}/segments", 303)
        return self._shown(view, session)

    def _shown(
        self,
        view: ReportView,
        session: Session,
        name: str = "",
        replaces: int | None = None,
        error: str = "",
    ) -> Response:
        context = KeepSegmentPage(
            shell=view.shell(session, "Keep a segment", "overview", within=True),
            back=view.beside("").with_(),
            action=view.address.with_(),
            sentences=sentences(view.segment, view.goals),
            segments=view.saved,
            name=name,
            replaces=replaces,
            errors={"name": error} if error else {},
        )
        status = BAD_INPUT if error else 200
        return self._deps.pages.page("reports/segments/keep_segment.html", context, status)

    async def _keep(self, request: Request, session: Session, form: Form) -> Response:
        view = await read_report_view(self._query, request, "/segments/keep")
        if not view.is_filtered:
            return RedirectResponse(f"/sites/{view.site.key}/segments", 303)
        number = number_in(form, "replaces") if form.get("replaces") else None
        name = " ".join(form.get("name", "").split())
        if number is not None and not name:
            name = next((one.name for one in view.saved if one.id == number), "")
        async with self._deps.ledger.write() as connection:
            named = (name, view.segment)
            fault = await self._segments.keep(
                connection, view.site.id, named, session.email, number
            )
            if not fault:
                act = Act.SEGMENT_KEPT
                await self._guard.note(request, act, session.email, view.site.key, connection)
        if fault:
            return self._shown(view, session, name, number, fault)
        return RedirectResponse(view.beside("").with_(), 303)

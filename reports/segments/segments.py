"""The page about a site's segments: the list, and renaming and deleting one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import NotFound
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.filters.bar import sentences
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.http.row_numbers import number_in
from reports.saved.segments import SavedSegment, SavedSegments
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.goal_conditions import why_not
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

DONE = {"kept": "The segment is kept.", "deleted": "The segment is deleted."}


@dataclass(frozen=True)
class SegmentRow:
    """A segment in words."""

    kept: SavedSegment
    sentences: tuple[str, ...]
    """Its conditions, of which all must hold."""
    why_not: str
    """Why reports may not ask for it now, or ''."""
    href: str
    """The overview of it, or '' where it may not be asked for."""


@dataclass(frozen=True)
class SegmentsPage:
    """`segments.html`: the segments of a site."""

    shell: Shell
    back: str
    """The address of the overview."""
    compare: str
    """The address of their comparison."""
    rows: tuple[SegmentRow, ...]
    """The segments by name."""
    done: str
    """What was done just now, or ''."""
    wrong: Mapping[int, str]
    """What is wrong with the new name of a segment, by its number."""
    zone: str
    """The site's time zone."""


class SegmentsHandler:
    """Serves `/sites/KEY/segments` and the forms of its rows."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._segments = SavedSegments(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path, action = "/sites/{key}/segments", self._guard.action
        return [
            Route(path, self._guard.page(self._list), methods=["GET"]),
            Route(f"{path}/rename", action(self._rename), methods=["POST"]),
            Route(f"{path}/delete", action(self._delete), methods=["POST"]),
        ]

    async def _list(self, request: Request, session: Session) -> Response:
        done = DONE.get(outcome(request, *DONE), "")
        return await self._listed(request, session, {}, done)

    async def _listed(
        self, request: Request, session: Session, wrong: Mapping[int, str], done: str = ""
    ) -> Response:
        view = await read_report_view(self._query, request, "/segments")
        context = SegmentsPage(
            shell=view.shell(session, "Segments", "overview", within=True),
            back=view.beside("").with_(),
            compare=view.beside("/compare").with_(),
            rows=tuple(_row(view, one) for one in view.saved),
            done=done,
            wrong=wrong,
            zone=view.site.time_zone,
        )
        status = BAD_INPUT if wrong else 200
        return self._deps.pages.page("reports/segments/segments.html", context, status)

    async def _rename(self, request: Request, session: Session, form: Form) -> Response:
        site, number = self._deps.site(request), number_in(form)
        found = [one for one in await self._segments.of(site.id) if one.id == number]
        if not found:
            raise NotFound("There is no such segment.")
        async with self._deps.ledger.write() as connection:
            named = (form.get("name", ""), found[0].segment)
            fault = await self._segments.keep(connection, site.id, named, session.email, number)
            if not fault:
                act = Act.SEGMENT_KEPT
                await self._guard.note(request, act, session.email, site.key, connection)
        if fault:
            return await self._listed(request, session, {number: fault})
        return RedirectResponse(f"/sites/{site.key}/segments?kept", 303)

    async def _delete(self, request: Request, session: Session, form: Form) -> Response:
        site, number = self._deps.site(request), number_in(form)
        async with self._deps.ledger.write() as connection:
            if await self._segments.remove(connection, site.id, number):
                act = Act.SEGMENT_DELETED
                await self._guard.note(request, act, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/segments?deleted", 303)


def _row(view: ReportView, kept: SavedSegment) -> SegmentRow:
    fault = why_not(kept.segment, view.site, view.goals)
    overview = replace(view, address=view.beside(""))
    href = "" if fault else overview.filtered(kept.segment)
    return SegmentRow(kept, sentences(kept.segment, view.goals), fault, href)

"""The page about the notes on a site's chart: they are added, changed and deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.formatting.dates import weekday_of
from reports.http.forms import BAD_INPUT, Form
from reports.http.row_numbers import number_in
from reports.http.typed_days import typed_day
from reports.saved.notes import LONGEST_WORDS, MOST_NOTES, Note, Notes
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.comparing import DAY, EARLIEST
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view

TOO_MANY = f"A site has at most {MOST_NOTES} notes. Delete one first, or this one is gone."
NO_WORDS = f"Say what happened, in 1 to {LONGEST_WORDS} characters."


@dataclass(frozen=True)
class NoteLine:
    """A note, its day in words, and the address of the form that changes it."""

    note: Note
    day: str
    change: str


@dataclass(frozen=True)
class NotesPage:
    """`notes.html`: the form for a note, and the notes of a site."""

    shell: Shell
    back: str
    """The address of the overview with the same period."""
    action: str
    """Where the forms are sent; it keeps the period."""
    notes: tuple[NoteLine, ...]
    """The notes, the latest day first."""
    number: int | None
    """The note that the form changes, or None where it adds one."""
    day: str
    """The day that the form holds, as YYYY-MM-DD."""
    words: str
    """The words that it holds."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""


@dataclass(frozen=True)
class _Typed:
    """What the form holds."""

    number: int | None
    day: str
    words: str


class NotesHandler:
    """Serves `/sites/KEY/notes` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._query = ReportQuery(deps)
        self._notes = Notes(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/notes"
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, self._guard.action(self._put), methods=["POST"]),
            Route(f"{path}/delete", self._guard.action(self._delete), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await self._view(request)
        notes = await self._notes.of(view.site.id)
        asked = request.query_params.get("change", "")
        changed = next((one for one in notes if str(one.id) == asked), None)
        today = min(view.period.last, view.period.local_now.date())
        typed = (
            _Typed(changed.id, str(changed.day), changed.words)
            if changed
            else _Typed(None, str(today), "")
        )
        return self._shown(view, session, notes, typed, {})

    async def _put(self, request: Request, session: Session, form: Form) -> Response:
        view = await self._view(request)
        number = number_in(form) if form.get("id") else None
        words = " ".join(form.get("words", "").split())
        typed = _Typed(number, form.get("day", ""), words)
        day, errors = _checked(typed, view.period.local_now.date())
        if day and not errors:
            async with self._deps.ledger.write() as connection:
                said = (day, words)
                done = await self._notes.put(connection, view.site.id, said, session.email, number)
                if done:
                    act = Act.NOTE_KEPT
                    await self._guard.note(request, act, session.email, view.site.key, connection)
            if done:
                return RedirectResponse(f"{view.beside('').with_()}#notes", 303)
            errors = {"words": TOO_MANY}
        notes = await self._notes.of(view.site.id)
        return self._shown(view, session, notes, typed, errors)

    async def _delete(self, request: Request, session: Session, form: Form) -> Response:
        view = await self._view(request)
        async with self._deps.ledger.write() as connection:
            if await self._notes.remove(connection, view.site.id, number_in(form)):
                act = Act.NOTE_DELETED
                await self._guard.note(request, act, session.email, view.site.key, connection)
        return RedirectResponse(view.beside("/notes").with_(), 303)

    async def _view(self, request: Request) -> ReportView:
        return await read_report_view(self._query, request, "/notes")

    def _shown(
        self,
        view: ReportView,
        session: Session,
        notes: tuple[Note, ...],
        typed: _Typed,
        errors: Mapping[str, str],
    ) -> Response:
        title = "Notes on the chart"
        today = view.period.local_now.date()
        context = NotesPage(
            shell=view.shell(session, title, "overview", within=True),
            back=view.beside("").with_(),
            action=view.address.with_(),
            notes=tuple(
                NoteLine(one, weekday_of(one.day, today), view.address.with_(change=str(one.id)))
                for one in notes[::-1]
            ),
            number=typed.number,
            day=typed.day,
            words=typed.words,
            errors=errors,
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/notes/notes.html", context, status)


def _checked(typed: _Typed, today: date) -> tuple[date | None, dict[str, str]]:
    """Return the day that was typed, and what is wrong, by the field's name."""
    errors: dict[str, str] = {}
    day = typed_day(typed.day, EARLIEST, today + 366 * DAY)
    if day is None:
        errors["day"] = f"Write a day between {EARLIEST} and a year from now, as YYYY-MM-DD."
    words = typed.words
    if not words or len(words) > LONGEST_WORDS or not words.isprintable():
        errors["words"] = NO_WORDS
    return day, errors

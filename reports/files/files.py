"""The page about files, and the files: every table whole, the overview, a period's events."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.clock import as_iso
from askfirst.errors import Malformed, NotFound
from reports.authentication.sessions import Session
from reports.charts.apart import in_turn
from reports.charts.images import over_time_png
from reports.dependencies import Dependencies
from reports.files.formats import FORMATS, SHEET_ROWS, too_many_for_a_sheet, written
from reports.files.making import FIELD, FileResponse, Making, Makings
from reports.files.naming import named
from reports.files.offline import offline
from reports.files.paper.overview import contents_of, pdf_of
from reports.files.raw_events import FORMS, Wanted, number_of, pieces
from reports.filters.bar import FilterBar, filter_bar
from reports.formatting.readers import is_in_shipped_font, write_for
from reports.http.forms import Form
from reports.overview.overview import OverviewHandler, OverviewPage
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.tables.asking import MOST_ROWS, read_cut, rows_of, view_of
from reports.tables.comparing import days_compared
from reports.tables.progress import WATCHED, StoppedByReader
from reports.tables.registry import REPORTS, report_of
from reports.tables.spool import Rows
from reports.tables.table import WHOLE, Cut, Report
from reports.url.comparing import FIELDS
from reports.url.links import Link, PeriodNav, period_nav
from reports.url.report_query import ReportQuery
from reports.url.report_view import ReportView, read_report_view
from reports.url.steps import moment_of, ms_of

ROWS_HEADER = "Askfirst-Rows"
"""The header that says how many rows a file has, as its length is not known when it begins."""
OFFERED = ("csv", "json", "xlsx", "parquet")
"""The formats of tables on the page."""


@dataclass(frozen=True)
class TableFiles:
    """A table, what one of its rows is, and the links to its files."""

    title: str
    about: str
    files: tuple[Link, ...]


@dataclass(frozen=True)
class FilesPage:
    """`files.html`: every table of a period as files, the overview, and the period's events."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    tables: tuple[TableFiles, ...]
    """The tables that conditions restrict."""
    counted: tuple[TableFiles, ...]
    """The tables that are about everybody."""
    overview: str
    """The address of the overview as one page."""
    paper: str
    """The address of the overview as a PDF."""
    events: str
    """The address to which the form for the period's events is sent."""
    forms: tuple[Link, ...]
    """The formats of events: words, and the value of the form's button in `href`."""


class FilesHandler:
    """Serves `/sites/KEY/files` and the files below it."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._overview = OverviewHandler(deps, guard)
        self._makings = Makings(deps, guard)

    def routes(self) -> list[Route]:
        """Return the routes of the page and of the files."""
        page, path = self._guard.page, "/sites/{key}/files"
        return [
            Route(path, page(self._page), methods=["GET"]),
            Route(f"{path}/events", self._guard.action(self._events), methods=["POST"]),
            Route(f"{path}/overview.html", page(self._whole_overview), methods=["GET"]),
            Route(f"{path}/overview.pdf", page(self._paper), methods=["GET"]),
            *self._makings.routes(),
            Route(f"{path}/{{name}}.{{form}}", page(self._file), methods=["GET"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await read_report_view(ReportQuery(self._deps), request, "/files")
        listed = [(one, _files(view, one)) for one in REPORTS.values()]
        context = FilesPage(
            shell=view.shell(session, "Files", "overview"),
            nav=period_nav(view.address, view.period),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            tables=tuple(files for one, files in listed if one.takes_conditions),
            counted=tuple(files for one, files in listed if not one.takes_conditions),
            overview=view.beside("/files/overview.html").with_(),
            paper=view.beside("/files/overview.pdf").with_(),
            events=view.beside("/files/events").with_(where=None, on=None),
            forms=tuple(Link(FORMATS[form][0], form) for form in FORMS),
        )
        return self._deps.pages.page("reports/files/files.html", context)

    async def _file(self, request: Request, session: Session) -> Response:
        name, form = request.path_params["name"], request.path_params["form"]
        report = report_of(name)
        view = await view_of(self._deps, report, request)
        cut = read_cut(report, request.query_params, None, MOST_ROWS)
        making = self._makings.begin(request, session, request.query_params.get(FIELD, ""))
        watching = WATCHED.set(making.progress)
        try:
            return await file_of(self._deps, report, view, form, cut, making)
        except StoppedByReader:
            making.state = "cancelled"
            return Response(status_code=204)  # the browser stays where it is
        except BaseException:
            making.state = "failed"
            raise
        finally:
            WATCHED.reset(watching)

    async def _whole_overview(self, request: Request, session: Session) -> Response:
        return await self._makings.whole(request, session, self._page_of(request, session))

    async def _paper(self, request: Request, session: Session) -> Response:
        return await self._makings.whole(request, session, self._paper_of(request, session))

    async def _page_of(self, request: Request, session: Session) -> Response:
        context = await self._overview.context(request, session)
        view = await read_report_view(ReportQuery(self._deps), request)
        told = replace(context, is_new=False)  # steps to take are for who is signed in
        html = offline(self._deps.pages.text("reports/overview/overview.html", told))
        return Response(html, media_type="text/html", headers=named("overview", view, "html"))

    async def _paper_of(self, request: Request, session: Session) -> Response:
        if not is_in_shipped_font():
            write_for(())
        context = await self._overview.context(request, session)
        view = await read_report_view(ReportQuery(self._deps), request)
        content = await paper_of(context, self._deps.clock(), self._deps.settings.font_folder)
        headers = named("overview", view, "pdf")
        return Response(content, headers=headers, media_type="application/pdf")

    async def _events(self, request: Request, session: Session, form: Form) -> Response:
        if (written_as := form.get("format", "")) not in FORMS:
            raise Malformed(f"The format is one of {', '.join(FORMS)}.", field="format")
        view = await read_report_view(ReportQuery(self._deps), request)
        window, now = view.period.window, self._deps.clock()
        start, end = ms_of(window.start), min(ms_of(window.end), now)
        wanted = Wanted(view.site.id, start, max(start, end), session.email, written_as)
        making = self._makings.begin(request, session, form.get(FIELD, ""))
        count = await number_of(self._deps, wanted)
        making.writes(count)
        await self._guard.note(request, Act.EVENTS_EXPORTED, session.email, view.site.key)
        headers = {**named("events", view, written_as), ROWS_HEADER: str(count)}
        body = pieces(self._deps, wanted, making.progress)
        return FileResponse(body, making, headers, FORMATS[written_as][1])


async def paper_of(page: OverviewPage, now: int, font_folder: Path | None = None) -> bytes:
    """Return the overview as a PDF; `now` is the time that it carries, in Unix milliseconds.

    `font_folder` has fonts for signs that the shipped one lacks, if not the system's folders.
    """
    compared = f"{page.against} ({page.charted})" if page.charted else ""
    chart = await over_time_png(page.chart, compared, width=820, height=230)
    contents = contents_of(page, chart, moment_of(now))
    return await in_turn(pdf_of, replace(contents, font_folder=str(font_folder or "")))


async def file_of(
    deps: Dependencies,
    report: Report,
    view: ReportView,
    form: str,
    cut: Cut = WHOLE,
    making: Making | None = None,
) -> Response:
    """Return the rows of a report as a file, every one or a part; `making` is told how far it is.

    Raises `NotFound` where there is no such format.
    """
    if form not in FORMATS:
        raise NotFound(f"There are files as {', '.join(FORMATS)}.")
    rows = await rows_of(deps, report, view, cut)
    if form == "xlsx" and rows.count > SHEET_ROWS:
        rows.close()
        raise too_many_for_a_sheet()
    headers = {**named(report.name, view, form), ROWS_HEADER: str(rows.count)}
    making = making or Making(("", ""), deps.clock())
    making.writes(rows.count)
    body = _sent(rows, form, facts_of(report, view, deps.clock()), making)
    return FileResponse(body, making, headers, FORMATS[form][1])


def facts_of(report: Report, view: ReportView, now: int) -> dict[str, str]:
    """Return what a file says of itself: report, site, days, time zone, conditions and time.

    What conditions are `on` is told where it is not the usual, visits.
    """
    others = (one.name for one in report.options if one.name not in FIELDS)
    names = ("where", "on", *others)
    period, query = view.period, view.address.query
    return {
        "report": report.name,
        "site": view.site.key,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "time_zone": period.zone,
        **{name: query[name] for name in names if query.get(name)},
        **(days_compared(view) if report.compares(view) else {}),
        "generated_at": as_iso(now),
    }


def _sent(rows: Rows, form: str, facts: dict[str, str], making: Making) -> Iterator[bytes]:
    batches = making.progress.watched(rows.batches(), rows.count)
    try:
        yield from written(form, rows.schema, batches, facts)
    finally:
        rows.close()


def _files(view: ReportView, report: Report) -> TableFiles:
    every = {} if report.takes_conditions else {"where": None, "on": None}
    files = (
        Link(FORMATS[form][0], view.beside(f"/files/{report.name}.{form}").with_(**every))
        for form in OFFERED
    )
    return TableFiles(report.title, report.about, tuple(files))

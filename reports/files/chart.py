"""One chart of the reports: as a file, and as a page on which it is interactive."""

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from reports.authentication.sessions import Session
from reports.charts.images import MEDIA_TYPES, image
from reports.charts.script import VERSION, script
from reports.dependencies import Dependencies
from reports.files.drawing import Drawing, NothingToDraw
from reports.files.drawings import drawing_of
from reports.files.empty_chart import empty_chart
from reports.files.naming import named
from reports.filters.bar import FilterBar, filter_bar
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.links import Link, PeriodNav, period_nav

YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class ChartPage:
    """`chart.html`: a chart that the browser draws, its table, and its files."""

    shell: Shell
    nav: PeriodNav
    """The choice of the period."""
    filters: FilterBar
    """The conditions that apply."""
    summary: str
    """The chart in a sentence, for those who do not see it."""
    about: str
    """What is drawn: site, days, and what dashes and grey lines are."""
    head: tuple[str, ...]
    """The headings of its table."""
    rows: tuple[tuple[str, ...], ...]
    """The rows of its table."""
    files: tuple[Link, ...]
    """The chart as files."""
    image: str
    """The address of the chart as SVG, for browsers without scripts."""
    spec: str
    """The chart in Vega-Lite with what each mark says, as JSON."""
    script: str
    """The address of the script that draws it."""
    back: str
    """The address of the overview, with the same period and filters."""


class ChartHandler:
    """Serves `/sites/KEY/charts/NAME`, its files, and the script of interactive charts."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page, the files and the script."""
        page, path = self._guard.page, "/sites/{key}/charts/{name}"
        return [
            Route(f"{path}.{{form}}", page(self._file), methods=["GET"]),
            Route(path, page(self._page), methods=["GET"]),
            Route("/vega/{version}.js", self._script, methods=["GET"]),
        ]

    async def _file(self, request: Request, session: Session) -> Response:
        name, form = request.path_params["name"], request.path_params["form"]
        if form not in MEDIA_TYPES:
            raise NotFound(f"There are charts as {', '.join(MEDIA_TYPES)}.")
        try:
            drawing = await drawing_of(self._deps, request, name)
        except NothingToDraw as nothing:
            return await empty_chart(self._deps, request, session, nothing, nothing.status)
        content = await image(drawing.spec, form)
        headers = named(name, drawing.view, form)
        return Response(content, headers=headers, media_type=MEDIA_TYPES[form])

    async def _page(self, request: Request, session: Session) -> Response:
        name = request.path_params["name"]
        try:
            drawing = await drawing_of(self._deps, request, name)
        except NothingToDraw as nothing:
            return await empty_chart(self._deps, request, session, nothing)
        view = drawing.view
        context = ChartPage(
            shell=view.shell(session, drawing.title, "overview"),
            nav=period_nav(view.address, view.period, compares=name == "over-time"),
            filters=filter_bar(view, request.query_params.get("edit", "")),
            summary=drawing.summary,
            about=" · ".join(drawing.spec["title"]["subtitle"]),
            head=drawing.head,
            rows=drawing.rows,
            files=tuple(Link(form.upper(), _address(drawing, form)) for form in MEDIA_TYPES),
            image=_address(drawing, "svg"),
            spec=_json(drawing),
            script=f"/vega/{VERSION}.js",
            back=view.beside("").with_(),
        )
        return self._deps.pages.page("reports/files/chart.html", context)

    async def _script(self, request: Request) -> Response:
        """Answer with the script to staff alone: making it takes some seconds, once a start."""
        if await self._guard.sessions.find(request) is None:
            raise NotFound("There is nothing here.")
        if request.path_params["version"] != VERSION:
            raise NotFound("There is another version of this script.")
        content, encoding = await script(request.headers.get("accept-encoding", ""))
        headers = {
            "Cache-Control": f"private, max-age={YEAR}, immutable",
            "Vary": "Accept-Encoding",
            **({"Content-Encoding": encoding} if encoding else {}),
        }
        return Response(content, headers=headers, media_type="text/javascript")


def _address(drawing: Drawing, form: str) -> str:
    address = drawing.view.address
    _, _, query = address.with_().partition("?")
    return f"{address.path}.{form}" + (f"?{query}" if query else "")


def _json(drawing: Drawing) -> str:
    """Return the chart as JSON that can stand in a page: no text in it ends the element."""
    from reports.charts.vega.over_time import zoomable  # noqa: PLC0415 - Altair

    spec = zoomable(drawing.spec) if drawing.zooms else drawing.spec
    told = {name: getattr(drawing, name) for name in ("words", "columns", "zooms")}
    return json.dumps({**told, "spec": spec}).replace("<", "\\u003c")

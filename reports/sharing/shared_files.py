"""The files of a shared report: its lists and its chart, with the numbers that its page shows."""

import asyncio
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from askfirst.clock import as_iso
from askfirst.errors import NotFound
from reports.charts.images import MEDIA_TYPES, image
from reports.charts.series import Lines
from reports.dependencies import Dependencies
from reports.files.formats import FORMATS, written
from reports.sharing.shared_lists import SharedList
from reports.tables.spool import Rows, held
from reports.tables.table import WHOLE, Field
from reports.url.links import Link, dates_of
from reports.url.report_view import ReportView

OFFERED = ("csv", "json", "xlsx")
"""The formats of lists."""


def list_links(one: SharedList) -> tuple[Link, ...]:
    """Return the links to a list's files; its address is that of the whole list."""
    path, _, query = one.href.partition("?")
    return tuple(
        Link(FORMATS[form][0], f"{path}/files/{one.key}.{form}?{query}") for form in OFFERED
    )


def chart_links(view: ReportView) -> tuple[Link, ...]:
    """Return the links to the files of the chart."""
    path, _, query = view.address.with_().partition("?")
    end = f"?{query}" if query else ""
    return tuple(Link(form.upper(), f"{path}/chart.{form}{end}") for form in MEDIA_TYPES)


async def list_file(deps: Dependencies, view: ReportView, one: SharedList, form: str) -> Response:
    """Return a list as a file; raises `NotFound` where there is no such format."""
    if form not in OFFERED:
        raise NotFound(f"There are lists as {', '.join(OFFERED)}.")
    fields = (
        Field("name", one.heading, "", "text"),
        *((Field(one.amount.lower(), one.amount, ""),) if one.amount else ()),
        Field("visitors", "Visitors", ""),
    )
    rows = [
        {"name": row.name, one.amount.lower(): row.amount, "visitors": row.visitors}
        for row in one.rows
    ]
    kept = held(fields, deps.settings.data_folder, rows, WHOLE)
    body = _sent(kept, form, _facts(view, one, deps.clock()))
    headers = _named(one.key, view, form)
    return StreamingResponse(body, headers=headers, media_type=FORMATS[form][1])


async def chart_file(view: ReportView, lines: Lines, form: str) -> Response:
    """Return the chart as a file; raises `NotFound` where there is no such format."""
    if form not in MEDIA_TYPES:
        raise NotFound(f"There are charts as {', '.join(MEDIA_TYPES)}.")
    content = await image(await asyncio.to_thread(_spec, view, lines), form)
    headers = _named("over-time", view, form)
    return Response(content, headers=headers, media_type=MEDIA_TYPES[form])


def _spec(view: ReportView, lines: Lines) -> dict[str, object]:
    from reports.charts.vega.over_time import over_time  # noqa: PLC0415 - Altair

    below = f"{view.site.name}, {dates_of(view.period)}. Rounded to tens; below ten is at 0."
    return over_time(lines.charts[0], "", below)


def _facts(view: ReportView, one: SharedList, now: int) -> dict[str, str]:
    period = view.period
    return {
        "report": one.key,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "time_zone": period.zone,
        "counts": "rounded to tens; values of fewer than ten visitors are left out",
        "generated_at": as_iso(now),
    }


def _named(name: str, view: ReportView, ending: str) -> dict[str, str]:
    """Return the header that names a file; it does not tell the site's key."""
    file = f"{name}-{view.period.first}-{view.period.last}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{file}"'}


def _sent(rows: Rows, form: str, facts: dict[str, str]) -> Iterator[bytes]:
    try:
        yield from written(form, rows.schema, rows.batches(), facts)
    finally:
        rows.close()

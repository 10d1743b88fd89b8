"""`askfirst report` prints a report as a table or a file."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer
from babel.lists import format_list
from rich.console import Console
from rich.table import Table
from rich.text import Text
from starlette.requests import Request

from askfirst.clock import system_clock
from askfirst.errors import Misconfigured
from askfirst.settings import load_settings
from askfirst.text.spreadsheets import BYTE_ORDER_MARK
from reports.authentication.sessions import Session
from reports.staff.guard import Guard
from server.app import report_dependencies
from server.commands.reading_services import with_services
from server.commands.terminal import DataFolder, SiteKey, progress_bar, reporting_errors
from server.services import Services

if TYPE_CHECKING:
    from reports.tables.progress import Progress
    from reports.tables.spool import Rows
    from reports.tables.table import Field, Report
    from reports.url.report_view import ReportView

OVERVIEW = "overview"
ROWS = 100
"""Rows of a table on the terminal, unless another limit is asked for."""

FOLDED = 20
"""Characters of a line of text in a table that has no room for more."""


class Written(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"
    PNG = "png"


OF_THE_OVERVIEW = (Written.PDF, Written.PNG)
"""The formats of the overview, which is no table."""


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    commands.command()(reporting_errors(report))


def report(  # noqa: PLR0913, PLR0917 - the fields of an address
    site: SiteKey,
    name: Annotated[str, typer.Argument(help="Such as totals, over-time, pages, or overview.")],
    period: Annotated[str, typer.Option(help="Such as 7d, 30d, month, or custom.")] = "30d",
    first: Annotated[str | None, typer.Option("--from", help="The first day, of custom.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, of custom.")] = None,
    where: Annotated[str | None, typer.Option(help="Conditions, such as country,is,DE.")] = None,
    on: Annotated[str | None, typer.Option(help="What they are on: visits or events.")] = None,
    against: Annotated[
        str | None, typer.Option(help="Compare with: before, year, or custom.")
    ] = None,
    against_first: Annotated[
        str | None, typer.Option("--against-from", help="The first day to compare with.")
    ] = None,
    against_last: Annotated[
        str | None, typer.Option("--against-to", help="The last day to compare with.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Steps: hour, day, week or month.")] = None,
    sort: Annotated[str | None, typer.Option(help="A field; -FIELD turns it round.")] = None,
    limit: Annotated[int | None, typer.Option(help="How many rows.")] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("--set", help="A field of one report, such as goal=3 or steps=4."),
    ] = None,
    written: Annotated[Written, typer.Option("--format", help="How; pdf and png of overview.")] = (
        Written.TABLE
    ),
    data: DataFolder = None,
) -> None:
    """Print a report, as the API answers it; the server may be running.

    The overview is printed as PDF, or as PNG its chart, for a file: `--format pdf > overview.pdf`.
    """
    if (name == OVERVIEW) is not (written in OF_THE_OVERVIEW):
        raise Misconfigured("pdf and png are the formats of the report overview, and of it alone.")
    if written is Written.TABLE and limit is None:
        limit = ROWS
    query = {
        "period": period,
        "from": first,
        "to": last,
        "where": where,
        "on": on,
        "against": against,
        "against_from": against_first,
        "against_to": against_last,
        "by": by,
        "sort": sort,
        "limit": limit,
    }
    said = {field: str(value) for field, value in query.items() if value is not None}
    print_it = _printing(site, (name, _options(more or [])), said, written)
    with_services(load_settings({"data_folder": data}), print_it)


def _printing(
    site: str, report_with: tuple[str, dict[str, str]], query: dict[str, str], written: Written
) -> Callable[[Services], Awaitable[None]]:
    """Return what prints a report, with the fields that it alone has, by the services."""

    async def print_it(services: Services) -> None:
        if report_with[0] == OVERVIEW:
            await _print_overview(services, site, query, written)
        else:
            await _print(services, site, report_with, query, written)

    return print_it


def _options(more: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in more]
    if not all(name and sign for name, sign, _ in pairs):
        raise Misconfigured("--set takes NAME=VALUE.")
    return {name: value for name, _, value in pairs}


async def _print(
    services: Services,
    site: str,
    report_with: tuple[str, dict[str, str]],
    query: dict[str, str],
    written: Written,
) -> None:
    from reports.tables.asking import MOST_ROWS, read_cut, rows_of, view_of  # noqa: PLC0415 - Ibis
    from reports.tables.progress import WATCHED, Progress  # noqa: PLC0415 - Arrow
    from reports.tables.registry import REPORTS  # noqa: PLC0415 - Ibis

    name, options = report_with
    if (found := REPORTS.get(name)) is None:
        raise Misconfigured(f"There is no such report. There are overview, {', '.join(REPORTS)}.")
    deps = report_dependencies(services)
    if set(options) - (known := {one.name for one in found.options}):
        said = f"takes {format_list(sorted(known), locale='en')}" if known else "takes none"
        raise Misconfigured(f"Of such fields the report {name} {said}.")
    view = await view_of(deps, found, _request(site, {**query, **options}))
    with progress_bar(found.title) as told:
        progress = Progress(told=told)
        WATCHED.set(progress)
        rows = await rows_of(deps, found, view, read_cut(found, query, None, MOST_ROWS))
        try:
            if written is not Written.TABLE:
                await asyncio.to_thread(_print_file, found, view, rows, written, progress)
                return
            listed = rows.listed()
        finally:
            rows.close()
    _print_table(found, found.fields_for(view), listed)


async def _print_overview(
    services: Services, site: str, query: dict[str, str], written: Written
) -> None:
    from reports.charts.images import over_time_png  # noqa: PLC0415 - Ibis
    from reports.files.files import paper_of  # noqa: PLC0415 - Ibis
    from reports.overview.overview import OverviewHandler  # noqa: PLC0415 - Ibis

    deps = report_dependencies(services)
    handler = OverviewHandler(deps, Guard(deps))
    page = await handler.context(_request(site, query), Session(0, "", "", b""))
    if written is Written.PDF:
        content = await paper_of(page, system_clock(), deps.settings.font_folder)
    else:
        content = await over_time_png(page.chart, page.against if page.compared else "")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _request(site: str, query: dict[str, str]) -> Request:
    """Return the request that asks for the same on a page."""
    known = {"path_params": {"key": site}, "query_string": urlencode(query).encode()}
    return Request({"type": "http", **known})


_AMOUNTS = frozenset({"whole", "number"})
"""Kinds of fields of which one row reads best as a list."""


def _print_table(found: "Report", fields: "Sequence[Field]", listed: list[dict[str, Any]]) -> None:
    table = Table(title=found.title)
    if len(listed) == 1 and all(field.kind in _AMOUNTS for field in fields):
        _stand_upright(table, fields, listed[0])
    else:
        for field in fields:
            _add_column(table, field)
        for row in listed:
            table.add_row(*(Text(_shown(value)) for value in row.values()))
    console = Console(highlight=False)
    console.width = max(console.width, _least_width(console, table))
    console.print(table)
    if len(listed) == ROWS:
        console.print(f"The first {ROWS} rows; --limit takes more, --format csv all of them.")


def _add_column(table: Table, field: "Field") -> None:
    if field.kind == "text":
        table.add_column(field.title, overflow="fold")
    else:
        table.add_column(field.title.replace(" ", "\n"), justify="right", no_wrap=True)


def _least_width(console: Console, table: Table) -> int:
    """Return the characters that the table needs: a figure that is cut would be another figure."""
    texts = [column for column in table.columns if not column.no_wrap]
    for column in texts:
        column.max_width = FOLDED
    needed = console.measure(table, options=console.options.update(width=10_000)).maximum
    for column in texts:
        column.max_width = None
    return needed


def _stand_upright(table: Table, fields: "Sequence[Field]", row: Mapping[str, Any]) -> None:
    """Write the known figures of one row in a line each: beside each other they have no room."""
    table.add_column("Figure")
    table.add_column("Value", justify="right")
    for field in fields:
        if row[field.name] is not None:
            table.add_row(field.title, Text(_shown(row[field.name])))


def _shown(value: Any) -> str:
    """Write a cell for a terminal, which must not obey what is in it."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return str(value)
    return "".join(one if one.isprintable() else "\ufffd" for one in value or "")


def _print_file(
    found: "Report", view: "ReportView", rows: "Rows", written: Written, progress: "Progress"
) -> None:
    from reports.files.files import facts_of  # noqa: PLC0415 - Ibis
    from reports.files.formats import written as pieces_of  # noqa: PLC0415 - Arrow

    facts = facts_of(found, view, system_clock())
    watched = progress.watched(rows.batches(), rows.count)
    mark = BYTE_ORDER_MARK.encode()  # for Excel, and in the way of other programs
    for piece in pieces_of(written.value, rows.schema, watched, facts):
        sys.stdout.buffer.write(piece.removeprefix(mark))
    sys.stdout.buffer.flush()

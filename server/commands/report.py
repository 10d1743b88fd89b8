"""`askfirst report` prints a report, and `askfirst export-visitor` writes a visitor's file."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from starlette.requests import Request

from askfirst.clock import system_clock
from askfirst.errors import Misconfigured, NotFound
from askfirst.settings import Settings, load_settings
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.site_book import SiteBook
from askfirst.system.durable_files import create
from askfirst.text.spreadsheets import BYTE_ORDER_MARK
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.staff.audit_log import Act, StaffActs
from reports.staff.guard import Guard
from reports.visitors.disclosures import Disclosures
from server.app import report_dependencies
from server.checks.folder_access import enter
from server.commands.reading_services import with_services
from server.commands.terminal import DataFolder, reporting_errors, say
from server.services import Services

if TYPE_CHECKING:
    from reports.tables.spool import Rows
    from reports.tables.table import Field, Report
    from reports.url.report_view import ReportView

OVERVIEW = "overview"
ROWS = 100
"""Rows of a table on the terminal, unless another limit is asked for."""
BY_WHOM = "the operator, on the command line"
"""Who a visitor's file names where it was written by the command."""


class Written(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"
    PNG = "png"


OF_THE_OVERVIEW = (Written.PDF, Written.PNG)
"""The formats of the overview, which is no table."""


class Ending(StrEnum):
    """The formats of a visitor's file."""

    JSON = "json"
    ZIP = "zip"
    XLSX = "xlsx"


SiteKey = Annotated[str, typer.Argument(metavar="SITE", help="The key of the site.")]


def register(commands: typer.Typer) -> None:
    """Add the commands to the command line."""
    commands.command()(reporting_errors(report))
    commands.command("export-visitor")(reporting_errors(export_visitor))


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
    asked = {
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
        "limit": str(limit) if limit is not None else None,
    }
    if written is Written.TABLE and limit is None:
        asked["limit"] = str(ROWS)
    query = {field: value for field, value in asked.items() if value is not None}
    options = _options(more or [])

    async def printed(services: Services) -> None:
        if name == OVERVIEW:
            await _print_overview(services, site, query, written)
        else:
            await _print(services, site, (name, options), query, written)

    with_services(load_settings({"data_folder": data}), printed)


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
    from reports.tables.registry import report_of  # noqa: PLC0415 - Ibis

    name, options = report_with
    deps, found = report_dependencies(services), report_of(name)
    if set(options) - (known := {one.name for one in found.options}):
        said = f"takes {' and '.join(sorted(known))}" if known else "takes none"
        raise Misconfigured(f"Of such fields the report {name} {said}.")
    view = await view_of(deps, found, _request(site, {**query, **options}))
    rows = await rows_of(deps, found, view, read_cut(found, query, None, MOST_ROWS))
    try:
        if written is Written.TABLE:
            _print_table(found, found.fields_for(view), rows)
        else:
            await asyncio.to_thread(_print_file, found, view, rows, written)
    finally:
        rows.close()


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


def _print_table(found: "Report", fields: "Sequence[Field]", rows: "Rows") -> None:
    table, listed = Table(title=found.title), rows.listed()
    if len(listed) == 1 and all(field.kind != "text" for field in fields):
        _stand_upright(table, fields, listed[0])
    else:
        for field in fields:
            table.add_column(field.title, justify="left" if field.kind == "text" else "right")
        for row in listed:
            table.add_row(*(Text(_shown(value)) for value in row.values()))
    console = Console(highlight=False)
    console.print(table)
    if rows.count == ROWS:
        console.print(f"The first {ROWS} rows; --limit takes more, --format csv all of them.")


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
        return f"{value:,.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "".join(one if one.isprintable() else "\ufffd" for one in value or "")


def _print_file(found: "Report", view: "ReportView", rows: "Rows", written: Written) -> None:
    from reports.files.files import facts_of  # noqa: PLC0415 - Ibis
    from reports.files.formats import written as pieces_of  # noqa: PLC0415 - Arrow

    facts = facts_of(found, view, system_clock())
    mark = BYTE_ORDER_MARK.encode()  # for Excel, and in the way of other programs
    for piece in pieces_of(written.value, rows.schema, rows.batches(), facts):
        sys.stdout.buffer.write(piece.removeprefix(mark))
    sys.stdout.buffer.flush()


def export_visitor(
    site: SiteKey,
    visitor: Annotated[str, typer.Argument(help="The visitor's pseudonym, 32 digits.")],
    ending: Annotated[
        Ending, typer.Option("--format", help="json, zip (of CSV) or xlsx.")
    ] = Ending.JSON,
    target: Annotated[
        Path | None, typer.Option("--output", help="A new file; else visitor-ID-DAY.json.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Write the file of a visitor, who can read that it was written; the server may be running."""
    from reports.visitors.export.contents import file_name  # noqa: PLC0415 - pandas
    from reports.visitors.visitor import FORMATS  # noqa: PLC0415 - pandas

    if not is_visitor_id(visitor):
        raise Misconfigured("A pseudonym is 32 digits of 0-9 and a-f.")
    settings = load_settings({"data_folder": data})
    path = target or Path(file_name(visitor, system_clock(), ending.value))
    if path.exists():
        raise Misconfigured(f"There is {path} already; nothing was written.")
    what, _, _ = FORMATS[ending.value]
    ids = asyncio.run(_disclosed(settings, site, visitor, what))

    async def content(services: Services) -> bytes:
        return await _file(services, site, visitor, ids, ending)

    body = with_services(settings, content)
    with create(path) as file:
        file.write(body)
    say(f"{path} holds everything that is kept of this visitor.")


async def _disclosed(settings: Settings, key: str, visitor: str, what: str) -> list[str]:
    """Enter that the file is written, and return every pseudonym of the visitor's browser."""
    async with _ledger(settings) as ledger:
        book = SiteBook(ledger, system_clock)
        await book.refresh()
        try:
            site = book.get(key)
        except NotFound as error:
            raise Misconfigured(error.message) from error
        disclosures = Disclosures(ledger, system_clock)
        ids = await disclosures.disclose_person(site.id, visitor, BY_WHOM, what)
        if not ids:
            raise Misconfigured("There is no such visitor, or it was erased.")
        acts = StaffActs(ledger, system_clock)
        await acts.note(Act.VISITOR_EXPORTED, BY_WHOM, site.key)
    return ids


@asynccontextmanager
async def _ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """Open the ledger, beside a running server or without: SQLite lets one write at a time."""
    ledger = await Ledger.open(sqlite_url(enter(settings.data_folder, writing=True)))
    try:
        yield ledger
    finally:
        await ledger.close()


async def _file(
    services: Services, key: str, visitor: str, ids: list[str], ending: Ending
) -> bytes:
    from reports.visitors.export.contents import contents_of  # noqa: PLC0415 - pandas
    from reports.visitors.visitor import FORMATS  # noqa: PLC0415 - pandas

    site = services.book.get(key)
    rows = await services.personal_data.rows_of(site.id, ids)
    _, _, write = FORMATS[ending.value]
    if write is None:
        raise Misconfigured(f"{ending.value} is no format of this command.")
    return write(contents_of(site, visitor, rows, services.clock()))

"""`askfirst export-visitor` writes the file of a visitor, and enters that it was written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from askfirst.clock import system_clock
from askfirst.errors import Misconfigured, NotFound
from askfirst.settings import Settings, load_settings
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.site_book import SiteBook
from askfirst.system.durable_files import create
from askfirst.visitors import is_visitor_id
from reports.staff.audit_log import Act, StaffActs
from reports.visitors.disclosures import Disclosures
from server.checks.folder_access import enter
from server.commands.reading_services import with_services
from server.commands.terminal import DataFolder, SiteKey, progress_bar, reporting_errors, say
from server.services import Services

BY_WHOM = "the operator, on the command line"
"""Who a visitor's file names where it was written by the command."""


class Ending(StrEnum):
    """The formats of a visitor's file."""

    JSON = "json"
    ZIP = "zip"
    XLSX = "xlsx"


def register(commands: typer.Typer) -> None:
    """Add the command to the command line."""
    commands.command("export-visitor")(reporting_errors(export_visitor))


def export_visitor(
    site: SiteKey,
    visitor: Annotated[str, typer.Argument(help="The visitor's pseudonym, 32 digits.")],
    ending: Annotated[
        Ending, typer.Option("--format", help="json, zip (of CSV) or xlsx.")
    ] = Ending.JSON,
    target: Annotated[
        Path | None, typer.Option("--output", help="A new file; else visitor-ID-DAY.FORMAT.")
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
    with progress_bar(f"Visitor {visitor}", "stores") as told:
        rows = await services.personal_data.rows_of(site.id, ids, told)
    _, _, write = FORMATS[ending.value]
    if write is None:
        raise Misconfigured(f"{ending.value} is no format of this command.")
    return write(contents_of(site, visitor, rows, services.clock()))

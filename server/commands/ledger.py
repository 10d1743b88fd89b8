"""`askfirst ledger decisions`, `export` and `verify`; the server may be running."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from askfirst.errors import Misconfigured
from askfirst.settings import load_settings
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import sites
from askfirst.system.durable_files import create, write_durably
from reports.records.rows import Chosen, Format, batches, count, lines, opening
from server.backups.later_decisions import read_decisions
from server.checks.folder_access import enter
from server.checks.verify import damaged_log_sentence, logs_that_were_cut, verify_ledger_at
from server.commands.terminal import DataFolder, reporting_errors, say, say_verdict


def register(commands: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(no_args_is_help=True, help="The ledger of consent records.")
    for command in (decisions, export, verify):
        group.command()(reporting_errors(command))
    commands.add_typer(group, name="ledger")


def decisions(
    target: Annotated[Path, typer.Argument(help="The file to write.")], data: DataFolder = None
) -> None:
    """Write the list of erasures, withdrawals and deleted sites, for a later restore."""
    ledger = enter(load_settings({"data_folder": data}).data_folder)
    logs = logs_that_were_cut(ledger)
    listed = read_decisions(ledger)
    write_durably(target, listed.text().encode("ascii"))
    withdrawn = len(listed.withdrawn)
    erased = len(listed.erased) + len(listed.visits) + len(listed.spans)
    say(f"Withdrawals: {withdrawn}, erasures: {erased}.")
    if listed.deleted:
        say(f"Deleted sites: {len(listed.deleted)}.")
    if logs:
        raise Misconfigured(f"The list may lack some: {damaged_log_sentence(logs)}")


def export(
    target: Annotated[Path, typer.Argument(help="A new file; .jsonl for JSON lines, else CSV.")],
    site: Annotated[str | None, typer.Option(help="The key of one site; else all sites.")] = None,
    written: Annotated[
        Format | None, typer.Option("--format", help="csv or jsonl; else by the file's ending.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Write the consent records, which name nobody, for an auditor; the server may be running."""
    ledger = enter(load_settings({"data_folder": data}).data_folder)
    chosen = written or (Format.JSONL if target.suffix == ".jsonl" else Format.CSV)
    logs = logs_that_were_cut(ledger)
    records = _export_records(ledger, target, site, chosen, Console(stderr=True))
    say(f"{target} holds {records} records.")
    if logs:
        raise Misconfigured(f"The file may lack some: {damaged_log_sentence(logs)}")


def verify(
    data: DataFolder = None,
    head: Annotated[
        str | None, typer.Option(help="A head printed earlier; it must still be in the chain.")
    ] = None,
) -> None:
    """Check the chain of consent records; the server may be running."""
    ledger = enter(load_settings({"data_folder": data}).data_folder)
    say_verdict(verify_ledger_at(ledger, head, Console(stderr=True)))


def _export_records(
    ledger: Path, target: Path, site_key: str | None, written: Format, console: Console
) -> int:
    """Write the records of a site, or of all, to a new file for its owner alone; return how many.

    Nothing is written to the ledger. Raises `Misconfigured` where the file is there already or
    cannot be written, the ledger cannot be read or has no such site; then no file is left.
    """
    try:
        with create(target) as file:
            return asyncio.run(_export(ledger, file, site_key, written, console))
    except FileExistsError as error:
        raise Misconfigured(f"There is {target} already; nothing was written.") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Misconfigured(f"The file {target} cannot be written: {why}.") from error
    except (SQLAlchemyError, ValueError, LookupError) as error:
        raise Misconfigured(f"The ledger {ledger} cannot be read.") from error


async def _export(
    path: Path, file: BinaryIO, site_key: str | None, written: Format, console: Console
) -> int:
    ledger = await Ledger.open_to_read(path)
    done = 0
    try:
        chosen = Chosen(await _number_of(ledger, site_key) if site_key else None)
        total = await count(ledger, chosen)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("Exporting", total=total)
            file.write(opening(written).encode())
            async for rows in batches(ledger, chosen):
                file.writelines(line.encode() for line in lines(rows, written))
                done += len(rows)
                progress.update(task, completed=done)
    finally:
        await ledger.close()
    return done


async def _number_of(ledger: Ledger, key: str) -> int:
    async with ledger.read() as connection:
        found = await connection.execute(select(sites.c.id).where(sites.c.key == key))
        number = found.scalar_one_or_none()
    if number is None:
        raise Misconfigured("The ledger has no site with this key.")
    return int(number)

"""`askfirst ledger export`: the consent records as a file, also while the server runs."""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from askfirst.errors import Misconfigured
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import sites
from askfirst.system.durable_files import create
from reports.records.rows import Chosen, Format, batches, count, lines, opening


def export_records(
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

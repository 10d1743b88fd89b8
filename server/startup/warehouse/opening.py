"""Opens the warehouse that the settings name: the file in the data folder, or a database."""

from __future__ import annotations

import secrets
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import structlog

from askfirst.errors import Unavailable
from askfirst.settings import Settings
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.duckdb.forms import FIRST, cannot_be_opened, form_of
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.system.durable_files import write_durably
from server.startup.data_folder import WAREHOUSE, WRITER
from server.startup.warehouse.location import refuse_moved

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
    from server.startup.warehouse.preparation import Preparation

log = structlog.get_logger()

REACH_SECONDS = 10.0
"""How long a start waits for a database that does not answer; nothing is collected meanwhile."""


def open_warehouse(
    settings: Settings, *, meanwhile: bool = False
) -> tuple[Warehouse, Preparation | None]:
    """Open the warehouse; a file of an older form is converted first.

    With `meanwhile`, return it with a conversion that is yet to be started: until its end whatever
    asks the warehouse raises `Preparing`. Raises `Misconfigured`.
    """
    refuse_moved(settings.data_folder, settings.warehouse)
    limited = partial(Warehouse, page_seconds=settings.report_seconds)
    if settings.warehouse:
        return limited(_reached(settings)), None
    path, limits = settings.data_folder / WAREHOUSE, limits_of(settings)
    if form_of(path) != FIRST:
        return limited(open_file(path, limits)), None
    from server.startup.warehouse.preparation import Preparation, convert_now  # noqa: PLC0415 - it loads Arrow

    if not meanwhile:
        convert_now(path, limits)
        return limited(open_file(path, limits)), None
    preparation = Preparation(path, partial(open_file, path, limits), limits)
    return limited(preparation.engine), preparation


def remove_unfinished(folder: Path) -> None:
    """Remove what a conversion or a move that was cut short has left; no other may be under way.

    It holds events, and no erasure would reach them.
    """
    for found in folder.glob(f"{WAREHOUSE}.new*"):
        if found.is_dir() and not found.is_symlink():  # what DuckDB had no memory for
            shutil.rmtree(found)
        else:
            found.unlink()


def limits_of(settings: Settings) -> Limits:
    """Return what the engine of the file may use of the machine."""
    return Limits(settings.warehouse_memory_mb, settings.warehouse_threads)


def open_file(path: Path, limits: Limits) -> DuckDBEngine:
    """Open a file of this version's form; raises `Misconfigured`."""
    try:
        return DuckDBEngine(path, limits=limits)
    except (duckdb.Error, OSError) as error:
        raise cannot_be_opened(path) from error


def _reached(settings: Settings) -> ClickHouseEngine:
    engine = open_database(settings.warehouse, settings.data_folder)
    engine.refuse_unfinished()  # also where it can be reached only later
    try:
        engine.prepare(TimeLimit(REACH_SECONDS))
    except Unavailable as error:  # events wait in the journal until it is back
        log.warning("warehouse_away", why=error.message)
    return engine


def open_database(url: str, folder: Path, *, read_only: bool = False) -> ClickHouseEngine:
    """Return the engine of a ClickHouse database, not connected yet; raises `Misconfigured`.

    One that is `read_only` leaves the database and the folder as they are.
    """
    from askfirst.store.warehouse.clickhouse.address import address_of  # noqa: PLC0415 - few need it
    from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine  # noqa: PLC0415

    if read_only:
        return ClickHouseEngine(address_of(url), read_only=True)
    return ClickHouseEngine(address_of(url), server=_writer(folder))


def _writer(folder: Path) -> str:
    """Return the name by which this folder's server writes, made at the first call."""
    path = folder / WRITER
    if not path.exists():
        write_durably(path, secrets.token_hex(16).encode())
    return path.read_text(encoding="ascii", errors="replace").strip()

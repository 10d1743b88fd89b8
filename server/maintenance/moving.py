"""Moves the events from one warehouse to another: copied, compared, noted, and removed there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import structlog

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.settings import Settings
from askfirst.store.warehouse.clickhouse.address import address_of
from askfirst.store.warehouse.duckdb.files import SUFFIXES, is_whole
from askfirst.store.warehouse.duckdb.forms import EMPTY, form_of
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.migration.copying import Progress, copy_engine, empty
from askfirst.system.durable_files import sync, write_durably
from server.startup.data_folder import LEFT, WAREHOUSE, locked
from server.startup.warehouse.location import FILE, left_databases, name_of, note_where
from server.startup.warehouse.opening import (
    limits_of,
    open_database,
    open_file,
    open_warehouse,
    remove_unfinished,
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Moved:
    """Where the events are now, and what was left with events that no erasure reaches, or ''."""

    name: str
    left: str


def move(settings: Settings, to: str, progress: Progress, *, keep_source: bool = False) -> Moved:
    """Copy the events of a folder's warehouse into another one, and empty the first one.

    `to` is `file` or the address of a database. With `keep_source` the first one stays as it is;
    one that is spread over a cluster does so always, as a replica may have lagged behind.
    Raises `Misconfigured` where a server runs on the folder, both are the same, or the other holds
    events; then the events are where they were.
    """
    url = "" if to == FILE else to
    if url and not url.startswith("clickhouse://"):
        raise Misconfigured("A warehouse is named by clickhouse://USER@HOST:PORT/DATABASE or file.")
    name = name_of(url)
    if name == name_of(settings.warehouse):
        raise Misconfigured("The events are in that warehouse already.")
    with locked(settings.data_folder):
        warehouse, _ = open_warehouse(settings)
        with closing(warehouse), _target(settings, url) as target:
            copy_engine(warehouse.engine, target, progress)
        left = left_databases(settings.data_folder)
        if settings.warehouse:
            left |= {name_of(settings.warehouse)}
        _note_left(settings.data_folder, left)
        note_where(settings.data_folder, name)
        _note_left(settings.data_folder, left - {name})
        removed = not (keep_source or _may_lag(settings)) and _remove_source(settings)
    return Moved(name, "" if removed else _source_of(settings))


def _note_left(folder: Path, names: set[str]) -> None:
    """Note the databases that still hold events of this folder, one a line."""
    if names:
        write_durably(folder / LEFT, "\n".join(sorted(names)).encode())
    else:
        (folder / LEFT).unlink(missing_ok=True)


def _may_lag(settings: Settings) -> bool:
    """Return whether what was read from the source may be less than it holds, as of a replica."""
    return bool(settings.warehouse) and bool(address_of(settings.warehouse).cluster)


def _source_of(settings: Settings) -> str:
    if settings.warehouse:
        return f"database {name_of(settings.warehouse)}"
    return f"file {settings.data_folder / WAREHOUSE}"


def _remove_source(settings: Settings) -> bool:
    """Remove the events from where they were, and return whether that could be done."""
    folder = settings.data_folder
    try:
        if settings.warehouse:
            _empty_database(settings)
            _note_left(folder, left_databases(folder) - {name_of(settings.warehouse)})
        else:
            _delete_file(folder / WAREHOUSE)
        sync(folder)
    except (OSError, AskfirstError) as error:
        log.warning("warehouse_left", why=type(error).__name__)
        return False
    return True


def _empty_database(settings: Settings) -> None:
    with closing(open_database(settings.warehouse, settings.data_folder)) as engine:
        engine.prepare()
        empty(engine)


def _delete_file(path: Path) -> None:
    """Delete a file and what the engine has put beside it."""
    spilled = path.with_name(f"{path.name}.tmp")
    if spilled.exists():
        shutil.rmtree(spilled)
    for suffix in (*SUFFIXES[1:], ".fresh", ""):
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)


@contextmanager
def _target(settings: Settings, url: str) -> Iterator[Engine]:
    """Yield the engine to copy to; a file takes its name when the block has ended well."""
    if url:
        engine = open_database(url, settings.data_folder)
        with closing(engine):
            engine.prepare()
            yield engine
        return
    path = settings.data_folder / WAREHOUSE
    if form_of(path) != EMPTY:
        raise Misconfigured(f"There is a file {path} already: move it away first.")
    with _new_file(path) as fresh, closing(open_file(fresh, limits_of(settings))) as engine_of_file:
        yield engine_of_file


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    remove_unfinished(path.parent)
    fresh = path.with_name(f"{path.name}.new")
    try:
        yield fresh
    except duckdb.Error as error:
        remove_unfinished(path.parent)
        raise Misconfigured(f"The file {path} cannot be written, or the disk is full.") from error
    except BaseException:
        remove_unfinished(path.parent)
        raise
    if not is_whole(fresh):
        remove_unfinished(path.parent)
        raise Misconfigured(f"The file {path} could not be written whole: the disk is full.")
    sync(fresh)
    os.replace(fresh, path)
    sync(path.parent)

"""Moves the events from one warehouse to another: copied, compared, and noted as moved."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from askfirst.errors import Misconfigured
from askfirst.settings import Settings
from askfirst.store.warehouse.duckdb.forms import EMPTY, form_of
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.migration.copying import Progress, copy_engine
from askfirst.system.durable_files import sync
from server.startup.data_folder import WAREHOUSE, locked
from server.startup.warehouse.location import FILE, name_of, note_where
from server.startup.warehouse.opening import (
    limits_of,
    open_database,
    open_file,
    open_warehouse,
    remove_unfinished,
)


def move(settings: Settings, to: str, progress: Progress) -> str:
    """Copy the events of a folder's warehouse into another one and return the other's name.

    `to` is `file` or the address of a database. The first one stays as it is. Raises
    `Misconfigured` where a server runs on the folder, both are the same, or the other holds events.
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
        note_where(settings.data_folder, name)
    return name


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
    sync(fresh)
    os.replace(fresh, path)
    sync(path.parent)

"""Converts a file of the first form: into a new one beside it, compared, and put in its place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import structlog

from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import BY_THE_MACHINE, Limits, is_whole
from askfirst.store.warehouse.duckdb.form_one import FormOne, fold_log
from askfirst.store.warehouse.duckdb.forms import cannot_be_opened
from askfirst.store.warehouse.duckdb.sums import Sums, differing, sums_of_converted
from askfirst.store.warehouse.engine import Engine
from askfirst.system.durable_files import sync

log = structlog.get_logger()

BATCH = 20_000
"""Events that are converted at once: it bounds the memory."""
SUFFIX = ".new"
_TO_SPARE = 64 << 20
"""Bytes that must remain free beside the new file, which is no longer than the old one."""

Progress = Callable[[int, int], None]
"""Told how many of how many events are done."""


class Stopped(Exception):
    """The conversion was stopped before its end; the old file is as it was."""


def prepare(path: Path) -> None:
    """Make a file ready to be converted: alone on the disk, with room for another beside it.

    Raises `Misconfigured` where it cannot be written or there is no room.
    """
    try:
        fold_log(path)
    except duckdb.Error as error:
        raise cannot_be_opened(path) from error
    _remove(_fresh(path))  # nobody else converts it, as nobody has it open
    needed, free = path.stat().st_size + _TO_SPARE, shutil.disk_usage(path.parent).free
    if needed > free:
        raise Misconfigured(
            f"There is no room in {path.parent} to convert the warehouse to the form of this"
            f" version: it needs {_told(needed)}, and {_told(free)} are free."
        )


def convert(
    path: Path,
    progress: Progress = lambda _done, _all: None,
    stop: Callable[[], bool] = bool,
    limits: Limits = BY_THE_MACHINE,
) -> None:
    """Convert a file for which `prepare` was called; at the end, `path` is the new one.

    Whatever interrupts it, the old file is at `path` until the new one was read from the disk and
    found to hold the same; the next call begins anew. Raises `Misconfigured` where they differ or a
    file fails, and `Stopped` where `stop` says so.
    """
    fresh = _fresh(path)
    _remove(fresh)
    try:
        with closing(FormOne(path, limits)) as old:
            with closing(DuckDBEngine(fresh, limits=limits)) as engine:
                _fill(engine, old, progress, stop)
            _check_whole(fresh)
            spans = list(old.spans(BATCH))
            _compare(old.sums(spans), sums_of_converted(fresh, spans, limits))
    except (duckdb.Error, Unavailable) as error:
        _remove(fresh)
        raise Misconfigured(
            f"The warehouse {path} could not be converted to the form of this version: it is"
            " damaged, the disk is full or fails, or warehouse_memory_mb is too little. Nothing was"
            " changed."
        ) from error
    except BaseException:
        _remove(fresh)
        raise
    sync(fresh)
    os.replace(fresh, path)
    sync(path.parent)


def _check_whole(fresh: Path) -> None:
    if not is_whole(fresh):
        raise Misconfigured(
            "The disk is full: what was converted could not be written whole. Nothing was changed."
        )


def _fill(engine: Engine, old: FormOne, progress: Progress, stop: Callable[[], bool]) -> None:
    done, total = 0, old.events()
    from askfirst.store.warehouse.appending.appender import Appender  # noqa: PLC0415 - Arrow takes 0.2 s
    from askfirst.store.warehouse.batches import completed  # noqa: PLC0415 - Arrow takes 0.2 s

    appender = Appender(engine.dialect)
    for number, batch in enumerate(old.batches(BATCH)):
        if stop():
            raise Stopped
        with engine.reading() as reader:
            prepared = appender.prepare(reader, completed(batch))
        engine.commit(prepared.operations, f"conversion:{number}")
        appender.forget()  # what is kept of all visitors of a file would fill the memory
        done += len(batch)
        progress(done, total)
    engine.commit(insert_rows("shipped", ("journal", "seq"), old.shipped()), "conversion")


def _compare(before: Sums, after: Sums) -> None:
    wrong = differing(before, after)
    if wrong:
        log.error("warehouse_differs", of=wrong[:20])
        raise Misconfigured(
            "The converted warehouse differs from the old one, which was kept as it is:"
            f" {', '.join(wrong[:3])}. Please report this."
        )


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)


def _remove(fresh: Path) -> None:
    for found in fresh.parent.glob(f"{fresh.name}*"):
        if found.is_dir():  # where DuckDB puts what does not fit into memory
            shutil.rmtree(found)
        else:
            found.unlink()


def _told(count: int) -> str:
    return f"{-(-count // 1_000_000):,} MB"

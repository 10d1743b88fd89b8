"""Converts a warehouse of the first form: before a command goes on, or while a server collects."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from rich.console import Console
from rich.progress import Progress

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.duckdb.form_one import journals_shipped
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.migration.conversion import Stopped, convert, prepare
from askfirst.store.warehouse.migration.late_engine import LateEngine

log = structlog.get_logger()

FAILED = (
    "The reports could not be prepared for this version; the log says why. Events are recorded."
)
_TRY_AGAIN = (60, 600, 3600)  # seconds after the first, the second and each later failure
_LOGGED = 10  # percent


def convert_now(path: Path, limits: Limits) -> None:
    """Convert a file, with a progress bar where there is a terminal; raises `Misconfigured`."""
    console = Console(stderr=True)
    prepare(path)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Converting the warehouse", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        convert(path, tell, limits=limits)


class Preparation:
    """The conversion of a warehouse in a thread, at whose end its `engine` arrives.

    `start` it, and `stop` it when the server ends: the old file is then as it was. One that fails
    is tried again later. Raises `Misconfigured` where it cannot be done at all.
    """

    def __init__(self, path: Path, open_engine: Callable[[], Engine], limits: Limits) -> None:
        prepare(path)
        self.engine = LateEngine(DuckDBEngine.dialect)
        self._path = path
        self._limits = limits
        self._open_engine = open_engine
        self._stopping = threading.Event()
        self._logged = 0
        self._running: asyncio.Future[None] | None = None
        self.shipped = journals_shipped(path)
        """The number of the last row of each journal that the old file holds."""

    def start(self) -> None:
        """Begin to convert."""
        self._running = asyncio.ensure_future(asyncio.to_thread(self._run))

    async def finish(self) -> None:
        """Wait for the end; raises `Misconfigured` where it fails."""
        await asyncio.to_thread(self._convert)

    async def stop(self) -> None:
        """Stop it where it has not ended."""
        self._stopping.set()
        if self._running is not None:
            await self._running

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            if self._has_ended():
                return
            self.engine.sentence = FAILED
            self._stopping.wait(_TRY_AGAIN[min(failures, len(_TRY_AGAIN) - 1)])
            failures += 1

    def _has_ended(self) -> bool:
        """Convert, and return whether there is nothing left to try; the log says what failed."""
        try:
            self._convert()
        except Stopped:
            return True
        except Misconfigured as error:
            log.warning("warehouse_not_converted", why=error.message)
            return False
        except Exception as error:
            log.exception("warehouse_not_converted", why=type(error).__name__)
            return False
        return True

    def _convert(self) -> None:
        log.info("warehouse_conversion_begins")
        self._logged = 0
        convert(self._path, self._log, self._stopping.is_set, self._limits)
        self.engine.arrive(self._open_engine())
        log.info("warehouse_converted")

    def _log(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent >= self._logged + _LOGGED:
            self._logged = percent - percent % _LOGGED
            log.info("warehouse_converting", percent=percent, events=done)

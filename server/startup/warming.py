"""Prepares, soon after the start, what the first answer does not need but the first report does."""

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from starlette.requests import Request

from askfirst.system.memory import is_scarce
from reports.dependencies import Dependencies

SECONDS = 0.5
"""Seconds from the start to the thread; until then the first requests have the processor alone."""

SO = "Report pages answer 503 until this is repaired; events and choices go on."
"""What it means for users when the reports cannot be loaded; a part of the log line."""

log = structlog.get_logger()

_when_loaded: list[Callable[[], None]] = []
"""Called once the reports are loaded, from the thread that loads them."""


def warm_soon() -> threading.Thread:
    """Start the thread; a request that needs something earlier loads it itself."""
    thread = threading.Thread(target=_warm, name="warming", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    """Load everything, and freeze it, so that no full garbage collection delays answers.

    The collector is off meanwhile: each run would examine everything that is half loaded.
    """
    time.sleep(SECONDS)
    gc.disable()
    try:
        _load()
    except Exception as error:
        log.exception("reports_not_loaded", why=type(error).__name__, so=SO)
    else:
        for call in tuple(_when_loaded):
            call()
    finally:
        gc.freeze()
        gc.enable()


def _load() -> None:
    from collector.enrichment.enrich import client_of  # noqa: PLC0415 - collecting comes first

    client_of("")
    from askfirst.web.public_suffixes import is_public_suffix  # noqa: PLC0415 - its list takes 0.2 s

    is_public_suffix("org")
    if is_scarce():
        return  # the rest takes a hundred megabytes, which the first report may take
    import askfirst.store.warehouse.batches  # noqa: PLC0415, F401 - what a batch needs to be shipped
    import reports.warehouse_pages  # noqa: PLC0415, F401 - Ibis and pandas: a second or two
    from askfirst.store.warehouse.compiled import compiled  # noqa: PLC0415 - writing SQL loads its dialect
    from reports.questions.span import span  # noqa: PLC0415 - any question will do

    compiled(span, (0,), "duckdb")


@asynccontextmanager
async def first_report(deps: Dependencies) -> AsyncIterator[None]:
    """Ask for an overview once, within, after `warm_soon` has loaded the reports.

    The statements of its questions, which take two seconds to be written, and its templates are
    then there when somebody asks. Nobody sees the answer, and nothing fails with it. What has begun
    to ask is waited for in the end, as the warehouse that it reads is closed next.
    """
    loop, loaded = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with suppress(RuntimeError):  # the server has stopped meanwhile
            loop.call_soon_threadsafe(loaded.set)

    _when_loaded.append(tell)
    task = asyncio.create_task(_ask_once(deps, loaded))
    try:
        yield
    finally:
        _when_loaded.remove(tell)
        if not loaded.is_set():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ask_once(deps: Dependencies, loaded: asyncio.Event) -> None:
    await loaded.wait()
    sites = deps.book.all()
    if is_scarce() or not sites:
        return
    from reports.authentication.sessions import Session  # noqa: PLC0415 - with the reports
    from reports.overview.overview import OverviewHandler  # noqa: PLC0415 - Ibis and pandas
    from reports.staff.guard import Guard  # noqa: PLC0415 - with the reports

    asked = {"type": "http", "path_params": {"key": sites[0].key}, "query_string": b""}
    try:
        page = await OverviewHandler(deps, Guard(deps)).context(
            Request(asked), Session(0, "", "", b"")
        )
        await asyncio.to_thread(deps.pages.text, "reports/overview/overview.html", page)
    except Exception as error:  # noqa: BLE001 - whoever asks next is told what is wrong
        log.info("first_report_failed", why=type(error).__name__)
    else:
        log.info("first_report_ready")  # from here on the process's memory grows by requests alone

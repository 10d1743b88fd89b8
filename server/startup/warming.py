"""Loads in a thread, soon after the start, what the first answer does not need."""

import gc
import threading
import time

import structlog

from askfirst.system.memory import is_scarce

SECONDS = 0.5
"""Seconds from the start to the thread; until then the first requests have the processor alone."""

SO = "Report pages answer 503 until this is repaired; events and choices go on."
"""What it means for users when the reports cannot be loaded; a part of the log line."""

log = structlog.get_logger()


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
    finally:
        gc.freeze()
        gc.enable()


def _load() -> None:
    from collector.enrichment.enrich import is_bot  # noqa: PLC0415 - collecting comes first

    is_bot("")
    from askfirst.web.public_suffixes import is_public_suffix  # noqa: PLC0415 - its list takes 0.2 s

    is_public_suffix("org")
    if is_scarce():
        return  # the rest takes a hundred megabytes, which the first report may take
    import askfirst.store.warehouse.batches  # noqa: PLC0415, F401 - what a batch needs to be shipped
    import reports.warehouse_pages  # noqa: PLC0415, F401 - Ibis and pandas: a second or two
    from askfirst.store.warehouse.compiled import compiled  # noqa: PLC0415 - writing SQL loads its dialect
    from reports.questions.span import span  # noqa: PLC0415 - any question will do

    compiled(span, (0,), "duckdb")

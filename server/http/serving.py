"""How an application is served: by uvicorn, over connections of our own, with a plain log."""

import gc
import logging
import sys
from functools import partial
from typing import Any, cast

import structlog
import uvicorn

from server.http.connection import Connection, EventApp


def uvicorn_config(app: EventApp, connection: type[Connection] = Connection) -> uvicorn.Config:
    """Say how the application is served, here and in tests."""
    return uvicorn.Config(
        cast(Any, app),
        http=cast(Any, partial(connection, app)),
        ws="none",  # none are spoken here, and another protocol would lose the connection's limits
        access_log=False,  # a line a request would tell addresses (law 4)
        log_level="critical",  # faults are in our own log, without the request
        proxy_headers=False,  # server/http/proxies.py believes the configured ones alone
        server_header=False,
        date_header=False,  # server/http/middleware.py says where none may be
        lifespan="on",
        timeout_graceful_shutdown=10,
    )


def tune_for_answers() -> None:
    """Set Python up so that nothing beside the answers holds them up for long."""
    sys.setswitchinterval(0.0001)  # how long a thread may keep the others from Python's lock
    gc.freeze()  # a full collection over all that is loaded took 0.2 s, and nothing was answered
    gc.set_threshold(50_000, 50, 100)  # a group of requests alone reached the usual 700 objects


def _without_words(_logger: Any, _method: str, line: structlog.typing.EventDict) -> Any:
    """Leave out what an error says: it may repeat what a visitor sent. Its trace tells enough."""
    for part in line.get("exception", ()):
        for error in (part, *part.get("exceptions", ())):
            error.pop("exc_value", None)
            error.pop("exc_notes", None)
    return line


def log_plainly() -> None:
    """Log to standard error, one JSON object a line; nothing of a request is ever in it."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            _without_words,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

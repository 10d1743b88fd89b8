"""How an application is served: by uvicorn, with connections and a log of our own."""

import gc
import logging
import sys
from functools import partial
from typing import Any, cast

import structlog
import uvicorn

from server.http.connection import Connection, EventApp

BACKLOG = 2048
"""Connections that may wait to be accepted."""


def uvicorn_config(app: EventApp, connection: type[Connection] = Connection) -> uvicorn.Config:
    """Return the configuration of uvicorn, for the server and for tests."""
    return uvicorn.Config(
        cast(Any, app),
        http=cast(Any, partial(connection, app)),
        ws="none",  # not supported, and another protocol would have none of the connection's limits
        access_log=False,  # a line for each request would contain addresses (law 4)
        log_level="critical",  # errors are in our own log, without the request
        proxy_headers=False,  # server/http/proxies trusts the configured proxies alone
        server_header=False,
        date_header=False,  # server/http/middleware.py decides where there is none
        lifespan="on",
        reset_contextvars=True,  # or a connection's next request would have this one's reader
        timeout_graceful_shutdown=10,
    )


def tune_for_answers() -> None:
    """Configure Python so that threads and garbage collection do not delay answers for long."""
    sys.setswitchinterval(0.0001)  # seconds for which a thread may hold Python's lock
    gc.freeze()  # a full collection of all that is loaded took 0.2 s, without an answer meanwhile
    gc.set_threshold(
        50_000, 50, 100
    )  # a single group of requests reached the default of 700 objects


def _without_words(_logger: Any, _method: str, line: structlog.typing.EventDict) -> Any:
    """Leave out the message of an error, which may repeat what a visitor sent; keep the trace."""
    for part in line.get("exception", ()):
        for error in (part, *part.get("exceptions", ())):
            error.pop("exc_value", None)
            error.pop("exc_notes", None)
    return line


def log_plainly() -> None:
    """Log to standard error, one JSON object a line, with nothing of a request."""
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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )

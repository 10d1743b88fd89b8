"""One way to open a SQLite file, in which its schema is not trusted."""

import sqlite3
from contextlib import suppress
from pathlib import Path

DISTRUST = "trusted_schema=OFF"
"""The pragma that forbids a file's views, triggers and defaults functions with side effects.

SQLite's guide "Defense Against The Dark Arts", 1.1, asks for it where somebody else may have made
the file.
"""


def open_sqlite(
    path: Path | str,
    *,
    timeout: float = 5.0,
    isolation_level: str | None = "",
    uri: bool = False,
    check_same_thread: bool = True,
) -> sqlite3.Connection:
    """Open a SQLite file as `sqlite3.connect` does; its schema is not trusted, triggers are off.

    Triggers can be turned off where Python has `Connection.setconfig` (3.12); we have none.
    """
    connection = sqlite3.connect(
        path,
        timeout=timeout,
        isolation_level=isolation_level,  # type: ignore[arg-type]
        uri=uri,
        check_same_thread=check_same_thread,
    )
    distrust(connection)
    return connection


def distrust(connection: sqlite3.Connection) -> None:
    """Turn off triggers, and trust in the schema, on an open connection."""
    connection.execute(f"PRAGMA {DISTRUST}").close()
    with suppress(AttributeError):  # before Python 3.12
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # type: ignore[attr-defined]

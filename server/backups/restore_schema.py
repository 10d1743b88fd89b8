"""Checks the tables of a backup's stores: they must be exactly ours, or nothing is restored.

Anything else in a file can act when it is written or read: a trigger can bring deleted sessions
back or run for ever, a view can read other files.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import create_engine

from askfirst.errors import Misconfigured
from askfirst.store.ledger.database import FORMS, upgrade
from askfirst.store.sqlite_files import open_sqlite
from askfirst.store.warehouse.duckdb.schema import holds_foreign_objects
from collector.journal.tables import SCHEMA

_Thing = tuple[str, str, str, tuple[str, ...]]
"""The type, name and table of something in a SQLite schema, and the parts of its SQL."""

_THINGS = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
_FORM = "SELECT version_num FROM alembic_version"
_FORM_TABLE = "alembic_version"
_PLAIN_FORM_TABLE = f"CREATE TABLE {_FORM_TABLE} (version_num VARCHAR(32) NOT NULL)"
_STEPS = 50_000_000
"""How many steps of its virtual machine SQLite may take to read a schema: about a second."""


def refuse_foreign_schemas(folder: Path) -> None:
    """Raise `Misconfigured` where a restored store has tables that are not exactly ours.

    The ledger may be of any version that a migration upgrades. No row is read but the ledger's
    version, and no statement stored in a file is executed.
    """
    if not _is_ledger(folder / "ledger.db"):
        _refuse("ledger.db")
    if not _things_in(folder / "journal.db") <= _journals():
        _refuse("journal.db")
    try:
        foreign = holds_foreign_objects(folder / "warehouse.duckdb")
    except duckdb.Error:
        foreign = True
    if foreign:
        _refuse("warehouse.duckdb")


def _refuse(name: str) -> None:
    raise Misconfigured(
        f"The backup's file {name} is damaged, or holds other tables, views or triggers than"
        " Askfirst makes; nothing was restored."
    )


def _is_ledger(path: Path) -> bool:
    found = _things_in(path)
    for form, expected in _ledgers():
        own, other = _parted(found), _parted(expected)
        if own[0] == other[0] and own[1] <= other[1] | _PLAIN:
            return _says_form(path, form)
    return False


def _parted(things: set[_Thing]) -> tuple[set[_Thing], set[_Thing]]:
    """Set the table of the version apart: migrations create it in another way than a start."""
    form = {thing for thing in things if thing[2] == _FORM_TABLE}
    return things - form, form


def _says_form(path: Path, form: str) -> bool:
    with closing(_opened(path)) as connection:
        try:
            return bool(connection.execute(_FORM).fetchmany(2) == [(form,)])
        except (sqlite3.Error, UnicodeDecodeError):
            return False


def _ledgers() -> Iterator[tuple[str, set[_Thing]]]:
    """Yield each version of the ledger, the oldest first, with its schema."""
    with create_engine("sqlite://").connect() as connection:
        for form in FORMS:
            upgrade(connection, form)
            yield form, _things(connection.exec_driver_sql(_THINGS))


def _journals() -> set[_Thing]:
    with closing(open_sqlite(":memory:")) as connection:
        connection.executescript(SCHEMA)
        return _things(connection.execute(_THINGS).fetchall())


def _things_in(path: Path) -> set[_Thing]:
    """Read a file's schema; raise `Misconfigured` where it cannot be read."""
    try:
        with closing(_opened(path)) as connection:
            connection.set_progress_handler(lambda: True, _STEPS)
            return _things(connection.execute(_THINGS).fetchall())
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Misconfigured(f"The backup's file {path.name} cannot be read.") from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file by itself: no log beside it is read or made."""
    return open_sqlite(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _things(rows: Iterable[Any]) -> set[_Thing]:
    return {(kind, name, table, _parts(sql or "")) for kind, name, table, sql in rows}


def _parts(sql: str) -> tuple[str, ...]:
    """Return the parts of a statement in one order, regardless of its blanks and quotes.

    The SQL in the file has a column that a migration added behind the others.
    """
    parts, depth = [""], 0
    for letter in " ".join(sql.replace('"', "").split()):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter, depth) in {("(", 1), (",", 1), (")", 0)}:
            parts.append("")
        else:
            parts[-1] += letter
    return tuple(sorted(part.strip() for part in parts))


_PLAIN = _things([("table", _FORM_TABLE, _FORM_TABLE, _PLAIN_FORM_TABLE)])

"""Opens a ClickHouse database: checks which form it has, creates and completes its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.clickhouse.schema import ADDING, KEPT, Schema, quoted
from askfirst.store.warehouse.tables import ADDED, TABLES, VERSION, counts_by

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

OLDEST = (25, 3)
"""The oldest version of ClickHouse that is accepted."""

_COLUMNS = """
SELECT table, name, type FROM system.columns WHERE database = currentDatabase()
"""
_LEFT = """
SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, $kept)
AND (startsWith(name, $own) OR metadata_modification_time < now() - INTERVAL 1 DAY)
"""

Lacking = dict[str, list[str]]
"""Columns that tables of an older release lack, by the name of the stored table."""


def open_database(
    client: Client, schema: Schema, where: str, *, read_only: bool = False
) -> Lacking:
    """Check the database, create the tables that are missing, and return the columns that are.

    With `read_only` it creates nothing. Raises `Misconfigured` for tables with other columns, a
    newer or an older form, or a server that is too old.
    """
    _check_server(client, where)
    found = _columns(client)
    lacking = _lacking(found, schema)
    _check_columns(found, schema, where)
    if "form" in found:
        _check_version(client, where)
    if read_only:
        _check_complete(found, schema, where, lacking)
    elif set(schema.expected_columns()) - set(found) or not _version(client):
        _create(client, schema)
    return lacking


def add_columns(client: Client, schema: Schema, lacking: Lacking) -> None:
    """Add the columns that the tables of an older release lack: 0 in every row.

    Where summaries count by one of them, the days that were closed do not, so all days are opened,
    first: where this ends early, the columns are still missing at the next start, which does all of
    it again.
    """
    opens = any(counts_by(name, one) for name, columns in lacking.items() for one in columns)
    for name in ("summarised", "counts", "gaps") if opens else ():
        client.run(f"TRUNCATE TABLE {quoted(schema.rows_of(TABLES[name]))}{schema.on_cluster}")
    for name, columns in lacking.items():
        for column in columns:
            for statement in schema.adding_statements(TABLES[name], column):
                client.run(statement)


def drop_kept(client: Client, own: str) -> None:
    """Drop tables in the server's memory that a process which crashed has left.

    Those whose names begin with `own` are of an earlier process of this server; others, of
    commands that read, when they are a day old.
    """
    for row in client.rows(_LEFT, {"kept": KEPT, "own": own}):
        client.run(f"DROP TABLE IF EXISTS {quoted(row['name'])} SYNC")


def _lacking(found: dict[str, dict[str, str]], schema: Schema) -> Lacking:
    lacking: Lacking = {}
    for name, added in ADDED.items():
        held = [found[one].keys() for one in schema.tables_of(TABLES[name]) if one in found]
        if missing := [one for one in added if any(one not in columns for columns in held)]:
            lacking[name] = missing
    return lacking


def _create(client: Client, schema: Schema) -> None:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    for statement in schema.create_statements():
        client.run(statement)
    row = {
        "one": pa.array([1], pa.int8()),
        "version": pa.array([VERSION], pa.int32()),
        ADDING: pa.array([0], pa.uint64()),
    }
    client.insert(schema.target_of(TABLES["form"]), pa.table(row), f"form:{VERSION}")


def _columns(client: Client) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in client.rows(_COLUMNS):
        found.setdefault(row["table"], {})[row["name"]] = row["type"]
    return found


def _check_server(client: Client, where: str) -> None:
    rows = client.rows("SELECT version() AS version")
    version = str(rows[0]["version"])
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        least = ".".join(map(str, OLDEST))
        raise _wrong(f"ClickHouse at {where} is version {version}; it must be {least} or newer.")


def _check_columns(found: dict[str, dict[str, str]], schema: Schema, where: str) -> None:
    for table, expected in schema.expected_columns().items():
        columns = dict(found.get(table, expected))
        columns.pop(ADDING, None)
        for name in _added_to(table, schema):
            columns.setdefault(name, expected[name])
        if columns != expected:
            names = sorted(
                name
                for name in columns.keys() | expected.keys()
                if columns.get(name) != expected.get(name)
            )
            raise _wrong(
                f"The table {table!r} of {where} is not that of an Askfirst warehouse of this"
                f" version: it differs in {', '.join(map(repr, names))}."
            )


def _added_to(table: str, schema: Schema) -> tuple[str, ...]:
    for name, added in ADDED.items():
        if table in schema.tables_of(TABLES[name]):
            return tuple(added)
    return ()


def _version(client: Client) -> int:
    rows = client.rows("SELECT version FROM form")
    return int(rows[0]["version"]) if rows else 0


def _check_version(client: Client, where: str) -> None:
    version = _version(client)
    if version > VERSION:
        raise _wrong(
            f"The warehouse {where} has form {version}, which a newer Askfirst made; this one"
            f" reads form {VERSION}."
        )
    if 0 < version < VERSION:
        raise _wrong(f"The warehouse {where} has form {version}; this Askfirst reads {VERSION}.")


def _check_complete(
    found: dict[str, dict[str, str]], schema: Schema, where: str, lacking: Lacking
) -> None:
    if set(schema.expected_columns()) - set(found):
        raise _wrong(f"The database {where} does not hold a complete warehouse.")
    for table, columns in lacking.items():
        raise _wrong(
            f"The table {table!r} of {where} is of an older release: it has no"
            f" {', '.join(map(repr, columns))}. A start of the server adds what is missing."
        )


def _wrong(sentence: str) -> Misconfigured:
    return Misconfigured(sentence, field="warehouse")

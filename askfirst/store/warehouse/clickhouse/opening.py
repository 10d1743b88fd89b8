"""Opens a ClickHouse database: checks whose it is and which form it has, creates its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.clickhouse.schema import ADDING, KEPT, Schema, quoted
from askfirst.store.warehouse.tables import TABLES, VERSION

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

OLDEST = (25, 3)
"""The oldest version of ClickHouse that is accepted."""

_COLUMNS = """
SELECT table, name, type FROM system.columns WHERE database = currentDatabase()
"""
_LEFT = """
SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, $kept)
AND metadata_modification_time < now() - INTERVAL 1 DAY
"""


def open_database(client: Client, schema: Schema, where: str, *, read_only: bool = False) -> None:
    """Check the database, and create the tables that are missing unless it is `read_only`.

    Raises `Misconfigured` for tables with other columns, a newer or an older form, or a server
    that is too old.
    """
    _check_server(client, where)
    found = _columns(client)
    _check_columns(found, schema, where)
    if "form" in found:
        _check_version(client, where)
    if read_only:
        _check_complete(found, schema, where)
        return
    if set(schema.expected_columns()) - set(found) or not _version(client):
        _create(client, schema)
    for row in client.rows(_LEFT, {"kept": KEPT}):
        client.run(f"DROP TABLE IF EXISTS {quoted(row['name'])} SYNC")


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


def _check_complete(found: dict[str, dict[str, str]], schema: Schema, where: str) -> None:
    if set(schema.expected_columns()) - set(found):
        raise _wrong(f"The database {where} does not hold a complete warehouse.")


def _wrong(sentence: str) -> Misconfigured:
    return Misconfigured(sentence, field="warehouse")

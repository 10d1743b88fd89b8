"""Opens a ClickHouse database: checks which form it has, creates and completes its tables."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.clickhouse.schema import ADDING, KEPT, WRITTEN, Schema, quoted
from askfirst.store.warehouse.clickhouse.table_engines import check_engines
from askfirst.store.warehouse.noted import FORM, MADE_OF, NOTE, fits, left_over
from askfirst.store.warehouse.tables import ADDED, TABLES, VERSION, counts_by

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

OLDEST = (25, 3)
"""The oldest version of ClickHouse that is accepted."""

# A column that takes no value has another type here than one that does.
_COLUMNS = f"""
SELECT table, name, if(default_kind IN ('', 'DEFAULT') OR name IN ('{ADDING}', '{WRITTEN}'),
                       type, concat(type, ' ', default_kind)) AS type
FROM system.columns WHERE database = currentDatabase()
"""
_LEFT = """
SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, $kept)
AND (startsWith(name, $own) OR metadata_modification_time < now() - INTERVAL 1 DAY)
"""

_OPENED = ", ".join(map(quoted, TABLES["open_visits"].columns))
# Run again after it was cut short it adds the others. What an insertion before has added may have
# been moved away since: it is no reason to leave out a block that is the same.
_OPENING = f"""
INSERT INTO %s ({_OPENED}) SETTINGS insert_deduplicate = 0
SELECT {_OPENED} FROM visits
GLOBAL INNER JOIN (SELECT visit, event_id AS visit_id FROM events WHERE opens
                   UNION DISTINCT SELECT visit, visit_id FROM visit_ids) AS ids USING (visit)
WHERE visit GLOBAL NOT IN (SELECT visit FROM open_visits)
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
    check_engines(client, schema, where)
    if "form" in found:
        _check_version(client, where)
    if read_only:
        _check_complete(found, schema, where, lacking)
        _check_summaries(client, where)
    elif set(schema.expected_columns()) - set(found) or not _version(client):
        _create(client, schema)
    return lacking


def add_columns(client: Client, schema: Schema, lacking: Lacking) -> None:
    """Add the columns that the tables of an older release lack: 0 in every row.

    Where the summaries are of other dimensions, all days are opened first, and what they are of is
    noted last: where this ends early, the next start does all of it again.
    """
    counted = any(counts_by(name, one) for name, columns in lacking.items() for one in columns)
    note = _note(client)
    if counted or not fits(note):
        _open_days(client, schema)
        _drop_left_over(client, schema)
    for name, columns in lacking.items():
        for column in columns:
            for statement in schema.adding_statements(TABLES[name], column):
                client.run(statement)
    if note != MADE_OF:
        _note_dimensions(client, schema)


def _open_days(client: Client, schema: Schema) -> None:
    """Open all closed days and their visits, of which columns may have to be computed anew."""
    _empty(client, schema, "summarised", "counts", "gaps")
    client.run(_OPENING % quoted(schema.target_of(TABLES["open_visits"])))
    _empty(client, schema, "visits", "visit_ids")


def _empty(client: Client, schema: Schema, *names: str) -> None:
    for name in names:
        client.run(f"TRUNCATE TABLE {quoted(schema.rows_of(TABLES[name]))}{schema.on_cluster}")


def _drop_left_over(client: Client, schema: Schema) -> None:
    visits = TABLES["visits"]
    columns = _columns(client)
    for name in reversed(schema.tables_of(visits)):
        for one in left_over(columns.get(name, ())):
            client.run(f"ALTER TABLE {quoted(name)}{schema.on_cluster} DROP COLUMN {quoted(one)}")


def _note(client: Client) -> int | None:
    rows = client.rows("SELECT version FROM form WHERE one = $one", {"one": NOTE})
    return int(rows[0]["version"]) if rows else None


def _note_dimensions(client: Client, schema: Schema) -> None:
    """Note of what the summaries are from now on, in the place of an older note.

    A token of its own lets the server take a note that it had been told before.
    """
    form = TABLES["form"]
    client.run(f"DELETE FROM {schema.deletes_from(form)} WHERE one = $one", {"one": NOTE})
    _insert_form(client, schema, NOTE, MADE_OF, f"note:{uuid.uuid4().hex}")


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
    for statement in schema.create_statements():
        client.run(statement)
    _insert_form(client, schema, FORM, VERSION, f"form:{VERSION}")


def _insert_form(client: Client, schema: Schema, one: int, number: int, token: str) -> None:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    row = {
        "one": pa.array([one], pa.int8()),
        "version": pa.array([number], pa.int32()),
        ADDING: pa.array([0], pa.uint64()),
    }
    client.insert(schema.target_of(TABLES["form"]), pa.table(row), token)


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
        if table in schema.tables_of(TABLES["visits"]):
            for name in left_over(columns):
                del columns[name]
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
    rows = client.rows("SELECT version FROM form WHERE one = $one", {"one": FORM})
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


def _check_summaries(client: Client, where: str) -> None:
    if not fits(_note(client)):
        raise _wrong(
            f"The days of {where} are summed up as another release does. A start of the server"
            " sums them up anew."
        )


def _wrong(sentence: str) -> Misconfigured:
    return Misconfigured(sentence, field="warehouse")

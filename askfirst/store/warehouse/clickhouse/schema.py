"""The tables of a ClickHouse database, made from `TABLES`, on one node or over a cluster.

Each stored table has a column `written`, hidden from `SELECT *`: the number of the operation that
added the row, by which a deletion spares what came after it, however late it lands.

One node: a table with a key is `NAME_rows`, and the view NAME shows the newest row of each key.
A cluster: rows of visitors lie in `NAME_local`, sharded by visitor; NAME reads all shards, and
`NAME_adding` takes rows for them. All other tables are replicas of one on every node.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from askfirst.store.warehouse.tables import TABLES, Table

TYPES = {
    "boolean": "Bool",
    "int8": "Int8",
    "int32": "Int32",
    "int64": "Int64",
    "string": "String",
    "uuid": "UUID",
}
KEPT = "kept_"
"""How the names begin of tables in the server's memory, which last as long as their user."""

WRITTEN = "written"
ADDING = "adding"
"""The column by which an insertion sets `written`, where that is computed."""

_WINDOW = 10_000  # insertions of which the tokens are kept, in each table
_SETTINGS = {
    "fsync_after_insert": 1,  # what is answered is on the disk
    "fsync_part_directory": 1,
    "min_rows_to_fsync_after_merge": 1,
    "min_compressed_bytes_to_fsync_after_merge": 1,
    "old_parts_lifetime": 0,  # what was merged or deleted leaves the disk
    "finished_mutations_to_keep": 1,
}
_BY_MONTH = {"events": "time", "visits": "start"}
_CODECS = {  # 9.5 bytes an event beside its id, where LZ4 alone takes 18; read as fast as any
    "int64": "Delta(8), ZSTD",
    "int32": "T64, LZ4",
    "int8": "ZSTD",
    "string": "ZSTD",
}

OWN = {  # tables of this engine alone: columns, order, rows in a partition
    "redo": (
        {"number": "UInt64", "token": "String", "attempt": "String", "operations": "String"},
        "number",
        100,
    ),
    "redo_done": ({"number": "UInt64", "token": "String"}, "number", 10_000),
    "owner": (
        {
            "generation": "UInt64",
            "server": "String",
            "host": "String",
            "until": "DateTime64(3, 'UTC')",
        },
        "generation",
        10_000,
    ),
}


def kept_by(server: str) -> str:
    """Return how the names begin of a server's tables in ClickHouse's memory."""
    return f"{KEPT}{hashlib.blake2b(server.encode(), digest_size=8).hexdigest()}_"


def quoted(name: str) -> str:
    """Return a name as ClickHouse writes it in SQL."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@dataclass(frozen=True)
class Schema:
    """The tables on one node, or spread over the nodes of a cluster."""

    cluster: str = ""

    @property
    def on_cluster(self) -> str:
        """The words by which a statement reaches every node; '' for one node."""
        return f" ON CLUSTER {quoted(self.cluster)}" if self.cluster else ""

    def is_sharded(self, table: Table) -> bool:
        """Return whether each node of the cluster holds a share of the table."""
        return bool(self.cluster) and "visitor" in table.columns

    def rows_of(self, table: Table) -> str:
        """Return the name of the table that holds the rows, on this node."""
        if table.key:
            return f"{table.name}_rows"
        return f"{table.name}_local" if self.is_sharded(table) else table.name

    def target_of(self, table: Table) -> str:
        """Return the name of the table to which rows are added."""
        return f"{table.name}_adding" if self.is_sharded(table) else self.rows_of(table)

    def adding_column(self, table: Table) -> str:
        """Return the column by which an insertion says which operation it is."""
        return WRITTEN if self.is_sharded(table) else ADDING

    def deletes_from(self, table: Table) -> str:
        """Return the table in a statement that deletes: on every node if they have shares."""
        everywhere = self.on_cluster if self.is_sharded(table) else ""
        return quoted(self.rows_of(table)) + everywhere

    def expected_columns(self) -> dict[str, dict[str, str]]:
        """Return the columns and types that a complete database has, by table."""
        found = {}
        for table in TABLES.values():
            columns = _types(table)
            found[table.name] = columns
            if table.name != self.rows_of(table):
                found[self.rows_of(table)] = {**columns, WRITTEN: "UInt64"}
            else:
                found[table.name] = {**columns, WRITTEN: "UInt64"}
        return found | {name: columns for name, (columns, _, _) in OWN.items()}

    def tables_of(self, table: Table) -> tuple[str, ...]:
        """Return the names of the tables in which the columns of a stored table stand."""
        if self.is_sharded(table):
            return (self.rows_of(table), table.name, self.target_of(table))
        return (self.rows_of(table), table.name) if table.key else (table.name,)

    def adding_statements(self, table: Table, column: str) -> list[str]:
        """Return the statements that add a column to a table without a key: 0 in every row."""
        kind = table.columns[column]
        return [
            f"ALTER TABLE {quoted(name)}{self.on_cluster} ADD COLUMN IF NOT EXISTS"
            f" {quoted(column)} {TYPES[kind]}{_codec(kind) if name == self.rows_of(table) else ''}"
            for name in self.tables_of(table)
        ]

    def create_statements(self) -> list[str]:
        """Return the statements that create what is missing; the version is noted by no one yet."""
        statements = [self._own(name) for name in OWN]
        for table in TABLES.values():
            statements.append(self._rows_table(table))
            if table.key:
                statements.append(self._newest(table))
            if self.is_sharded(table):
                statements += [self._distributed(table, name) for name in ("", "_adding")]
        return statements

    def _rows_table(self, table: Table) -> str:
        columns = [
            f"{quoted(name)} {TYPES[kind]}{_codec(kind)}" for name, kind in table.columns.items()
        ]
        computed = "" if self.is_sharded(table) else f" MATERIALIZED {ADDING}"
        if computed:
            columns.append(f"{ADDING} UInt64 EPHEMERAL 0")
        columns.append(f"{WRITTEN} UInt64{computed} CODEC(Delta(8), ZSTD)")
        order = ", ".join(quoted(name) for name in order_of(table))
        month = _BY_MONTH.get(table.name)
        by = f" PARTITION BY toYYYYMM(fromUnixTimestamp64Milli({month}, 'UTC'))" if month else ""
        return (
            f"CREATE TABLE IF NOT EXISTS {quoted(self.rows_of(table))}{self.on_cluster}"
            f" ({', '.join(columns)}) ENGINE = {self._engine(table)}{by}"
            f" ORDER BY ({order}) SETTINGS {self._settings()}"
        )

    def _own(self, name: str) -> str:
        columns, order, share = OWN[name]
        listed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {quoted(name)}{self.on_cluster} ({listed})"
            f" ENGINE = {self._family('MergeTree', name, '', [])}"
            f" PARTITION BY intDiv({order}, {share}) ORDER BY {order} SETTINGS {self._settings()}"
        )

    def _newest(self, table: Table) -> str:
        names = ", ".join(quoted(name) for name in table.columns)
        return (
            f"CREATE VIEW IF NOT EXISTS {quoted(table.name)}{self.on_cluster}"
            f" AS SELECT {names} FROM {quoted(self.rows_of(table))} FINAL"
        )

    def _distributed(self, table: Table, suffix: str) -> str:
        columns = [f"{quoted(name)} {kind}" for name, kind in _types(table).items()]
        if suffix:
            columns.append(f"{WRITTEN} UInt64")
        return (
            f"CREATE TABLE IF NOT EXISTS {quoted(table.name + suffix)}{self.on_cluster}"
            f" ({', '.join(columns)}) ENGINE = Distributed({quoted(self.cluster)},"
            f" currentDatabase(), {quoted(self.rows_of(table))}, visitor)"
        )

    def _engine(self, table: Table) -> str:
        shard = "{shard}" if self.is_sharded(table) else ""
        engine, arguments = family_of(table)
        return self._family(engine, self.rows_of(table), shard, arguments)

    def _family(self, engine: str, name: str, shard: str, arguments: list[str]) -> str:
        if self.cluster:
            path = f"'/clickhouse/tables/{shard or 'all'}/{{database}}/{name}'"
            replica = "'{replica}'" if shard else "'{shard}-{replica}'"
            engine, arguments = f"Replicated{engine}", [path, replica, *arguments]
        return f"{engine}({', '.join(arguments)})"

    def _settings(self) -> str:
        if self.cluster:
            windows = {
                "replicated_deduplication_window": _WINDOW,
                "replicated_deduplication_window_seconds": 7 * 86_400,
            }
        else:
            windows = {"non_replicated_deduplication_window": _WINDOW}
        return ", ".join(f"{name} = {value}" for name, value in (_SETTINGS | windows).items())


def _types(table: Table) -> dict[str, str]:
    return {name: TYPES[kind] for name, kind in table.columns.items()}


def _codec(kind: str) -> str:
    return f" CODEC({_CODECS[kind]})" if kind in _CODECS else ""


def family_of(table: Table) -> tuple[str, list[str]]:
    """Return the engine of a stored table on one node, and its arguments."""
    if table.key:
        return "ReplacingMergeTree", [WRITTEN]
    if table.sums:
        return "SummingMergeTree", [f"({', '.join(table.sums)})"]
    return "MergeTree", []


def order_of(table: Table) -> tuple[str, ...]:
    """Return the order of the rows; rows that agree in it are added up, so it has all others."""
    if not table.sums:
        return table.order
    others = (name for name in table.columns if name not in table.sums)
    return tuple(dict.fromkeys((*table.order, *others)))

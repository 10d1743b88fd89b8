"""Removes the bytes of deleted rows from the files of a ClickHouse server, and adds up summaries.

A deletion marks rows; `APPLY DELETED MASK` writes the parts anew without them. The old parts, and
what the server notes of a deletion, are removed after that.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.schema import Schema, quoted
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

_APPLIED = "(APPLY DELETED MASK)"
_MASKED = """
SELECT (SELECT count() FROM {parts} WHERE database = currentDatabase() AND table = $table
        AND active AND has_lightweight_delete)
     + (SELECT count() FROM {mutations} WHERE database = currentDatabase() AND table = $table
        AND command <> $applied) AS masked
"""
_OLD_PARTS = """
SELECT DISTINCT table FROM {parts} WHERE database = currentDatabase() AND NOT active
AND table IN $tables
"""
_NOBODYS = "DROP PARTITION ID '190001'"  # removes no row, and old parts at once
_SECONDS = 120
_PAUSE = threading.Event()


class Rewriter:
    """Rewrites the tables of one node, or of every node of a cluster."""

    def __init__(self, client: Client, schema: Schema) -> None:
        self._client = client
        self._schema = schema

    def rewrite(self) -> None:
        """Rewrite every table that holds deleted or superseded rows, and wait for the old parts."""
        for table in TABLES.values():
            self._rewrite(table)
        self._remove_old_parts()

    def _rewrite(self, table: Table) -> None:
        name = self._schema.rows_of(table)
        target = self._schema.deletes_from(table)
        if table.sums or table.key:
            self._client.run(f"OPTIMIZE TABLE {target} FINAL SETTINGS optimize_throw_if_noop = 0")
        masked = self._client.rows(self._over_nodes(_MASKED), {"table": name, "applied": _APPLIED})
        if masked[0]["masked"]:
            self._client.run(f"ALTER TABLE {target} APPLY DELETED MASK")
            self._client.run(
                f"KILL MUTATION{self._schema.on_cluster} WHERE database = currentDatabase()"
                " AND table = $table AND is_done AND command <> $applied SYNC",
                {"table": name, "applied": _APPLIED},
            )

    def _remove_old_parts(self) -> None:
        end = time.monotonic() + _SECONDS
        while old := self._with_old_parts():
            if time.monotonic() > end:
                raise Unavailable("ClickHouse still keeps old parts with deleted rows; try again.")
            if self._schema.cluster:  # each node removes them by itself
                _PAUSE.wait(1)
            for name in old if not self._schema.cluster else ():
                self._client.run(f"ALTER TABLE {quoted(name)} {_NOBODYS}")
            _PAUSE.wait(0.05)

    def _with_old_parts(self) -> list[str]:
        """Return the tables of which old parts are still on a disk."""
        tables = [*map(self._schema.rows_of, TABLES.values()), "redo"]
        found = self._client.rows(self._over_nodes(_OLD_PARTS), {"tables": tables})
        return [row["table"] for row in found]

    def _over_nodes(self, sql: str) -> str:
        """Return a statement that reads the parts and mutations of every node."""
        cluster = self._schema.cluster
        return sql.format(
            **{
                name: f"clusterAllReplicas({quoted(cluster)}, system.{name})"
                if cluster
                else f"system.{name}"
                for name in ("parts", "mutations")
            }
        )

"""The connection to ClickHouse: statements with bound values, rows as Arrow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from askfirst.store.warehouse.clickhouse.connections import Connections
from askfirst.store.warehouse.clickhouse.errors import explained
from askfirst.store.warehouse.clickhouse.parameters import bound, with_types
from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.address import Address
    from askfirst.store.warehouse.time_limit import TimeLimit

T = TypeVar("T")
Connect = Callable[[], Any]
"""Opens a client of clickhouse-connect."""

_READING = {
    "join_use_nulls": 1,  # as SQL says, and DuckDB does
    "aggregate_functions_null_for_empty": 1,
    "enable_positional_arguments": 0,  # a number to group by is a value
    "log_queries": 0,  # its log would keep values that are erased elsewhere
}
_OVER_SHARDS = {  # what a statement joins is sent to each shard, wherever it lies
    "distributed_product_mode": "global",
    "prefer_global_in_and_join": 1,
}
_WRITING = {
    "async_insert": 0,  # an insertion is answered when it is stored
    "insert_deduplicate": 1,
    "distributed_foreground_insert": 1,
    "max_partitions_per_insert_block": 0,
    "mutations_sync": 2,
    "lightweight_deletes_sync": 2,
    "alter_sync": 2,
    "log_queries": 0,
}
_RAISING_TOO = ("clickhouse_connect", "urllib3")
"""Loggers of the libraries: what they warn of is raised, and told in a sentence of ours."""


def over_http(address: Address, connections: Connections) -> Connect:
    """Return what opens a client that speaks HTTP or HTTPS to a server."""

    def connect() -> Any:
        import clickhouse_connect  # noqa: PLC0415 - 0.4 s

        from askfirst.store.warehouse.clickhouse.transport import pool_manager  # noqa: PLC0415

        for name in _RAISING_TOO:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        return clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            database=address.database,
            secure=address.secure,
            pool_mgr=pool_manager(address, connections),
            connect_timeout=address.connect_timeout,
            send_receive_timeout=address.timeout,
            client_name="askfirst",
            query_retries=0,
            autogenerate_session_id=False,  # several threads ask at once
            form_encode_query_params=True,  # values stand in no address, which proxies log
        )

    return connect


class Client:
    """One client for all threads, opened when it is first used, and again after it failed."""

    def __init__(
        self,
        connect: Connect,
        where: str,
        *,
        connections: Connections | None = None,
        cluster: str = "",
        in_detail: bool = False,
    ) -> None:
        self._connect = connect
        self._connections = connections or Connections()
        self._reading = {**_READING, **(_OVER_SHARDS if cluster else {})}
        self._where = where
        self._in_detail = in_detail
        self._opening = threading.Lock()
        self._opened: Any = None

    def _client(self) -> Any:
        with self._opening:
            if self._opened is None:
                self._opened = self._connect()
            return self._opened

    def within(self, limit: TimeLimit | None) -> AbstractContextManager[None]:
        """Give up what this thread asks within a block when the time is over."""
        return self._connections.within(limit)

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement that contains a value as `$name`."""
        given = values or {}
        with explained(self._where, in_detail=self._in_detail):
            return self._client().query_arrow(
                with_types(sql, given),
                parameters=bound(given),
                settings={**self._reading, **(settings or {})},
                use_strings=True,
            )

    def stream(
        self,
        sql: str,
        values: Mapping[str, Value],
        settings: Mapping[str, Any],
        sink: Callable[[Iterator[pa.RecordBatch]], T],
    ) -> T:
        """Return what `sink` makes of the rows of a statement, block by block."""
        with explained(self._where, in_detail=self._in_detail):
            found = self._client().query_arrow_stream(
                with_types(sql, values),
                parameters=bound(values),
                settings={**self._reading, **settings},
                use_strings=True,
            )
            with found as blocks:
                return sink(iter(blocks))

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a statement as dicts."""
        found: list[dict[str, Any]] = self.arrow(sql, values).to_pylist()
        return found

    def run(
        self, sql: str, values: Mapping[str, Value] | None = None, token: str | None = None
    ) -> None:
        """Carry out a statement without an answer; with a token, its rows are added once."""
        given = values or {}
        with explained(self._where, in_detail=self._in_detail):
            self._client().raw_query(
                with_types(sql, given), parameters=bound(given), settings=_with(token)
            )

    def insert(self, table: str, rows: pa.Table, token: str | None = None) -> None:
        """Add rows as one block; with a token, once however often it is tried."""
        with explained(self._where, in_detail=self._in_detail):
            self._client().insert_arrow(table, rows.combine_chunks(), settings=_with(token))

    def end_within(self, seconds: float) -> None:
        """Give up all that is asked, now and later, when so many seconds are over."""
        self._connections.end_within(seconds)

    def close(self) -> None:
        """Close the connections for good, also those on which a thread waits for an answer."""
        self._connections.end()
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None


def _with(token: str | None) -> dict[str, Any]:
    return {**_WRITING, "insert_deduplication_token": token} if token else dict(_WRITING)

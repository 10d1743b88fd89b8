"""The warehouse's engine ClickHouse: one database of a server or a cluster, over HTTP."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from askfirst.errors import AskfirstError, Unavailable
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client, over_http
from askfirst.store.warehouse.clickhouse.committing.operations import Carrier
from askfirst.store.warehouse.clickhouse.committing.redo import RedoLog
from askfirst.store.warehouse.clickhouse.committing.snapshots import Snapshots
from askfirst.store.warehouse.clickhouse.connections import Connections
from askfirst.store.warehouse.clickhouse.errors import no_answer
from askfirst.store.warehouse.clickhouse.opening import add_columns, drop_kept, open_database
from askfirst.store.warehouse.clickhouse.owner import LEASE_SECONDS, Ownership
from askfirst.store.warehouse.clickhouse.reader import ClickHouseReader, in_time
from askfirst.store.warehouse.clickhouse.rewriting import Rewriter
from askfirst.store.warehouse.clickhouse.schema import Schema, kept_by
from askfirst.store.warehouse.clickhouse.stored_rows import StoredRows
from askfirst.store.warehouse.engine import Operation
from askfirst.store.warehouse.migration.marks import COPYING, refuse_unfinished
from askfirst.store.warehouse.time_limit import TimeLimit

_WATERMARK = "SELECT max(seq) AS number FROM shipped WHERE journal = $journal"

_ENDING_SECONDS = 5.0
"""How long a server is waited for at the end: what manages containers may kill after 10 seconds."""


class ClickHouseEngine:
    """A ClickHouse database; every method blocks, and may be called from several threads.

    It is made at once and connects when it is first used: a server that starts while ClickHouse
    is away collects, and what needs the warehouse raises `Unavailable` until it is back. Call
    `prepare` to learn of a wrong address, database or owner at the start.

    `server` names the Askfirst server that writes, the same when it is started again.
    """

    dialect = "clickhouse"
    is_alone = False  # the database can change hands, and a replica can lag behind

    def __init__(
        self,
        address: Address,
        *,
        server: str = "",
        read_only: bool = False,
        lease_seconds: int = LEASE_SECONDS,
        client: Client | None = None,
        schema: Schema | None = None,
    ) -> None:
        self._address = address
        self._where = str(address)
        self._read_only = read_only
        self._has_to_be_whole = False
        self._schema = schema or Schema(address.cluster)
        self._client = client or _client_of(address, self._schema.cluster)
        server = server or uuid.uuid4().hex
        self._owner = Ownership(self._client, server, lease_seconds)
        self._kept = kept_by("reader" if read_only else server)
        self._stored_rows = StoredRows(self._client, self._kept)
        self._snapshots = Snapshots(
            self._client, self._schema, address.database, self._kept, self._owner.is_held
        )
        carrier = Carrier(self._client, self._schema)
        self._redo = RedoLog(self._client, carrier, self._snapshots)
        self._preparing = threading.Lock()
        self._writing = threading.RLock()
        self._is_prepared = False
        self._tries = 0
        self._failure: AskfirstError | None = None

    def refuse_unfinished(self) -> None:
        """Let `prepare` refuse a database into which a copy has not ended."""
        self._has_to_be_whole = True

    @property
    def is_away(self) -> bool:
        """Whether the last try to reach it has failed, and none has succeeded."""
        return self._failure is not None and not self._is_prepared

    def prepare(self, limit: TimeLimit | None = None) -> None:
        """Check and complete the database, take the lease, and finish a commit that is open.

        Raises `Misconfigured` for what has to be set right, `Unavailable` for what may pass, as
        where the database has not answered within the limit. Columns are added without one.
        """
        tried = self._tries
        if self._is_prepared:
            return
        if not self._preparing.acquire(timeout=-1 if limit is None else limit.left()):
            raise no_answer(self._where)
        try:
            if self._is_prepared:
                return
            if self._failure and self._tries != tried:  # while this one waited
                raise self._failure.with_traceback(None)
            self._try_to_prepare(limit)
        finally:
            self._preparing.release()

    def _try_to_prepare(self, limit: TimeLimit | None) -> None:
        try:
            self._prepare(limit)
        except AskfirstError as error:
            self._failure = error
            raise
        finally:
            self._tries += 1

    def _prepare(self, limit: TimeLimit | None) -> None:
        with self._client.within(limit):
            lacking = open_database(
                self._client, self._schema, self._where, read_only=self._read_only
            )
            if not self._read_only:
                self._owner.claim()
                drop_kept(self._client, self._kept)
                with self._writing:
                    self._redo.settle()
        if not self._read_only:
            with self._writing:
                add_columns(self._client, self._schema, lacking)
        if self._has_to_be_whole:
            with self._client.within(limit):
                refuse_unfinished(self._stored_number(_WATERMARK, journal=COPYING) or 0)
        if not self._read_only:
            self._owner.keep()
        self._is_prepared = True

    def _prepare_to_write(self) -> None:
        if self._read_only:
            raise Unavailable("This warehouse was opened to only be read.")
        self.prepare()

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[ClickHouseReader]:
        """Yield a reader, which waits for no writer."""
        with in_time(limit):
            self.prepare(limit)
        reader = ClickHouseReader(self._client, self._snapshots, self._stored_rows, limit)
        try:
            yield reader
        finally:
            reader.close()

    def commit(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out all operations or none, also through a crash, and each once for a token."""
        self._prepare_to_write()
        with self._writing:
            self._owner.check()
            self._redo.commit(operations, token)
        self._stored_rows.drop_left()

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that is stored, or 0."""
        return self._number(_WATERMARK, journal=journal) or 0

    def first_time(self, site: int) -> int | None:
        """Return the time of a site's first event in milliseconds, or None."""
        return self._number("SELECT min(time) AS number FROM events WHERE site = $site", site=site)

    def _number(self, sql: str, **values: int | str) -> int | None:
        self.prepare()
        return self._stored_number(sql, **values)

    def _stored_number(self, sql: str, **values: int | str) -> int | None:
        (row,) = self._client.rows(sql, values)
        return None if row["number"] is None else int(row["number"])

    def settle(self) -> None:
        """Finish what an interrupted commit has left; raises what the engine raises."""
        self.prepare()
        if not self._read_only:
            with self._writing:
                self._redo.settle()

    def rewrite(self) -> None:
        """Remove the bytes of rows that were deleted, and add up summaries."""
        self._prepare_to_write()
        with self._writing:
            self._owner.check()
            self._redo.forget()
            Rewriter(self._client, self._schema).rewrite()

    def is_loose(self) -> bool:
        """Return that it is not: ClickHouse merges its parts by itself."""
        return False

    def release_memory(self) -> None:
        """Do nothing: what ClickHouse keeps is in its own process."""

    def copy_to(self, path: Path) -> None:
        """Write a complete copy, as a DuckDB file, to a path that does not exist yet."""
        from askfirst.store.warehouse.duckdb.engine import DuckDBEngine  # noqa: PLC0415
        from askfirst.store.warehouse.migration.copying import copy_engine  # noqa: PLC0415

        self.prepare()  # which takes its own lock before that of writers
        with self._writing, closing(DuckDBEngine(path)) as copy:
            copy_engine(self, copy)

    def end_soon(self) -> None:
        """Give up in a few seconds what is under way and has not been answered."""
        self._client.end_within(_ENDING_SECONDS)

    def close(self) -> None:
        """End the lease and close the connections, within seconds.

        Where the server does not answer by then, the lease runs out by itself, a later start drops
        the tables in memory, and finishes what was being written.
        """
        limit = TimeLimit(_ENDING_SECONDS)
        has_stopped = self._owner.stop(limit.left())
        try:
            if self._is_prepared and self._writing.acquire(timeout=limit.left()):
                try:
                    self._end(limit, release=has_stopped)
                finally:
                    self._writing.release()
        finally:
            self._client.close()

    def _end(self, limit: TimeLimit, *, release: bool) -> None:
        with self._client.within(limit):
            self._stored_rows.drop_all()
            if release and not self._read_only:
                self._owner.release()


def _client_of(address: Address, cluster: str) -> Client:
    connections = Connections()
    connect = over_http(address, connections)
    return Client(connect, str(address), connections=connections, cluster=cluster)

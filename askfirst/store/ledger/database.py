"""The ledger's database: opening, migrating, reading and writing it; statements are elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from askfirst.store.ledger.tables import metadata
from askfirst.store.sqlite_files import DISTRUST

MIGRATIONS = Path(__file__).parent / "migrations"
FORMS = tuple(sorted(one.name[:4] for one in (MIGRATIONS / "versions").glob("[0-9]*.py")))
"""The migrations, oldest first, as their files are numbered."""
NEWEST = FORMS[-1]
"""The newest migration: what a ledger made today begins with."""


class Ledger:
    """The store of sites, policies, consent records, withdrawals, tallies, staff and receipts.

    `read()` yields a connection for reading, `write()` one whose transaction is durable when the
    block ends. Only one block writes at a time, so that the chain of consent records has one end.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> "Ledger":
        """Open and migrate the ledger at a SQLAlchemy URL, e.g. `sqlite+aiosqlite:///ledger.db`."""
        engine = create_async_engine(url)
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
        return cls(engine)

    @classmethod
    async def open_to_read(cls, path: Path) -> "Ledger":
        """Open a ledger's SQLite file for reading only: nothing is migrated or written."""
        engine = create_async_engine(
            f"sqlite+aiosqlite:///file:{quote(str(path))}?mode=ro&uri=true"
        )
        event.listen(engine.sync_engine, "connect", _prepare_to_read)
        event.listen(engine.sync_engine, "begin", _begin)
        return cls(engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for reading."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that is committed at the end, or rolled back."""
        async with self._writing, self._engine.connect() as connection:
            await connection.execution_options(askfirst_write=True)
            async with connection.begin():
                yield connection

    async def checkpoint(self) -> bool:
        """Move the write-ahead log into the database and empty it (SQLite).

        Returns False if a reader still needs the log: deleted bytes may still be in it.
        """
        async with self._writing, self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            busy, _, _ = await cursor.fetchone()
            await cursor.close()
        return not busy

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _prepare_to_read(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (DISTRUST, "query_only=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # transactions are begun by _begin alone


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        DISTRUST,
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # transactions are begun by _begin alone


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("askfirst_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    """Bring the tables to the newest version; a new ledger gets them without the migrations."""
    if not inspect(connection).get_table_names():
        metadata.create_all(connection, checkfirst=False)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": NEWEST})
    elif _form(connection) != NEWEST:
        upgrade(connection)


def _form(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, form: str = "head") -> None:
    """Run the migrations that a ledger lacks, up to `form`; the library is loaded only for that."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, form)


async def has_column(connection: AsyncConnection, table: str, column: str) -> bool:
    """Return whether a table has a column: a ledger that is only read may be an older version."""
    named = await connection.run_sync(lambda one: inspect(one).get_columns(table))
    return column in {found["name"] for found in named}


def sqlite_url(path: Path) -> str:
    """Return the SQLAlchemy URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"

"""A backup whose files hold more than Askfirst's tables is refused before anything of it runs."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine
from typer.testing import CliRunner

from askfirst.store.ledger.database import Ledger, sqlite_url, upgrade
from askfirst.system.durable_files import sha256_of
from server.backups.backup import MANIFEST, copy_stores
from server.cli import commands
from tests.world import open_world


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a complete backup, as a folder."""
    folder = tmp_path_factory.mktemp("backed-up")

    async def make() -> None:
        async with open_world(folder) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send()
            await world.rows()
            await asyncio.to_thread((folder / "backup").mkdir)
            await copy_stores(world.services, folder / "backup")

    asyncio.run(make())
    return folder / "backup"


@pytest.fixture
def backup(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "backup"))


def sum_anew(backup: Path) -> None:
    """Rewrite the manifest for the files as they are now, as an attacker would."""
    facts = json.loads((backup / MANIFEST).read_text())
    facts["files"] = {name: sha256_of(backup / name) for name in facts["files"]}
    facts["sizes"] = {name: (backup / name).stat().st_size for name in facts["files"]}
    (backup / MANIFEST).write_text(json.dumps(facts))


def in_sqlite(name: str, *statements: str) -> Callable[[Path], None]:
    def change(backup: Path) -> None:
        with closing(sqlite3.connect(backup / name)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return change


def in_duckdb(*statements: str) -> Callable[[Path], None]:
    def change(backup: Path) -> None:
        with closing(duckdb.connect(str(backup / "warehouse.duckdb"))) as connection:
            for statement in statements:
                connection.execute(statement)

    return change


def run_restore(backup: Path, folder: Path) -> tuple[int, str]:
    ended = CliRunner().invoke(commands, ["restore", str(backup), str(folder)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit)
    return ended.exit_code, " ".join(ended.output.split())


_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
_BACK = "INSERT INTO sessions SELECT OLD.id_hash, OLD.staff_id, OLD.csrf, OLD.created_at,"
HOSTILE = {
    "ledger.db: a trigger that brings sessions back": in_sqlite(
        "ledger.db",
        f"CREATE TRIGGER keep AFTER DELETE ON sessions BEGIN {_BACK} OLD.expires_at, '', 0; END",
    ),
    "ledger.db: a trigger that never ends": in_sqlite(
        "ledger.db",
        f"CREATE TRIGGER keep BEFORE DELETE ON sessions BEGIN SELECT ({_ENDLESS}); END",
    ),
    "ledger.db: a view that never ends": in_sqlite("ledger.db", f"CREATE VIEW odd AS {_ENDLESS}"),
    "ledger.db: a view in a table's place": in_sqlite(
        "ledger.db",
        "ALTER TABLE tallies RENAME TO other",
        "CREATE VIEW tallies AS SELECT * FROM other",
    ),
    "ledger.db: a virtual table": in_sqlite(
        "ledger.db", "CREATE VIRTUAL TABLE odd USING fts5(text)"
    ),
    "ledger.db: one table more": in_sqlite("ledger.db", "CREATE TABLE odd (a)"),
    "ledger.db: one table less": in_sqlite("ledger.db", "DROP TABLE drafts"),
    "ledger.db: one column more": in_sqlite("ledger.db", "ALTER TABLE staff ADD COLUMN odd"),
    "ledger.db: a computed column": in_sqlite(
        "ledger.db", "ALTER TABLE staff ADD COLUMN odd AS (length(email))"
    ),
    "ledger.db: an index with a condition": in_sqlite(
        "ledger.db", "CREATE INDEX odd ON staff (email) WHERE length(email) > 3"
    ),
    "ledger.db: an index of another kind": in_sqlite(
        "ledger.db",
        "DROP INDEX ix_disclosures_visitor_id",
        "CREATE UNIQUE INDEX ix_disclosures_visitor_id ON disclosures (visitor_id)",
    ),
    "ledger.db: another form's number": in_sqlite(
        "ledger.db", "UPDATE alembic_version SET version_num = '0001'"
    ),
    "ledger.db: no form's number": in_sqlite("ledger.db", "DELETE FROM alembic_version"),
    "ledger.db: no table at all": lambda backup: (backup / "ledger.db").write_bytes(b""),
    "ledger.db: no database": lambda backup: (backup / "ledger.db").write_bytes(b"x" * 5000),
    "journal.db: a trigger": in_sqlite(
        "journal.db",
        "CREATE TRIGGER keep AFTER INSERT ON waiting BEGIN DELETE FROM waiting; END",
    ),
    "journal.db: another view of that name": in_sqlite(
        "journal.db",
        "DROP VIEW waiting_events",
        "CREATE VIEW waiting_events AS SELECT 1 AS seq, 'x' AS event_id, 1 AS arrived_at",
    ),
    "journal.db: one table more": in_sqlite("journal.db", "CREATE TABLE odd (a)"),
    "journal.db: another column": in_sqlite(
        "journal.db", "ALTER TABLE waiting RENAME COLUMN body TO odd"
    ),
    "warehouse.duckdb: a view that reads a file": in_duckdb(
        "DROP TABLE events", "CREATE VIEW events AS SELECT * FROM read_text('/etc/hostname')"
    ),
    "warehouse.duckdb: a view more": in_duckdb("CREATE VIEW odd AS SELECT 1"),
    "warehouse.duckdb: a macro": in_duckdb("CREATE MACRO epoch_ms(a) AS 1"),
    "warehouse.duckdb: a table macro": in_duckdb("CREATE MACRO odd() AS TABLE SELECT 1"),
    "warehouse.duckdb: a table more": in_duckdb("CREATE TABLE odd (a INTEGER)"),
    "warehouse.duckdb: a schema more": in_duckdb("CREATE SCHEMA odd"),
    "warehouse.duckdb: a type more": in_duckdb("CREATE TYPE odd AS ENUM ('a')"),
    "warehouse.duckdb: a sequence": in_duckdb("CREATE SEQUENCE odd"),
    "warehouse.duckdb: an index": in_duckdb("CREATE INDEX odd ON events (kind)"),
    "warehouse.duckdb: a column more": in_duckdb("ALTER TABLE events ADD COLUMN odd INTEGER"),
    "warehouse.duckdb: a trigger": in_duckdb(
        "CREATE TRIGGER odd AFTER INSERT ON events FOR EACH STATEMENT DELETE FROM shipped"
    ),
    "warehouse.duckdb: no database": lambda backup: (backup / "warehouse.duckdb").write_bytes(b"x"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_backup_with_a_foreign_schema_is_refused_with_a_sentence(
    backup: Path, tmp_path: Path, what: str
):
    HOSTILE[what](backup)
    sum_anew(backup)
    code, said = run_restore(backup, tmp_path / "new")

    assert code == 2
    assert f"The backup's file {what.partition(':')[0]} " in said
    assert list((tmp_path / "new").iterdir()) == []


def test_law_6_a_backup_that_was_not_changed_is_restored(backup: Path, tmp_path: Path):
    sum_anew(backup)

    assert run_restore(backup, tmp_path / "new")[0] == 0


@pytest.mark.parametrize("migrated", [False, True])
def test_a_ledger_of_the_first_form_is_restored(backup: Path, tmp_path: Path, migrated: bool):
    path = backup / "ledger.db"
    path.unlink()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, "0001")
    engine.dispose()
    if migrated:

        async def migrate() -> None:
            ledger = await Ledger.open(sqlite_url(path))
            await ledger.checkpoint()
            await ledger.close()

        asyncio.run(migrate())
    sum_anew(backup)

    assert run_restore(backup, tmp_path / "new")[0] == 0


def test_a_journal_whose_start_was_cut_short_is_restored(backup: Path, tmp_path: Path):
    in_sqlite("journal.db", "DROP VIEW shipped_events", "DROP TABLE damaged")(backup)
    sum_anew(backup)

    assert run_restore(backup, tmp_path / "new")[0] == 0

"""The schema of a SQLite file is not trusted, whichever code opens it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.sqlite_files import open_sqlite

ROOT = Path(__file__).parents[3]
ROOMS = ("askfirst", "collector", "consent", "reports", "server")


def test_a_view_of_a_file_reaches_no_function_that_is_not_harmless(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE VIEW odd AS SELECT act()")
    with closing(open_sqlite(tmp_path / "a.db")) as connection:
        connection.create_function("act", 0, lambda: 1)
        with pytest.raises(sqlite3.OperationalError, match="unsafe use"):
            connection.execute("SELECT * FROM odd").fetchall()
        assert connection.execute("SELECT act()").fetchone() == (1,)


@pytest.mark.skipif(not hasattr(sqlite3.Connection, "setconfig"), reason="Python 3.12 has it")
def test_a_trigger_of_a_file_does_nothing(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute(
            "CREATE TRIGGER keep AFTER DELETE ON t BEGIN INSERT INTO t VALUES (OLD.a); END"
        )
        connection.execute("INSERT INTO t VALUES (1)")
    with closing(open_sqlite(tmp_path / "a.db")) as connection:
        connection.execute("DELETE FROM t")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


async def test_the_ledger_distrusts_its_schema_whether_it_is_read_or_written(tmp_path: Path):
    ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
    to_read = await Ledger.open_to_read(tmp_path / "ledger.db")
    for one in (ledger, to_read):
        async with one.read() as connection:
            assert (await connection.execute(text("PRAGMA trusted_schema"))).scalar() == 0
        await one.close()


def test_no_package_opens_a_sqlite_file_in_another_way():
    doors = re.compile(r"\b(aiosqlite|sqlite3)\.connect\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if doors.search(path.read_text(encoding="utf-8"))
    }

    assert found == {"askfirst/store/sqlite_files.py", "collector/journal/journal.py"}

"""A file that DuckDB gives up or cannot open again is opened anew by whoever asks next."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.shared_connection import SharedConnection
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.duckdb.killing import a_batch, fill, held
from tests.askfirst.store.warehouse.streams import hex_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    fill(tmp_path / "w")
    return tmp_path / "w"


def test_a_file_that_was_given_up_is_opened_anew(path: Path):
    warehouse = Warehouse(path)
    with pytest.raises(Unavailable, match="the disk is full"), warehouse.reading():
        raise duckdb.FatalException("database has been invalidated")
    first = warehouse.engine._connection._root
    assert warehouse.counts_of(1) == (6, 3)
    assert warehouse.engine._connection._root is not first
    warehouse.append(a_batch(2, 4), "j", 4)
    warehouse.close()
    assert len(held(path)["events"]) == 8


def test_readers_do_not_wait_for_a_file_that_could_not_be_opened_after_a_rewrite(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    failing = [False]
    opened = DuckDBEngine._opened

    def failed(engine: DuckDBEngine) -> duckdb.DuckDBPyConnection:
        if failing[0]:
            raise duckdb.IOException("No space left on device")
        return opened(engine)

    monkeypatch.setattr(DuckDBEngine, "_opened", failed)
    warehouse = Warehouse(path)
    failing[0] = True
    with pytest.raises(Unavailable):
        warehouse.rewrite()
    with pytest.raises(Unavailable):
        warehouse.counts_of(1)
    failing[0] = False
    assert warehouse.counts_of(1) == (6, 3)
    warehouse.close()


def test_law_7_a_log_that_closing_has_left_is_not_put_beside_another_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    warehouse, close = Warehouse(path), SharedConnection._close
    warehouse.append(a_batch(2, 4), "j", 4)

    def closed_without_checkpoint(connection: SharedConnection) -> None:
        kept = [
            shutil.copy(f"{path}{suffix}", tmp_path / f"kept{suffix}") for suffix in ("", ".wal")
        ]
        close(connection)
        for copy, suffix in zip(kept, ("", ".wal"), strict=True):
            shutil.copy(copy, f"{path}{suffix}")

    with monkeypatch.context() as patched:
        patched.setattr(SharedConnection, "_close", closed_without_checkpoint)
        with pytest.raises(Unavailable):
            warehouse.rewrite()
    assert warehouse.counts_of(1)[0] == 8
    warehouse.rewrite()
    warehouse.close()
    assert len(held(path)["events"]) == 8


def test_a_file_of_which_a_part_is_away_is_told_in_a_sentence(path: Path):
    warehouse = Warehouse(path)
    os.truncate(path, 30_000)
    with pytest.raises(Unavailable, match="could not be read"):
        warehouse.counts_of(1)


def changed_bytes(path: Path) -> None:
    """Change bytes of every block but those with which the catalog begins."""
    with duckdb.connect(str(path), read_only=True) as file:
        asked = "SELECT DISTINCT block_id FROM pragma_storage_info('events') WHERE block_id >= 0"
        blocks = [number for (number,) in file.execute(asked).fetchall()]
    assert blocks
    with path.open("r+b") as written:
        for number in blocks:
            written.seek(12_288 + number * 65_536 + 4_096)
            written.write(b"not what was written")


ASKED = {
    "a batch": lambda warehouse: warehouse.append(a_batch(2, 9), "j", 9),
    "a question": lambda warehouse: warehouse.answer("SELECT sum(visit) FROM events"),
    "an erasure": lambda warehouse: warehouse.delete_visitor(1, hex_of("one")),
    "a rewrite": lambda warehouse: warehouse.rewrite(),
    "a copy": lambda warehouse: warehouse.copy_to(warehouse.engine._path.with_name("copy")),
}


@pytest.mark.parametrize("name", ["a question", "an erasure", "a rewrite", "a copy"])
def test_a_file_whose_bytes_have_changed_is_told_in_a_sentence_and_leaves_nothing(path, name):
    warehouse = Warehouse(path)
    for seq in range(4, 8):
        warehouse.append(a_batch(500, seq, 50), "j", seq)
    warehouse.close()
    changed_bytes(path)
    damaged = Warehouse(path)
    with pytest.raises(Unavailable, match="damaged"):
        ASKED[name](damaged)
    assert os.listdir(path.parent) == [path.name]
    damaged.close()


@pytest.mark.parametrize("name", ASKED)
def test_a_table_that_is_not_there_is_told_in_a_sentence(path, name):
    warehouse = Warehouse(path)
    with warehouse.reading() as reader:
        reader._cursor.execute("DROP TABLE events")
    with pytest.raises(Unavailable, match="tables are not those") as raised:
        ASKED[name](warehouse)
    assert isinstance(raised.value.__cause__, duckdb.Error)
    warehouse.close()


def test_a_key_that_is_not_there_is_told_in_a_sentence_and_nothing_is_stored(path):
    with duckdb.connect(str(path)) as file:
        file.execute("CREATE TABLE made AS SELECT * FROM shipped; DROP TABLE shipped")
        file.execute("ALTER TABLE made RENAME TO shipped")
    warehouse = Warehouse(path)
    with pytest.raises(Unavailable, match="BinderException"):
        warehouse.append(a_batch(2, 9), "j", 9)
    assert warehouse.counts_of(1) == (6, 3)
    warehouse.close()

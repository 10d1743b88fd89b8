"""A large file of which much is free is told from others, and a rewrite makes it small."""

from pathlib import Path

import duckdb
import pytest

from askfirst.errors import Preparing, Unavailable
from askfirst.store.warehouse.appending.rows import insert_columns
from askfirst.store.warehouse.duckdb import copying, files
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Delete, Insert
from askfirst.store.warehouse.migration.late_engine import LateEngine
from askfirst.store.warehouse.warehouse import Warehouse

MANY = 60_000


def texts(table: str) -> Insert:
    """Return so many rows of `texts`, or of the ids that are not canonical."""
    numbers = range(1, MANY + 1)
    made = [f"/{one * 0x9E3779B97F4A7C15 % 2**256:064x}" for one in numbers]
    others = {"column": ["path"] * MANY, "text": made, "id": numbers}
    of_ids = {"id": [f"{one:032x}" for one in numbers], "text": made}
    return insert_columns(table, others if table == "texts" else of_ids)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two tables, of which that which was written first was emptied."""
    monkeypatch.setattr(files, "_LARGE", 1 << 20)
    for operation in (texts("texts"), texts("other_ids"), Delete("texts", {"column": "path"})):
        engine = DuckDBEngine(tmp_path / "w")
        engine.commit([operation], str(operation.table))
        engine.close()
    return tmp_path / "w"


def number_of_ids(engine: DuckDBEngine) -> int:
    with engine.reading() as reader:
        found = reader.arrow("SELECT count(*) AS n, count(DISTINCT text) AS t FROM other_ids")
    (row,) = found.to_pylist()
    assert row["n"] == row["t"]
    return int(row["n"])


def test_a_rewrite_makes_a_loose_file_small_and_keeps_what_is_in_it(path: Path):
    engine = DuckDBEngine(path)
    before = path.stat().st_size
    assert engine.is_loose()
    engine.rewrite()
    assert not engine.is_loose()
    assert number_of_ids(engine) == MANY
    engine.close()
    assert path.stat().st_size < 0.7 * before


def test_a_file_that_is_full_is_not_loose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "_LARGE", 1 << 20)
    engine = DuckDBEngine(tmp_path / "w")
    engine.commit([texts("texts")], "first")
    engine.rewrite()
    assert (tmp_path / "w").stat().st_size > 1 << 20
    assert not engine.is_loose()
    engine.close()


def test_a_small_file_may_be_as_loose_as_it_likes(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "_LARGE", 1 << 30)
    engine = DuckDBEngine(path)
    assert not engine.is_loose()
    engine.close()


def test_a_warehouse_tells_it_of_its_engine_also_of_one_that_comes_late(path: Path):
    engine = DuckDBEngine(path)
    late = LateEngine("duckdb")
    with pytest.raises(Preparing):
        late.is_loose()
    late.arrive(engine)
    assert Warehouse(engine).is_loose()
    assert Warehouse(late).is_loose()
    engine.close()


FULL = "Could not write file: No space left on device"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (duckdb.OutOfMemoryException("could not allocate"), "memory"),
        (duckdb.IOException(FULL), "the disk is full"),
        (duckdb.TransactionException(f"Failed to commit: {FULL}"), "the disk is full"),
    ],
)
def test_a_copy_that_fails_says_why_and_takes_no_room(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: duckdb.Error, said: str
):
    def fails(*_args: object) -> None:
        assert path.with_name("w.fresh").exists()
        raise error

    monkeypatch.setattr(copying, "carry_out", fails)
    engine = DuckDBEngine(path)
    with pytest.raises(Unavailable, match=said):
        engine.rewrite()
    assert not path.with_name("w.fresh").exists()
    assert number_of_ids(engine) == MANY
    engine.close()

"""A warehouse file on a disk that is full: nothing is lost, and it goes on when there is room."""

import subprocess
from pathlib import Path

import pytest

import askfirst.store.warehouse.duckdb.engine as engine_module
from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.warehouse.duckdb.forms import FIRST, form_of
from askfirst.store.warehouse.migration.conversion import convert, prepare
from askfirst.store.warehouse.warehouse import Warehouse
from server.startup.warehouse.opening import limits_of, open_file
from tests.askfirst.store.warehouse.duckdb.killing import CHANGES, WORD, a_batch, held
from tests.askfirst.store.warehouse.duckdb.killing import fill as make_warehouse
from tests.factories import settings_in
from tests.faults.disks import fill, fill_but
from tests.old_warehouse import make_old_warehouse, rows_in, some_old_rows

pytestmark = pytest.mark.faults
JOURNAL = "j"


@pytest.fixture
def path(small_disk: Path) -> Path:
    made = small_disk / "warehouse.duckdb"
    make_warehouse(made)
    return made


@pytest.mark.parametrize("name", CHANGES)
def test_law_7_a_change_on_a_full_disk_changes_nothing_and_is_done_when_there_is_room(
    small_disk: Path, path: Path, name: str
):
    before, warehouse = held(path), Warehouse(path)
    filler = fill(small_disk)
    for _ in range(2):
        with pytest.raises(Unavailable, match="the disk is full"):
            CHANGES[name](warehouse)
    assert warehouse.counts_of(1) == (6, 3)
    assert sorted(one.name for one in small_disk.iterdir() if one != filler) in (
        ["warehouse.duckdb"],
        ["warehouse.duckdb", "warehouse.duckdb.wal"],
    )
    filler.unlink()
    CHANGES[name](warehouse)
    warehouse.close()
    assert (held(path) == before) == (name == "a rewrite")
    assert name != "a rewrite" or WORD.encode() not in path.read_bytes()


def test_law_7_a_file_that_cannot_be_checkpointed_is_opened_anew_and_loses_nothing(
    small_disk: Path, path: Path
):
    """DuckDB gives such a file up: before, every batch and report failed until a restart."""
    warehouse, seq, failed = Warehouse(path), 3, False
    fill_but(small_disk, 14_000_000)
    while not failed:
        seq += 1
        try:
            warehouse.append(a_batch(300, seq, 10_000), JOURNAL, seq)
        except Unavailable:
            failed = True
        assert seq < 40
    assert warehouse.watermark(JOURNAL) in (seq - 1, seq)
    (small_disk / "filler").unlink()
    if warehouse.watermark(JOURNAL) < seq:
        warehouse.append(a_batch(300, seq, 10_000), JOURNAL, seq)
    assert warehouse.counts_of(1)[0] == 6 + 300 * (seq - 3)
    warehouse.close()
    assert len(held(path)["events"]) == 6 + 300 * (seq - 3)


def test_law_7_a_rewrite_whose_file_cannot_be_closed_in_full_leaves_it_as_it_is(
    small_disk: Path, path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its log would lie beside the new file, which could never be opened again."""
    warehouse, sync = Warehouse(path), engine_module.sync
    warehouse.append(a_batch(100, 4, 1000), JOURNAL, 4)

    def synced(one: Path) -> None:
        sync(one)
        fill(small_disk)

    with monkeypatch.context() as patched:
        patched.setattr(engine_module, "sync", synced)
        with pytest.raises(Unavailable):
            warehouse.rewrite()
    assert warehouse.counts_of(1)[0] == 106
    (small_disk / "filler").unlink()
    warehouse.rewrite()
    assert WORD.encode() not in path.read_bytes()
    warehouse.close()
    assert len(held(path)["events"]) == 106


def test_a_conversion_on_a_disk_that_fills_leaves_the_old_file_and_nothing_beside_it(
    small_disk: Path,
):
    rows = [row | {"path": f"/{n}{'x' * 500}"} for n, row in enumerate(some_old_rows(1500))]
    path = make_old_warehouse(small_disk / "warehouse.duckdb", rows)
    with pytest.raises(Misconfigured, match="no room"):
        prepare(path)  # 64 MB must be free
    before, filler = path.read_bytes(), fill(small_disk)
    with pytest.raises(Misconfigured, match="the disk is full"):
        convert(path)
    assert path.read_bytes() == before
    assert form_of(path) == FIRST
    assert sorted(one.name for one in small_disk.iterdir()) == [filler.name, path.name]
    filler.unlink()
    convert(path)
    assert len(rows_in(path)) == 1500


def test_a_read_only_disk_stops_a_start_with_a_sentence(small_disk: Path, path: Path):
    before = path.read_bytes()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Misconfigured, match="may not be read or written"):
        open_file(path, limits_of(settings_in(small_disk)))
    assert path.read_bytes() == before

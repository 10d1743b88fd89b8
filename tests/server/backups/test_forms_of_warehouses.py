"""Backups of a warehouse of any form restore into this version, into the file of the folder."""

import asyncio
import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from askfirst.errors import Misconfigured
from server.backups.backup import MANIFEST, copy_stores
from server.backups.later_decisions import NONE
from server.backups.restore import restore
from server.checks.check import examine
from server.startup.data_folder import MOVED
from tests.factories import NOON, StoppedClock, settings_in
from tests.old_warehouse import an_old_row, make_old_warehouse, rows_in
from tests.world import open_world

AWAY = "clickhouse://u:secret@127.0.0.1:1/d"


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Return a backup with one event, as a folder."""

    async def make() -> None:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send()
            await world.services.shipper.ship_all()
            (tmp_path / "backup").mkdir()
            await copy_stores(world.services, tmp_path / "backup")

    asyncio.run(make())
    return tmp_path / "backup"


def exchanged(backup: Path, warehouse: Path) -> None:
    """Put another warehouse into a backup, and into its manifest."""
    content = warehouse.read_bytes()
    (backup / "warehouse.duckdb").write_bytes(content)
    manifest = json.loads((backup / MANIFEST).read_bytes())
    manifest["files"]["warehouse.duckdb"] = hashlib.sha256(content).hexdigest()
    manifest["sizes"]["warehouse.duckdb"] = len(content)
    (backup / MANIFEST).write_text(json.dumps(manifest))


def test_a_backup_of_an_older_form_is_converted_by_the_restore(backup, tmp_path):
    old = make_old_warehouse(tmp_path / "old.duckdb", [an_old_row()])
    exchanged(backup, old)
    folder = tmp_path / "again"
    restore(backup, settings_in(folder), NONE, StoppedClock(NOON))
    assert rows_in(folder / "warehouse.duckdb") == [an_old_row()]


def test_a_backup_of_a_newer_form_is_refused_and_the_folder_left_empty(backup, tmp_path):
    newer = tmp_path / "newer.duckdb"
    newer.write_bytes((backup / "warehouse.duckdb").read_bytes())
    with duckdb.connect(str(newer)) as connection:
        connection.execute("UPDATE form SET version = version + 1")
    exchanged(backup, newer)
    folder = tmp_path / "again"
    with pytest.raises(Misconfigured, match="newer Askfirst"):
        restore(backup, settings_in(folder), NONE, StoppedClock(NOON))
    assert list(folder.iterdir()) == []


def test_a_restore_goes_into_the_file_whatever_the_setting_and_a_start_then_asks_for_a_move(
    backup, tmp_path
):
    folder = tmp_path / "again"
    settings = settings_in(folder, warehouse=AWAY)
    restore(backup, settings, NONE, StoppedClock(NOON))
    assert (folder / "warehouse.duckdb").exists()

    async def start() -> None:
        async with open_world(tmp_path / "x", warehouse=AWAY):
            pass

    (tmp_path / "x").mkdir()
    folder.rename(tmp_path / "x" / "data")
    with pytest.raises(Misconfigured, match="move them first"):
        asyncio.run(start())


def test_check_names_an_older_form_and_does_not_change_it(backup, tmp_path):
    path = tmp_path / "data" / "warehouse.duckdb"
    path.unlink()
    make_old_warehouse(path, [an_old_row()])
    before = path.read_bytes()
    (found,) = examine(tmp_path / "data")
    assert "form of an older version" in found.sentence
    assert "start" in found.repaired_by
    assert path.read_bytes() == before


def test_check_names_a_database_that_is_away_and_the_file_that_a_move_has_left(backup, tmp_path):
    (tmp_path / "data" / MOVED).write_text("clickhouse://127.0.0.1:1/d")
    sentences = [one.sentence for one in examine(tmp_path / "data", AWAY)]
    assert any("left by a move" in one for one in sentences)
    assert any("127.0.0.1:1" in one for one in sentences)
    assert not any("secret" in one for one in sentences)


def test_check_tells_nobody_to_delete_the_file_that_a_restore_has_just_filled(backup, tmp_path):
    sentences = [one.sentence for one in examine(tmp_path / "data", AWAY)]
    assert not any("left by a move" in one for one in sentences)

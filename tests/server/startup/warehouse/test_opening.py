"""Opening the warehouse: the one that the settings name, and only where the events are."""

from pathlib import Path

import pytest

from askfirst.errors import Misconfigured, Unavailable
from server.startup.warehouse.location import note_where
from server.startup.warehouse.opening import open_warehouse
from tests.factories import settings_in
from tests.world import open_world

NOBODY = "clickhouse://askfirst:secret@127.0.0.1:1/stats"


def setting_of(warehouse, name: str) -> str:
    found = warehouse.answer(f"SELECT current_setting('{name}')::VARCHAR AS value")
    return str(found["value"].iloc[0])


def test_the_settings_limit_the_memory_and_the_threads_of_the_file(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, warehouse_memory_mb=123, warehouse_threads=1)
    warehouse, _ = open_warehouse(settings)
    assert setting_of(warehouse, "threads") == "1"
    assert setting_of(warehouse, "memory_limit").startswith("117.")  # MiB
    warehouse.close()


@pytest.mark.parametrize(
    "url", ["clickhouse://", "clickhouse://secret@", "clickhouse://u:secret@h/d?x=1"]
)
def test_a_wrong_address_stops_the_start_and_is_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="address of the warehouse") as raised:
        open_warehouse(settings_in(tmp_path, warehouse=url))
    assert "secret" not in raised.value.message


async def test_law_7_events_are_taken_while_the_database_is_away(tmp_path: Path) -> None:
    async with open_world(tmp_path, warehouse=NOBODY) as world:
        browser = world.browser()
        await browser.accept()
        assert (await browser.send()).status_code == 202
        with pytest.raises(Unavailable) as raised:
            await world.services.shipper.ship()
        assert "secret" not in raised.value.message
        assert (await browser.withdraw()).status_code == 200


async def test_numbers_of_events_that_came_while_the_database_was_away_are_above_all_others(
    tmp_path: Path,
) -> None:
    """A journal that lost its end would use numbers again that the warehouse takes for shipped."""
    async with open_world(tmp_path, warehouse=NOBODY) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send()
        batch = await world.services.journal.waiting(0, 10)
        assert batch is not None
        assert batch.last > 1_000_000_000


def test_a_database_is_not_used_while_the_events_are_in_the_file(tmp_path: Path) -> None:
    open_warehouse(settings_in(tmp_path))[0].close()
    with pytest.raises(Misconfigured, match="move them first"):
        open_warehouse(settings_in(tmp_path, warehouse=NOBODY))


def test_the_file_is_not_used_while_the_events_are_in_a_database(tmp_path: Path) -> None:
    note_where(tmp_path, "clickhouse://127.0.0.1:1/stats")
    with pytest.raises(Misconfigured, match=r"moved to clickhouse://127\.0\.0\.1:1/stats"):
        open_warehouse(settings_in(tmp_path))
    with pytest.raises(Misconfigured, match=r"moved to clickhouse://127\.0\.0\.1:1/stats"):
        open_warehouse(settings_in(tmp_path, warehouse=NOBODY.replace("stats", "other")))
    open_warehouse(settings_in(tmp_path, warehouse=NOBODY))[0].close()


async def test_law_6_what_a_move_that_was_cut_short_left_is_removed_at_a_start(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        folder = world.services.settings.data_folder
    for end in ("", ".wal"):
        (folder / f"warehouse.duckdb.new{end}").write_bytes(b"a visitor")
    (folder / "warehouse.duckdb.new.tmp").mkdir()
    async with open_world(tmp_path):
        assert list(folder.glob("*.new*")) == []

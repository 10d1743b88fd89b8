"""Opening the warehouse: the one that the settings name, and only where the events are."""

import asyncio
import importlib
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.warehouse.clickhouse import engine
from server.app import ServerApp
from server.http.serving import uvicorn_config
from server.services import Services
from server.startup.warehouse import opening
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


@pytest.fixture
def stalling(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Yield a server that answers nobody, and for which nobody waits long."""
    importlib.import_module("clickhouse_connect")  # or the time would be over before it is asked
    monkeypatch.setattr(opening, "REACH_SECONDS", 2)
    monkeypatch.setattr(engine, "_ENDING_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        bound.setblocking(False)
        yield bound


def url_of(stalling: socket.socket) -> str:
    return f"clickhouse://127.0.0.1:{stalling.getsockname()[1]}/stats?timeout=40"


async def test_law_7_a_start_asks_a_database_that_stalls_once_and_events_are_taken(
    tmp_path: Path, stalling: socket.socket
) -> None:
    async with open_world(tmp_path, warehouse=url_of(stalling)) as world:
        stalling.accept()[0].close()
        with pytest.raises(BlockingIOError):
            stalling.accept()
        browser = world.browser()
        await browser.accept()
        assert (await browser.send()).status_code == 202
        world.services.warehouse.engine.end_soon()


async def test_a_server_starts_and_stops_at_once_where_the_database_stalls(
    tmp_path: Path, stalling: socket.socket
) -> None:
    opened = asyncio.get_running_loop().create_future()

    async def when_open(services: Services) -> None:
        opened.set_result(services)

    app = ServerApp(settings_in(tmp_path, warehouse=url_of(stalling)), when_open)
    server = uvicorn.Server(uvicorn_config(app))
    async with asyncio.timeout(30):
        serving = asyncio.create_task(
            server.serve(sockets=[socket.create_server(("127.0.0.1", 0))])
        )
        await opened
        stalling.accept()[0].close()  # the start's own
        await asyncio.to_thread(select.select, [stalling], [], [])  # a job asks, too
        server.should_exit = True
        await serving


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

"""Moving: a folder's events go to ClickHouse and back, and nothing else is started on after it."""

import asyncio
from pathlib import Path

import pytest

import server.maintenance.moving as moving
import server.startup.warehouse.opening as opening
from askfirst.errors import Misconfigured
from server.maintenance.moving import move
from server.services import open_services
from server.startup.data_folder import locked
from tests.factories import settings_in
from tests.world import open_world

URL = "clickhouse://askfirst:secret@127.0.0.1:8123/stats"
NAME = "clickhouse://127.0.0.1:8123/stats"


@pytest.fixture
def database(monkeypatch, chdb):
    """Let the address lead to the engine in this process."""
    with chdb.database() as name:

        def opened(_url, _folder):
            return chdb.engine(name)

        monkeypatch.setattr(moving, "open_database", opened)
        monkeypatch.setattr(opening, "open_database", opened)
        yield


def filled(tmp_path: Path) -> Path:
    """Return a data folder with an event, and one more that waits in the journal."""

    async def fill() -> None:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send()

    asyncio.run(fill())
    return tmp_path / "data"


def events_in(folder: Path, **settings: str) -> int:
    async def count() -> int:
        async with open_services(settings_in(folder, **settings)) as services:
            found = services.warehouse.answer("SELECT count(*) AS rows FROM events")
            return int(found["rows"].iloc[0])

    return asyncio.run(count())


def test_events_go_to_the_database_and_back_with_the_same_watermark(tmp_path, database):
    folder, seen = filled(tmp_path), []
    told = move(settings_in(folder), URL, lambda done, total: seen.append((done, total)))
    assert told == NAME
    assert seen[-1][0] == seen[-1][1] > 0
    with pytest.raises(Misconfigured, match="moved to"):
        events_in(folder)
    assert events_in(folder, warehouse=URL) == 1
    with pytest.raises(Misconfigured, match="move it away first"):
        move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    (folder / "warehouse.duckdb").unlink()
    assert move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None) == "file"
    assert events_in(folder) == 1
    with pytest.raises(Misconfigured, match="move them first"):
        events_in(folder, warehouse=URL)


def test_a_move_is_refused_while_a_server_runs_and_where_nothing_would_move(tmp_path, database):
    folder = filled(tmp_path)
    with locked(folder), pytest.raises(Misconfigured, match="in use"):
        move(settings_in(folder), URL, lambda _done, _total: None)
    with pytest.raises(Misconfigured, match="already"):
        move(settings_in(folder), "file", lambda _done, _total: None)
    for odd in ("", "duckdb://x", "postgres://u:secret@h/d"):
        with pytest.raises(Misconfigured, match="named by") as raised:
            move(settings_in(folder, warehouse=URL), odd or "x", lambda _done, _total: None)
        assert "secret" not in raised.value.message


def test_a_database_that_holds_events_is_refused(tmp_path, database):
    first, second = filled(tmp_path / "a"), filled(tmp_path / "b")
    move(settings_in(first), URL, lambda _done, _total: None)
    with pytest.raises(Misconfigured, match="holds rows already"):
        move(settings_in(second), URL, lambda _done, _total: None)
    assert events_in(second) == 1


def test_a_move_that_was_cut_short_is_begun_again(tmp_path, database):
    folder = filled(tmp_path)

    def dying(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(settings_in(folder), URL, dying)
    assert events_in(folder) == 1
    move(settings_in(folder), URL, lambda _done, _total: None)
    assert events_in(folder, warehouse=URL) == 1


def test_a_server_does_not_start_on_a_database_into_which_a_move_has_not_ended(tmp_path, database):
    folder = filled(tmp_path)

    def dying(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(settings_in(folder), URL, dying)
    (folder / "warehouse.duckdb").unlink()
    with pytest.raises(Misconfigured, match="has not ended"):
        events_in(folder, warehouse=URL)

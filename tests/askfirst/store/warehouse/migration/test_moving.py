"""Moving: a folder's events go to ClickHouse and back, and nothing else is started on after it."""

import asyncio
from pathlib import Path

import pytest

import server.checks.check as check
import server.maintenance.moving as moving
import server.startup.warehouse.opening as opening
from askfirst.errors import Misconfigured, Unavailable
from askfirst.store.warehouse.tables import TABLES
from server.checks.files import left_files, permissions
from server.maintenance.moving import Moved, move
from server.services import open_services
from server.startup.data_folder import LEFT, MOVED, locked
from tests.factories import settings_in
from tests.world import open_world

URL = "clickhouse://askfirst:secret@127.0.0.1:8123/stats"
NAME = "clickhouse://127.0.0.1:8123/stats"


@pytest.fixture
def database(monkeypatch, chdb):
    """Let the address lead to the engine in this process."""
    with chdb.database() as name:

        def opened(_url, _folder, **options):
            return chdb.engine(name, **options)

        for module in (moving, opening, check):
            monkeypatch.setattr(module, "open_database", opened)
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
    assert told == Moved(NAME, "")
    assert not list(folder.glob("warehouse.duckdb*"))
    assert seen[-1][0] == seen[-1][1] > 0
    with pytest.raises(Misconfigured, match="moved to"):
        events_in(folder)
    assert events_in(folder, warehouse=URL) == 1
    back = move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    assert back == Moved("file", "")
    assert events_in(folder) == 1
    with pytest.raises(Misconfigured, match="move them first"):
        events_in(folder, warehouse=URL)


def test_law_6_what_a_move_was_told_to_keep_is_named_by_check_until_it_is_removed(
    tmp_path, database
):
    folder = filled(tmp_path)
    kept = move(settings_in(folder), URL, lambda _done, _total: None, keep_source=True)
    assert kept == Moved(NAME, f"file {folder / 'warehouse.duckdb'}")
    assert "was left by a move" in left_files(folder, URL)[0].sentence
    with pytest.raises(Misconfigured, match="move it away first"):
        move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    (folder / "warehouse.duckdb").unlink()
    kept = move(
        settings_in(folder, warehouse=URL), "file", lambda _done, _total: None, keep_source=True
    )
    assert kept == Moved("file", f"database {NAME}")
    assert events_in(folder) == 1
    said = [one.sentence for one in permissions(folder) if "left by a move" in one.sentence]
    assert len(said) == 1
    assert NAME in said[0]
    assert "secret" not in said[0]
    with pytest.raises(Misconfigured, match="holds rows already"):
        move(settings_in(folder), URL, lambda _done, _total: None)


def test_law_6_a_source_that_could_not_be_emptied_is_named_and_the_move_counts(
    tmp_path, database, monkeypatch
):
    folder = filled(tmp_path)
    move(settings_in(folder), URL, lambda _done, _total: None)
    monkeypatch.setattr(moving, "empty", failing)
    moved = move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    assert moved == Moved("file", f"database {NAME}")
    assert events_in(folder) == 1
    assert "left by a move" in permissions(folder)[-1].sentence


def failing(_engine):
    raise Unavailable("The database is away.")


def test_law_6_a_database_that_was_moved_from_holds_nothing_of_a_visitor(tmp_path, database, chdb):
    folder = filled(tmp_path)
    move(settings_in(folder), URL, lambda _done, _total: None)
    move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    engine = moving.open_database(URL, folder)
    engine.prepare()
    with engine.reading() as reader:
        left = {
            name: reader.arrow(f"SELECT count(*) AS n FROM {name}").to_pylist()[0]["n"]
            for name in TABLES
            if name != "form"
        }
    engine.close()
    assert set(left.values()) == {0}
    assert not (folder / LEFT).exists()
    assert move(settings_in(folder), URL, lambda _done, _total: None).left == ""


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


def sentences(folder: Path, url: str = "") -> str:
    return " ".join(one.sentence for one in check.examine(folder, url))


def test_check_finds_nothing_where_the_events_are_before_and_after_a_move(tmp_path, database):
    folder = filled(tmp_path)
    assert sentences(folder) == ""
    move(settings_in(folder), URL, lambda _done, _total: None)
    assert sentences(folder, URL) == ""


def test_check_says_that_the_events_are_elsewhere_as_a_start_does(tmp_path, database):
    folder = filled(tmp_path)
    assert "move them first" in sentences(folder, URL)
    move(settings_in(folder), URL, lambda _done, _total: None)
    assert sentences(folder).startswith(f"The events were moved to {NAME}: name it")
    assert f"moved to {NAME}" in sentences(folder, URL.replace("stats", "other"))


def test_check_says_that_a_copy_has_not_ended(tmp_path, database):
    folder = filled(tmp_path)

    def dying(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(settings_in(folder), URL, dying)
    assert "move them first" in sentences(folder, URL)
    (folder / "warehouse.duckdb").unlink()
    assert "has not ended" in sentences(folder, URL)


def test_check_says_that_a_warehouse_lacks_what_was_shipped(tmp_path, database):
    folder = filled(tmp_path)
    engine = opening.open_database(URL, folder)
    engine.prepare()
    engine.close()
    (folder / "warehouse.duckdb").unlink()
    assert "lacks up to 1 events" in sentences(folder, URL)


def test_check_tells_nobody_to_drop_the_database_that_is_in_use(tmp_path):
    folder = filled(tmp_path)
    (folder / MOVED).write_text(NAME)
    (folder / LEFT).write_text(f"{NAME}\nclickhouse://127.0.0.1:8123/older")
    (said,) = [one.sentence for one in permissions(folder) if "left by a move" in one.sentence]
    assert "/older" in said


def test_every_database_that_moves_have_left_is_named_until_one_of_them_is_moved_to(
    tmp_path, database
):
    folder = filled(tmp_path)
    older = "clickhouse://127.0.0.1:8123/older"
    (folder / LEFT).write_text(f"{older}\n{NAME}")
    move(settings_in(folder), URL, lambda _done, _total: None)
    assert (folder / LEFT).read_text() == older


def test_a_file_that_was_not_written_whole_takes_no_name_and_nothing_is_removed(
    tmp_path, database, monkeypatch
):
    folder = filled(tmp_path)
    move(settings_in(folder), URL, lambda _done, _total: None)
    copy = moving.copy_engine

    def with_a_log(*args):
        copy(*args)
        (folder / "warehouse.duckdb.new.wal.recovery").write_bytes(b"the last rows")

    monkeypatch.setattr(moving, "copy_engine", with_a_log)
    with pytest.raises(Misconfigured, match="not be written whole"):
        move(settings_in(folder, warehouse=URL), "file", lambda _done, _total: None)
    assert not list(folder.glob("warehouse.duckdb*"))
    assert events_in(folder, warehouse=URL) == 1

"""A warehouse of an older form: the server takes events while it is converted, and reports wait."""

import asyncio
import threading
from contextlib import asynccontextmanager
from pathlib import Path

import duckdb
import pytest
import structlog
from structlog.testing import capture_logs

import server.startup.warehouse.preparation as preparation
from askfirst.errors import Misconfigured, Preparing
from askfirst.store.warehouse.duckdb.forms import FIRST, form_of
from askfirst.store.warehouse.tables import VERSION
from server.http.serving import log_plainly
from server.services import open_services
from tests.factories import StoppedClock, settings_in
from tests.old_warehouse import make_old_warehouse, rows_in, some_old_rows
from tests.world import World, open_world


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Return a folder whose `data` has a site and a warehouse of the first form."""
    async with open_world(tmp_path) as world:
        journal = world.services.journal.id
    path = tmp_path / "data" / "warehouse.duckdb"
    path.unlink()
    make_old_warehouse(path, some_old_rows(8), {journal: 0})
    return tmp_path


class Gate:
    """Holds up the conversion until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        whole = preparation.convert

        def convert(path, progress, stop, limits):
            while not (self.open.wait(0.01) or stop()):
                pass
            whole(path, progress, stop, limits)

        monkeypatch.setattr(preparation, "convert", convert)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@asynccontextmanager
async def converting(folder: Path):
    clock = StoppedClock()
    opened = open_services(
        settings_in(folder / "data"), clock, lambda _folder: 1 << 40, meanwhile=True
    )
    async with opened as services:
        yield World(services, services.book.all()[0], clock, "192.0.2.7")


async def converted(world: World) -> None:
    await asyncio.to_thread(world.services.warehouse.engine.wait)


async def test_law_7_events_are_taken_while_the_warehouse_is_converted_and_shipped_then(
    folder, gate
):
    async with converting(folder) as world:
        browser = world.browser()
        await browser.accept()
        assert (await browser.send()).status_code == 202
        with pytest.raises(Preparing):
            await world.services.shipper.ship()
        gate.open.set()
        await converted(world)
        await world.services.shipper.ship_all()
    assert len(rows_in(folder / "data" / "warehouse.duckdb")) == 9


async def test_a_report_says_in_one_sentence_that_it_is_prepared(folder, gate):
    async with converting(folder) as world:
        with pytest.raises(Preparing, match="The reports are being prepared") as raised:
            world.services.warehouse.watermark("j")
        assert raised.value.status == 503
        assert raised.value.retry_after


async def test_law_5_an_erasure_meanwhile_is_on_record_and_carried_out_then(folder, gate):
    async with converting(folder) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send()
        answer = await browser.erase()
        assert answer.status_code == 503
        assert "not finished; ask again" in answer.text
        assert (await browser.send()).status_code == 403  # the yes is withdrawn
        gate.open.set()
        await converted(world)
        await world.services.eraser.resume()
        assert (await browser.erase()).status_code == 200
    assert len(rows_in(folder / "data" / "warehouse.duckdb")) == 8


async def test_a_server_that_ends_meanwhile_leaves_the_old_file_and_the_next_goes_on(folder, gate):
    path = folder / "data" / "warehouse.duckdb"
    async with converting(folder) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send()
    assert form_of(path) == FIRST
    gate.open.set()
    async with converting(folder) as world:
        await converted(world)
    assert form_of(path) == VERSION
    assert len(rows_in(path)) == 9


async def test_a_command_that_opens_the_folder_converts_first(folder):
    async with open_world(folder) as world:
        assert world.services.warehouse.watermark(world.services.journal.id) == 0
    assert len(rows_in(folder / "data" / "warehouse.duckdb")) == 8


async def test_the_log_tells_how_far_it_is(folder, gate, monkeypatch):
    monkeypatch.setattr("askfirst.store.warehouse.migration.conversion.BATCH", 2)
    gate.open.set()
    with capture_logs() as logs:
        async with converting(folder) as world:
            await converted(world)
    percents = [line["percent"] for line in logs if line["event"] == "warehouse_converting"]
    assert percents == [25, 50, 75, 100]


async def test_a_conversion_that_fails_is_told_and_events_are_still_taken(folder, monkeypatch):
    failed = threading.Event()

    def convert(*_given):
        failed.set()
        raise Misconfigured("The disk is full.")

    monkeypatch.setattr(preparation, "convert", convert)
    with capture_logs() as logs:
        async with converting(folder) as world:
            await asyncio.to_thread(failed.wait)
            browser = world.browser()
            await browser.accept()
            assert (await browser.send()).status_code == 202
    said = [line for line in logs if line["event"] == "warehouse_not_converted"]
    assert said[0]["why"] == "The disk is full."
    assert form_of(folder / "data" / "warehouse.duckdb") == FIRST


async def test_law_4_what_an_engine_says_of_a_conversion_that_fails_is_not_logged(
    folder, monkeypatch, capsys
):
    """Its messages repeat the values that did not fit."""
    failed = threading.Event()

    def convert(*_given):
        try:
            raise duckdb.ConversionException("Could not convert '/a-page-of-a-visitor'")
        except duckdb.Error as error:
            failed.set()
            raise ValueError("/a-page-of-a-visitor") from error

    monkeypatch.setattr(preparation, "convert", convert)
    log_plainly()
    try:
        async with converting(folder):
            await asyncio.to_thread(failed.wait)
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "a-page-of-a-visitor" not in said
    assert '"event": "warehouse_not_converted"' in said
    assert "ValueError" in said

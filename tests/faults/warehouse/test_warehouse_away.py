"""The warehouse fails or is slow: collecting goes on, catches up, and stores nothing twice."""

import asyncio
import threading
from pathlib import Path

import duckdb
import pytest

from server import jobs
from server.checks.check import examine
from tests.factories import a_view
from tests.world import World, open_world


async def send(world: World, events: int) -> list[int]:
    browser = world.browser()
    await browser.accept()
    return [(await browser.send(a_view())).status_code for _ in range(events)]


def test_law_7_a_failing_warehouse_stops_no_collecting_and_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def act() -> tuple[list[int], int]:
        async with open_world(tmp_path) as world:
            with monkeypatch.context() as patch:
                patch.setattr(world.services.warehouse, "append", failing)
                answers = await send(world, 5)
                for _ in range(3):
                    with pytest.raises(duckdb.IOException):
                        await jobs.ship(world.services)
                    answers += await send(world, 5)
            return answers, len(await world.rows())

    def failing(*_arguments: object) -> None:
        raise duckdb.IOException("The disk is gone.")

    answers, stored = asyncio.run(act())

    assert answers == [202] * 20
    assert stored == 20
    assert examine(tmp_path / "data") == []


def test_law_7_a_failure_after_the_warehouse_took_the_rows_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def act() -> int:
        async with open_world(tmp_path) as world:
            original = world.services.warehouse.append

            def failing(*arguments: object) -> None:
                original(*arguments)  # type: ignore[arg-type]
                raise duckdb.IOException("The answer was lost.")

            with monkeypatch.context() as patch:
                patch.setattr(world.services.warehouse, "append", failing)
                await send(world, 5)
                with pytest.raises(duckdb.IOException):
                    await jobs.ship(world.services)
            await send(world, 5)
            return len(await world.rows())

    assert asyncio.run(act()) == 10
    assert examine(tmp_path / "data") == []


async def test_law_7_a_slow_warehouse_delays_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with open_world(tmp_path) as world:
        original, done = world.services.warehouse.append, threading.Event()

        def slow(*arguments: object) -> None:
            done.wait(60)
            original(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(world.services.warehouse, "append", slow)
        await send(world, 1)
        shipping = asyncio.create_task(jobs.ship(world.services))
        answers = await send(world, 10)
        waits = not shipping.done()
        done.set()
        await shipping
        stored = len(await world.rows())

    assert waits
    assert answers == [202] * 10
    assert stored == 11


async def test_law_7_a_stop_while_the_warehouse_stores_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with open_world(tmp_path) as world:
        original, begun, end = world.services.warehouse.append, threading.Event(), threading.Event()

        def slow(*arguments: object) -> None:
            begun.set()
            end.wait(60)
            original(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(world.services.warehouse, "append", slow)
        await send(world, 3)
        shipping = asyncio.create_task(jobs.ship(world.services))
        await asyncio.to_thread(begun.wait, 60)
        shipping.cancel()
        last = asyncio.create_task(world.services.shipper.ship_all())
        await asyncio.sleep(0.05)
        end.set()
        await asyncio.gather(shipping, last, return_exceptions=True)
        stored = len(await world.rows())

    assert stored == 3


def test_law_3_no_event_after_a_withdrawal_is_stored_however_they_race(tmp_path: Path):
    async def act() -> None:
        async with open_world(tmp_path) as world:
            browsers = [world.browser() for _ in range(20)]
            for browser in browsers:
                await browser.accept()
            world.clock.move(minutes=1)
            ticking = asyncio.create_task(tick(world))
            acts = [browser.send() for browser in browsers for _ in range(5)]
            acts += [browser.withdraw() for browser in browsers]
            acts += [browser.send() for browser in browsers for _ in range(5)]
            await asyncio.gather(*acts, *(world.services.shipper.ship() for _ in range(5)))
            ticking.cancel()
            late = [(await browser.send()).status_code for browser in browsers]
            assert late == [403] * 20

    async def tick(world: World) -> None:
        while True:
            world.clock.move(ms=1)
            await asyncio.sleep(0)

    asyncio.run(act())

    assert examine(tmp_path / "data") == []

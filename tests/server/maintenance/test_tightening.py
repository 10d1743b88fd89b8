"""A warehouse file of which much is free is written anew, though nothing was erased."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server import jobs
from server.maintenance.rewriting import tighten
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def rewrites(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rewrites of the warehouse so far."""
    found: list[int] = []
    original = world.services.warehouse.rewrite
    monkeypatch.setattr(world.services.warehouse, "rewrite", lambda: (found.append(1), original()))
    return found


@pytest.fixture
def loose(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the warehouse say that much of its file is free."""
    monkeypatch.setattr(world.services.warehouse, "is_loose", lambda: True)


async def test_a_loose_file_is_written_anew_and_no_event_is_lost(
    world: World, rewrites: list[int], monkeypatch: pytest.MonkeyPatch
):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    await tighten(world.services)
    assert rewrites == []
    monkeypatch.setattr(world.services.warehouse, "is_loose", lambda: True)
    await tighten(world.services)
    assert rewrites == [1]
    await browser.send()
    assert len(await world.rows()) == 2


@pytest.mark.usefixtures("loose")
async def test_it_waits_until_the_pause_after_another_rewrite_is_over(
    world: World, rewrites: list[int]
):
    world.services.rewrite_pause.until = float("inf")
    await tighten(world.services)
    assert rewrites == []


@pytest.mark.usefixtures("loose")
async def test_law_6_an_erasure_does_not_wait_for_a_pause_after_it(
    world: World, rewrites: list[int]
):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    await tighten(world.services)
    await browser.erase()
    await jobs.rewrite(world.services)
    assert rewrites == [1, 1]


@pytest.mark.usefixtures("loose")
@pytest.mark.parametrize(("missing", "expected"), [(0, [1]), (1, [])])
async def test_a_disk_with_too_little_room_beside_the_reserve_is_left_as_it_is(
    world: World,
    rewrites: list[int],
    monkeypatch: pytest.MonkeyPatch,
    missing: int,
    expected: list[int],
):
    now = world.services.storage.figure()
    needed = 2 * now.sizes["warehouse"] + round(now.reserve * 1.1)
    figure = replace(now, free=needed - missing)
    monkeypatch.setattr(world.services.storage, "_figure", figure)
    await tighten(world.services)
    assert rewrites == expected


def test_the_server_looks_for_it_but_not_at_its_start():
    assert tighten in [job for _, job in jobs.JOBS]
    assert tighten in jobs.WAIT_FIRST

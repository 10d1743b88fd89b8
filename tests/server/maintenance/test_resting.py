"""While nobody looks at reports the warehouse keeps little in memory, and answers as before."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from askfirst.store.warehouse.time_limit import TimeLimit
from server import jobs
from server.maintenance.resting import release_memory
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def evicted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The times that memory was given back so far."""
    found: list[object] = []
    monkeypatch.setattr(
        "askfirst.store.warehouse.duckdb.files.Limits.evict", lambda *given: found.append(given)
    )
    return found


async def test_memory_is_given_back_only_after_a_run_without_a_page_before_it(
    world: World, evicted: list[object]
):
    with world.services.warehouse.engine.reading(TimeLimit(60)):
        pass
    await release_memory(world.services)
    assert evicted == []
    await release_memory(world.services)
    assert len(evicted) == 1


async def test_what_came_before_memory_was_given_back_is_there_afterwards(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    await release_memory(world.services)
    await release_memory(world.services)
    await browser.send()
    assert len(await world.rows()) == 2


def test_it_runs_by_itself_and_not_while_the_server_starts():
    assert release_memory in [job for _, job in jobs.JOBS]
    assert release_memory in jobs.WAIT_FIRST

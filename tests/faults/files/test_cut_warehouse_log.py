"""A warehouse's log that was cut short: what is lost is told, and what is not is stored once."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog

from server.checks.check import examine
from server.checks.files import permissions
from server.startup.data_folder import LOST
from tests.factories import a_view
from tests.world import Browser, World, open_world

SENT = (4, 3, 2)
VIEWS = [[a_view() for _ in range(events)] for events in SENT]


async def killed(folder: Path, trimmed: int = len(SENT)) -> tuple[str, list[int]]:
    """Leave what a process that is killed leaves: batches that are shipped, all in the log.

    The journal still has those behind the first `trimmed`, as it has for a moment after they were
    shipped. Returns the visitor's token, and the log's length before and after each batch.
    """
    open_folder, left = folder / "open" / "data", folder / "data"
    async with open_world(folder / "open") as world:
        browser = world.browser()
        await browser.accept()
        log = open_folder / "warehouse.duckdb.wal"
        lengths = [log.stat().st_size]
        for n, views in enumerate(VIEWS):
            await browser.send(*views)
            if n == trimmed:
                await asyncio.to_thread(copy, open_folder, left, "journal*")
            await world.rows()
            lengths.append(log.stat().st_size)
        if trimmed == len(SENT):
            await asyncio.to_thread(copy, open_folder, left, "journal*")
        for names in ("[k-r]*", "w*"):
            await asyncio.to_thread(copy, open_folder, left, names)
    return browser.token, lengths


def copy(source: Path, target: Path, names: str) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for path in source.glob(names):
        if path.is_file() and path.name != "lock":
            shutil.copy2(path, target)


def cut(folder: Path, length: int) -> None:
    with (folder / "data" / "warehouse.duckdb.wal").open("r+b") as log:
        log.truncate(length)


async def started(folder: Path, token: str, *sent: dict[str, Any]) -> list[dict[str, Any]]:
    """Start a server, send events, and return all that is stored."""
    async with open_world(folder) as world:
        browser = with_token(world, token)
        if sent:
            assert (await browser.send(*sent)).status_code == 202
        return await world.rows()


def with_token(world: World, token: str) -> Browser:
    browser = world.browser()
    browser.token = token
    return browser


def said(folder: Path) -> list[str]:
    data = folder / "data"
    return [one.sentence for one in (*permissions(data), *examine(data))]


def lost(logs: Sequence[Any]) -> list[int]:
    return [line["events"] for line in logs if line["event"] == "warehouse_lost_its_end"]


@pytest.mark.parametrize(("whole", "part"), [(0, 0.5), (1, 0.01), (2, 0.0), (2, 0.99)])
async def test_law_7_a_start_and_check_tell_how_many_events_a_cut_log_has_lost(
    tmp_path: Path, whole: int, part: float
):
    token, lengths = await killed(tmp_path)
    cut(tmp_path, lengths[whole] + int(part * (lengths[whole + 1] - lengths[whole])))
    missing = sum(SENT[whole:])
    before = await asyncio.to_thread(said, tmp_path)
    with structlog.testing.capture_logs() as first:
        await started(tmp_path, token)
    with structlog.testing.capture_logs() as second:
        rows = await started(tmp_path, token, a_view(), a_view())
    after = await asyncio.to_thread(said, tmp_path)

    assert len(before) == 1
    assert f"it lacks up to {missing} events" in before[0]
    assert lost(first) == [missing]
    assert lost(second) == []
    assert len(rows) == sum(SENT[:whole]) + 2
    assert len(after) == 1
    assert f"has lost up to {missing} events" in after[0]
    (tmp_path / "data" / LOST).unlink()
    assert await asyncio.to_thread(said, tmp_path) == []


@pytest.mark.parametrize("part", [0.5, 1.0])
async def test_law_7_what_the_journal_still_has_is_shipped_again_and_once(
    tmp_path: Path, part: float
):
    token, lengths = await killed(tmp_path, trimmed=len(SENT) - 1)
    cut(tmp_path, lengths[-2] + int(part * (lengths[-1] - lengths[-2])))
    with structlog.testing.capture_logs() as logs:
        rows = await started(tmp_path, token, a_view(), a_view())

    assert len({row["event_id"] for row in rows}) == len(rows) == sum(SENT) + 2
    assert lost(logs) == []
    assert await asyncio.to_thread(said, tmp_path) == []


async def test_law_7_a_lost_event_that_is_sent_again_is_stored_and_one_that_is_there_is_not(
    tmp_path: Path,
):
    token, lengths = await killed(tmp_path)
    again = VIEWS[0] + VIEWS[1] + VIEWS[2]
    cut(tmp_path, lengths[1])
    rows = await started(tmp_path, token, *again)

    assert sorted(row["event_id"] for row in rows) == sorted(view["id"] for view in again)


async def test_law_7_events_that_came_twice_are_not_taken_for_lost(tmp_path: Path):
    token, _ = await killed(tmp_path)
    await started(tmp_path, token, *VIEWS[1])  # a group without anything new
    with structlog.testing.capture_logs() as logs:
        rows = await started(tmp_path, token)

    assert len(rows) == sum(SENT)
    assert logs == []
    assert await asyncio.to_thread(said, tmp_path) == []

"""The machine's clock steps back and forward while events come."""

import asyncio
from pathlib import Path

import pytest

from server.checks.check import examine
from tests.factories import a_view
from tests.world import open_world

HOUR, YEAR = 1 / 24, 365


@pytest.mark.parametrize("days", [HOUR, -HOUR, YEAR, -YEAR])
def test_law_7_a_step_of_the_clock_loses_and_doubles_nothing_acknowledged(
    tmp_path: Path, days: float
):
    async def act() -> tuple[list[int], list[str], set[str]]:
        statuses, acknowledged = [], set[str]()
        async with open_world(tmp_path) as world:
            for step in (0, days, -days):
                world.clock.move(days=step)
                browser = world.browser()
                await browser.accept()
                view = a_view()
                statuses.append((await browser.send(view)).status_code)
                statuses.append((await browser.send(view)).status_code)  # a resend
                acknowledged.add(view["id"])
                await world.rows()
            rows = await world.rows()
        return statuses, [row["event_id"] for row in rows], acknowledged

    statuses, stored, acknowledged = asyncio.run(act())

    assert statuses == [202] * 6
    assert sorted(stored) == sorted(acknowledged)
    assert examine(tmp_path / "data") == []


@pytest.mark.parametrize("days", [-HOUR, -YEAR])
async def test_an_older_yes_is_asked_again_not_recorded_while_the_clock_is_behind_it(
    tmp_path: Path, days: float
):
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        world.clock.move(days=days)
        answer = await browser.send()

        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "before_consent"
        world.clock.move(days=-days)
        assert (await browser.send()).status_code == 202


@pytest.mark.parametrize("days", [HOUR, -HOUR, YEAR, -YEAR])
async def test_law_5_a_withdrawal_holds_whatever_the_clock_does(tmp_path: Path, days: float):
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        world.clock.move(minutes=1)
        await browser.withdraw()
        world.clock.move(days=days)
        answer = await browser.send()

        assert answer.status_code == 403
        assert await world.rows() == []

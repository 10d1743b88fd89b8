"""A visit goes on, as it is corrected, whatever happens to what is stored of it meanwhile."""

from pathlib import Path

import pytest

from askfirst.clock import DAY_MS
from askfirst.recording_rules import PREFETCH
from askfirst.rules.report_rules import ReportRules
from consent.rights.corrected_events import Asked
from consent.rights.parts import OneVisit, time_of
from server.maintenance.left_out import count_rule
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.server.maintenance.acts import (
    ACTS,
    AHEAD,
    Act,
    corrected,
    everything_counted,
    language_corrected,
    lifted,
    newcomer,
    read_again,
    restricted,
    rows_of,
    ruled,
    viewed,
    whose,
)
from tests.world import Browser, World, open_world


@pytest.mark.parametrize("first", ACTS)
async def test_law_6_a_visit_goes_on_after_any_two_acts(tmp_path: Path, first: str):
    split, wrong = [], []
    async with open_world(tmp_path) as world:
        for second in ACTS:
            mine = await newcomer(world, "/earlier")
            world.clock.move(minutes=120)
            await viewed(world, mine, "/a", "/b")
            await ACTS[first](world, mine)
            for act in (ACTS[second], read_again):
                await act(world, mine)
                world.clock.move(minutes=25)
                await viewed(world, mine, "/c")
            for act in (lifted, everything_counted):
                await act(world, mine)
            rows = [row for row in await rows_of(world, mine) if row["path"] != "/earlier"]
            split += [second] if len({row["visit_id"] for row in rows}) > 1 else []
            right = "de" if "language_corrected" in (first, second) else "en"
            wrong += [second] if {row["language"] for row in rows} != {right} else []

    assert (split, wrong) == ([], [])


async def gone(world: World, browser: Browser) -> None:
    """Erase the visit that goes on."""
    visit = (await rows_of(world, browser))[-1]["visit_id"]
    await world.services.eraser.erase_part(*whose(world, browser), OneVisit(visit))


async def detached(world: World, browser: Browser) -> None:
    """Detach the visit that goes on."""
    visit = (await rows_of(world, browser))[-1]["visit_id"]
    await corrected(world, browser, Asked("visit", visit_id=visit))


@pytest.mark.parametrize("end", [gone, detached])
@pytest.mark.parametrize("before", ["language_corrected", "restricted", "paths_left_out"])
async def test_law_6_a_visit_that_is_erased_or_nobodys_does_not_go_on(
    tmp_path: Path, end: Act, before: str
):
    async with open_world(tmp_path) as world:
        mine = await newcomer(world, "/earlier")
        world.clock.move(minutes=120)
        await viewed(world, mine, "/a", "/b")
        await ACTS[before](world, mine)
        old = {row["visit_id"] for row in await world.rows()}
        await end(world, mine)
        old |= {row["visit_id"] for row in await world.rows()}
        for act in (read_again, restricted, lifted):
            await act(world, mine)
        world.clock.move(minutes=1)
        await viewed(world, mine, "/later")
        rows = await rows_of(world, mine)

    assert rows[-1]["path"] == "/later"
    assert rows[-1]["visit_id"] == rows[-1]["event_id"]
    assert rows[-1]["visit_id"] not in old


async def test_law_6_a_stay_is_one_visit_of_the_overview_after_correcting_and_restricting(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        mine = await newcomer(world, "/a", "/b")
        for act in (language_corrected, restricted):
            await act(world, mine)
        await viewed(world, mine, "/c")
        await lifted(world, mine)
        answer = await owner.client.get(f"/sites/{world.site.key}?period=7d")
        figures = Reading(answer.text).figures

    assert (figures["Visits"][0], figures["Page views"][0]) == ("1", "3")
    assert figures["Bounce rate"][0] == "0.0%"


async def test_a_visit_lasts_24_hours_also_where_its_last_hour_is_left_out(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine = await newcomer(world, "/a")
        began = time_of((await rows_of(world, mine))[0])
        await ruled(world, ReportRules(exclude_paths=("/b",)))
        while world.clock() + 25 * 60_000 < began + DAY_MS:
            world.clock.move(minutes=24)
            await viewed(world, mine, "/b")
        await read_again(world, mine)
        world.clock.move(minutes=24)
        await viewed(world, mine, "/c")
        first, *_, last = await rows_of(world, mine)

    assert last["path"] == "/c"
    assert last["visit_id"] != first["visit_id"]


async def test_what_a_recording_rule_leaves_out_makes_visits_of_its_own_when_read_again(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine = await newcomer(world, "/a")
        await viewed(world, mine, "/ahead", **AHEAD)
        for act in (restricted, read_again):
            await act(world, mine)
        await viewed(world, mine, "/b")
        await viewed(world, mine, "/ahead/2", **AHEAD)
        visits = {row["path"]: row["visit_id"] for row in await rows_of(world, mine)}

    assert visits["/a"] == visits["/b"] != visits["/ahead"] == visits["/ahead/2"]


@pytest.mark.parametrize("counted", [True, False])
async def test_a_visit_goes_on_when_its_recording_rule_is_switched(tmp_path: Path, counted: bool):
    async with open_world(tmp_path) as world:
        await count_rule(world.services, world.site, PREFETCH, not counted)
        mine = await newcomer(world)
        await viewed(world, mine, "/a", **AHEAD)
        await language_corrected(world, mine)
        site = world.services.book.by_id(world.site.id)
        await count_rule(world.services, site, PREFETCH, counted)
        await viewed(world, mine, "/b", **AHEAD)
        rows = await rows_of(world, mine)

    assert {row["visit_id"] for row in rows} == {rows[0]["event_id"]}
    assert {row["language"] for row in rows} == {"de"}

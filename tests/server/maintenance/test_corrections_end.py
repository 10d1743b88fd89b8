"""What was corrected goes with the events: erased by the visitor, or kept for long enough."""

import secrets
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from askfirst.clock import DAY_MS
from askfirst.rules.corrections import HIDDEN
from askfirst.store.ledger.tables import corrections, erasures
from consent.rights.corrected_events import Asked
from consent.rights.corrections import Act
from consent.rights.parts import OneVisit, Part, TimeSpan
from server.jobs import forget_corrected
from server.maintenance.retention import limits, retain
from server.maintenance.rewriting import rewrite
from tests.consent.my_data.persons import visited, visitor_of
from tests.factories import a_view
from tests.world import World, open_world


async def kept(world: World) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        asked = select(corrections).order_by(corrections.c.id)
        return [dict(row) for row in (await connection.execute(asked)).mappings()]


async def erased(world: World) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        asked = select(erasures).order_by(erasures.c.part.is_(None))
        return [dict(row) for row in (await connection.execute(asked)).mappings()]


@pytest.mark.parametrize("name", ["the visit", "its days"])
async def test_law_6_an_erased_visit_leaves_no_correction_of_it(tmp_path: Path, name: str):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/one")
        world.clock.move(minutes=120)
        begun = world.clock()
        await mine.send(a_view(url="https://example.org/two"))
        visits = [str(row["visit_id"]) for row in await world.rows()]
        whose = (world.site.id, visitor_of(world, mine))
        for asked in (
            Asked("device", "", visits[1]),
            Asked("device", "tablet", visits[0]),
            Asked("device", "desktop"),
        ):
            await world.services.corrections.correct(*whose, asked, world.clock)
        before = await kept(world)
        part: Part = OneVisit(visits[1])
        if name == "its days":
            part = TimeSpan(begun, world.clock() + 1)
        await world.services.eraser.erase_part(*whose, part)
        after = await kept(world)
        folder = world.services.settings.data_folder
        raw = b"".join(one.read_bytes() for one in folder.glob("ledger*"))
        [site] = world.services.book.all()

    assert [row["visit_id"] for row in before] == [visits[1], visits[0], None]
    assert before[2]["last_visit"] == visits[1]
    assert after == [before[1], {**before[2], "last_visit": None}]
    assert visits[1].encode() not in raw
    assert visits[0].encode() in raw
    assert [one.to for one in site.corrections[whose[1]]] == ["tablet", "desktop"]


async def test_law_6_a_correction_is_kept_as_long_as_the_events_and_one_day(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/one")
        whose = (world.site.id, visitor_of(world, mine))
        [limit] = await limits(world.services)
        kept_ms = world.clock() - limit.milliseconds
        for device in ("tablet", "desktop"):
            await world.services.corrections.correct(*whose, Asked("device", device), world.clock)
            world.clock.move(minutes=1)
        first, second = await kept(world)
        world.clock.now = first["corrected_at"] + kept_ms + DAY_MS
        await forget_corrected(world.services)
        both = [row["id"] for row in await kept(world)]
        world.clock.now += 1
        await forget_corrected(world.services)
        one = [row["id"] for row in await kept(world)]
        [site] = world.services.book.all()

    assert both == [first["id"], second["id"]]
    assert one == [second["id"]]
    assert len(site.corrections[whose[1]]) == 1


async def test_a_detached_visit_is_forgotten_when_no_file_holds_what_was_erased_of_it(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/mine")
        world.clock.move(minutes=120)
        await mine.send(a_view(url="https://example.org/not-me"))
        visit = next(row["visit_id"] for row in await world.rows() if row["path"] == "/not-me")
        services, whose = world.services, (world.site.id, visitor_of(world, mine))
        await services.corrections.correct(*whose, Asked("visit", visit_id=visit), world.clock)
        [detached] = [row["detached_id"] for row in await kept(world)]
        await services.eraser.erase_alone(world.site.id, [detached])
        world.clock.move(days=4)
        await forget_corrected(services)
        [waits], noted = await kept(world), [row["part"] for row in await erased(world)]
        await rewrite(services)
        await forget_corrected(services)
        [forgotten], [of_visit, of_id] = await kept(world), await erased(world)

    assert (waits["detached_id"], noted) == (detached, [None])
    assert forgotten["detached_id"] is None
    assert (of_visit["part"], of_visit["receipt_id"]) == ("visit", forgotten["which"])
    for time in ("requested_at", "completed_at", "bytes_gone_at"):
        assert of_visit[time] == of_id[time]


async def test_hidden_pages_stay_until_their_own_time_is_over(tmp_path: Path):
    """The browser with the open page is of the same account, which no link of visitors tells."""
    async with open_world(tmp_path, retention_months=1) as world:
        await visited(world, "/of-somebody-else")
        world.clock.move(days=25)
        persons = [(await visited(world, path))[0] for path in ("/secret", "/open")]
        [secret] = [row for row in await world.rows() if row["path"] == "/secret"]
        asked = Asked("page", event_id=str(secret["event_id"]))
        ids = [visitor_of(world, person) for person in persons]
        act = Act(secrets.token_hex(16), world.clock())
        await world.services.corrections.correct_ids(world.site.id, ids, asked, act)
        world.clock.move(days=6)
        await retain(world.services)
        left = await world.rows()
        world.clock.move(days=26)
        await retain(world.services)
        gone = await world.rows()

    assert sorted(row["path"] for row in left) == sorted([HIDDEN, "/open"])
    assert gone == []

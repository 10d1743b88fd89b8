"""Jobs beside the requests: rewriting, retention, reading withdrawals, and errors."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pandas as pd
import pytest
import structlog
from structlog.testing import capture_logs

from askfirst.clock import DAY_MS
from consent.policy.drafts import content_of, draft_of
from reports.staff.audit_log import Act, StaffActs
from server import jobs
from server.maintenance.shortening import shorten_addresses
from server.services import Services
from tests.factories import NOON, a_view, an_entry
from tests.world import World, is_in_bytes, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_law_6_after_an_erasure_no_file_of_the_data_folder_holds_the_visitor(
    world: World, tmp_path: Path
):
    gone, stays = world.browser(), world.browser()
    await gone.accept()
    await stays.accept()
    for browser, name in ((gone, "zq-gone"), (stays, "zq-stays")):
        views = [a_view(url=f"https://example.org/{name}/{n}") for n in range(20)]
        await browser.send(*views)
    await world.rows()
    await gone.send(a_view(url="https://example.org/zq-gone/still-in-the-journal"))
    claims = world.services.tokens.read(gone.token)
    assert claims is not None
    files = (path.read_bytes() for path in (tmp_path / "data").glob("warehouse.duckdb*"))
    assert is_in_bytes(claims.visitor_id, b"".join(files))
    world.clock.move(minutes=1)
    receipt = (await gone.erase()).json()["receipt"]
    await jobs.rewrite(world.services)
    await world.services.ledger.checkpoint()
    left = await asyncio.to_thread(bytes_on_disk, tmp_path)

    assert receipt["rows"] >= 21
    assert not is_in_bytes(claims.visitor_id, left)
    assert b"zq-gone" not in left
    assert b"zq-stays" in left
    assert len(await world.rows()) == 20


async def test_law_6_bytes_are_removed_once_for_each_erasure(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    await browser.erase()
    rewrites: list[int] = []
    original = world.services.warehouse.rewrite
    monkeypatch.setattr(
        world.services.warehouse, "rewrite", lambda: (rewrites.append(1), original())
    )
    for _ in range(3):
        await jobs.rewrite(world.services)

    assert rewrites == [1]


async def test_reading_goes_on_while_the_warehouse_is_rewritten(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    ask = "SELECT count(*) AS n FROM events"
    found = await asyncio.gather(
        *(asyncio.to_thread(world.services.warehouse.answer, ask) for _ in range(20)),
        asyncio.to_thread(world.services.warehouse.rewrite),
        *(asyncio.to_thread(world.services.warehouse.answer, ask) for _ in range(20)),
    )

    assert {int(frame["n"].iloc[0]) for frame in found if frame is not None} == {1}


async def test_events_are_deleted_when_their_retention_is_over(tmp_path: Path):
    async with open_world(tmp_path, retention_months=1) as world:
        for days in (0, 20):
            world.clock.move(days=days)
            browser = world.browser()
            await browser.accept()
            await browser.send()
            await world.rows()
        world.clock.move(days=15)
        await jobs.retain(world.services)

        assert len(await world.rows()) == 1


async def test_how_many_events_retention_deleted_is_logged_once_and_nothing_where_none_was(
    world: World,
):
    """Also of the first run after a start, where the setting may have become shorter meanwhile."""
    await republish(world, 1)
    await accept_and_send(world)
    await accept_and_send(world)
    world.clock.move(days=32)
    with capture_logs() as logs:
        await jobs.retain(world.services)
        await jobs.retain(world.services)

    told = [one for one in logs if one["event"] == "events_past_retention_deleted"]
    assert told == [{"event": "events_past_retention_deleted", "log_level": "info", "events": 2}]


WHOLE = "81.2.69.142"


async def republish(world: World, months: int) -> None:
    draft = draft_of(world.services.book.policy(world.site).content)
    content = content_of(draft | {"retention_months": months})
    await world.services.book.publish(world.site, content, asks_again=False)


async def accept_and_send(world: World) -> None:
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()


async def test_events_are_kept_as_long_as_the_policy_says_and_no_longer(world: World):
    await republish(world, 2)
    await accept_and_send(world)
    world.clock.move(days=60)
    await jobs.retain(world.services)
    assert len(await world.rows()) == 1
    world.clock.move(days=1)
    await jobs.retain(world.services)

    assert await world.rows() == []


async def test_a_longer_retention_does_not_lengthen_what_was_promised_before(world: World):
    await republish(world, 1)
    await accept_and_send(world)
    await republish(world, 25)
    await accept_and_send(world)
    world.clock.move(days=31)
    await jobs.retain(world.services)

    assert [row["policy_version"] for row in await world.rows()] == [3]


async def test_a_shorter_retention_holds_for_what_was_recorded_before(world: World):
    await accept_and_send(world)
    await republish(world, 1)
    world.clock.move(days=31)
    await jobs.retain(world.services)

    assert await world.rows() == []


async def test_the_retention_of_one_site_leaves_another_alone(world: World):
    content = content_of(
        draft_of(world.services.book.policy(world.site).content) | {"retention_months": 1}
    )
    await world.services.book.add("Other", ["other.example"], "UTC", content)
    await accept_and_send(world)
    world.clock.move(days=100)
    await jobs.retain(world.services)

    assert len(await world.rows()) == 1


@pytest.mark.parametrize(("days", "kept"), [(7, "81.2.69.0"), (8, WHOLE), (0, WHOLE)])
async def test_a_whole_address_is_shortened_after_the_days_of_the_setting(
    tmp_path: Path, days: int, kept: str
):
    async with open_world(tmp_path, peer=WHOLE, whole_address_days=days) as world:
        await accept_and_send(world)
        for _ in range(2):
            world.clock.move(days=4)
            await jobs.retain(world.services)
        await accept_and_send(world)
        old, new = sorted(await world.rows(), key=lambda row: row["time"])

    assert [old["ip"], new["ip"]] == [kept, WHOLE]
    assert old["country"] == "GB"


@pytest.mark.parametrize(
    ("own", "setting", "kept"), [(7, 0, "81.2.69.0"), (7, 700, "81.2.69.0"), (700, 7, "81.2.69.0")]
)
async def test_the_days_of_whole_addresses_are_those_of_the_site_where_they_are_fewer(
    tmp_path: Path, own: int, setting: int, kept: str
):
    async with open_world(tmp_path, peer=WHOLE, whole_address_days=setting) as world:
        await accept_and_send(world)
        world.clock.move(days=8)
        if setting != 7:
            assert not await shorten_addresses(world.services)
        await world.services.book.change_rules(
            world.site, lambda rules: msgspec.structs.replace(rules, whole_address_days=own)
        )
        assert await shorten_addresses(world.services)
        assert not await shorten_addresses(world.services)
        (row,) = await world.rows()

    assert row["ip"] == kept


async def test_the_days_of_one_site_leave_the_addresses_of_another_whole(tmp_path: Path):
    async with open_world(tmp_path, peer=WHOLE) as world:
        content = content_of(draft_of(world.services.book.policy(world.site).content))
        other = await world.services.book.add("Other", ["other.example"], "UTC", content)
        await world.services.book.change_rules(
            other, lambda rules: msgspec.structs.replace(rules, whole_address_days=1)
        )
        await accept_and_send(world)
        world.clock.move(days=8)
        await shorten_addresses(world.services)
        (row,) = await world.rows()

    assert row["ip"] == WHOLE


async def test_a_job_that_fails_is_logged_once_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    turns = asyncio.Semaphore(0)
    outcomes = iter([OSError("one"), OSError("two"), None])

    async def failing(_services: Services) -> None:
        turns.release()
        if error := next(outcomes, None):
            raise error

    monkeypatch.setattr(jobs, "JOBS", ((0, failing),))
    with structlog.testing.capture_logs() as logs:
        async with jobs.running_jobs(world.services):
            for _ in range(5):
                await turns.acquire()

    assert [(line["event"], line["why"]) for line in logs] == [("job_failed", "OSError")]


async def test_what_is_sent_is_brought_to_the_warehouse_by_the_jobs_alone(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()

    def count() -> Awaitable[pd.DataFrame]:
        ask = "SELECT count(*) AS n FROM events"
        return asyncio.to_thread(world.services.warehouse.answer, ask)

    async def arrived() -> None:
        while (await count())["n"].iloc[0] == 0:  # noqa: ASYNC110 - a warehouse rings no bell
            await asyncio.sleep(0.01)

    async with jobs.running_jobs(world.services), asyncio.timeout(60):
        await arrived()

    assert (await count())["n"].iloc[0] == 1


@pytest.mark.parametrize(("number", "pauses"), [(1, []), (2, [1.6]), (4, [1.6]), (5, [])])
async def test_after_a_shipment_of_very_many_events_the_next_one_is_later_unless_the_log_grows(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int, pauses: list[float]
):
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(jobs, "_VERY_MANY", range(2, 5))
    monkeypatch.setattr(jobs, "asyncio", SimpleNamespace(sleep=sleep))
    await world.services.journal.append([an_entry() for _ in range(number)], NOON)
    await jobs.ship(world.services)

    assert slept == pauses
    assert await world.services.journal.waiting(0, 1) is None


async def test_event_ids_are_kept_for_two_days_and_then_forgotten(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    for days, left in ((1.9, 1), (0.2, 0)):
        world.clock.move(ms=round(days * DAY_MS))
        await jobs.retain(world.services)
        rows = await world.services.journal._read("SELECT count(*) FROM shipped")

        assert rows == [(left,)]


async def test_a_rewrite_ends_although_somebody_reads_all_the_time(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    stopped = threading.Event()

    def read_on() -> None:
        while not stopped.is_set():
            world.services.warehouse.answer("SELECT count(*) FROM events")

    readers = [asyncio.create_task(asyncio.to_thread(read_on)) for _ in range(3)]
    async with asyncio.timeout(60):
        await asyncio.to_thread(world.services.warehouse.rewrite)
    stopped.set()
    await asyncio.gather(*readers)

    assert len(await world.rows()) == 1


async def test_what_staff_did_is_forgotten_after_a_year(world: World):
    acts = StaffActs(world.services.ledger, world.clock)
    await acts.note(Act.SIGNED_IN, "owner@example.org")
    world.clock.move(days=365)
    await jobs.retain(world.services)
    assert len(await acts.newest(5)) == 1
    world.clock.move(ms=1)
    await jobs.retain(world.services)

    assert await acts.newest(5) == []


async def test_a_day_is_closed_28_hours_after_its_end(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.rows()
    ask = "SELECT count(*) AS n FROM gaps WHERE dimension = 0"
    found = []
    for hours in (0, 24, 24):
        world.clock.move(ms=hours * 3_600_000)
        await jobs.fold(world.services)
        frame = await asyncio.to_thread(world.services.warehouse.answer, ask)
        found.append(int(frame["n"].iloc[0]))

    assert found == [0, 0, 1]

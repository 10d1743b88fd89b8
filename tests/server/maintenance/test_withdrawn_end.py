"""What a withdrawn yes allowed is erased once the time that the accepted policy named is over."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import erasures
from consent.policy.drafts import WITHDRAWN_DAYS
from server import jobs
from tests.factories import a_view
from tests.world import Browser, World, is_in_bytes, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, choices_per_minute=1000) as opened:
        yield opened


async def visited(world: World, older: Browser | None = None) -> Browser:
    """Accept, with or without the token of an older yes, and open a page."""
    browser = world.browser()
    await browser.accept(**({"token": older.token} if older else {}))
    assert (await browser.send(a_view())).status_code == 202
    world.clock.move(minutes=1)
    return browser


def id_of(world: World, browser: Browser) -> str:
    claims = world.services.tokens.read(browser.token)
    assert claims is not None
    return claims.visitor_id


async def left(world: World, *browsers: Browser) -> list[int]:
    """Return how many events each browser's own visitor id still has."""
    rows = [row["visitor_id"] for row in await world.rows()]
    return [rows.count(id_of(world, browser)) for browser in browsers]


async def published_without_the_promise(world: World) -> None:
    """Publish a version as an earlier release did."""
    policy = world.services.book.policy(world.site)
    content = {n: v for n, v in policy.content.items() if n != "withdrawn_days"}
    texts = {"en": await world.services.book.texts(policy, "en")}
    await world.services.book.publish(world.site, {**content, "texts": texts}, asks_again=True)


async def published_anew(world: World, days: int = WITHDRAWN_DAYS) -> None:
    policy = world.services.book.policy(world.site)
    texts = {"en": await world.services.book.texts(policy, "en")}
    content = {**policy.content, "texts": texts, "withdrawn_days": days}
    await world.services.book.publish(world.site, content, asks_again=True)


async def test_law_6_what_a_withdrawn_yes_allowed_is_erased_after_thirty_days(world: World) -> None:
    gone, stays = await visited(world), await visited(world)
    await world.rows()
    await gone.send(a_view())  # lies in the journal when its yes ends
    world.clock.move(minutes=1)
    await gone.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS, ms=-1)
    await jobs.end_withdrawn(world.services)
    assert await left(world, gone, stays) == [2, 1]
    folder = world.services.settings.data_folder
    stored = b"".join(path.read_bytes() for path in folder.glob("warehouse.duckdb*"))
    assert is_in_bytes(id_of(world, gone), stored)
    world.clock.move(ms=1)
    await jobs.end_withdrawn(world.services)
    await jobs.rewrite(world.services)
    await world.services.ledger.checkpoint()

    assert await left(world, gone, stays) == [0, 1]
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not is_in_bytes(id_of(world, gone), files)
    assert is_in_bytes(id_of(world, stays), files)
    (receipt,) = await receipts(world)
    assert receipt["counts"]["warehouse.events"] == 2
    again = (await gone.erase()).json()["receipt"]
    assert (again["receipt_id"], again["rows"]) == (receipt["receipt_id"], 0)


async def receipts(world: World) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        return [dict(row) for row in (await connection.execute(select(erasures))).mappings()]


async def test_a_yes_given_anew_keeps_what_the_older_one_allowed(world: World) -> None:
    first = await visited(world)
    second = await visited(world, first)
    world.clock.move(days=WITHDRAWN_DAYS + 1)
    await jobs.end_withdrawn(world.services)

    assert id_of(world, first) == id_of(world, second)
    assert await left(world, first) == [2]


async def test_an_id_that_turned_at_thirteen_months_ends_with_the_yes_that_follows_it(
    world: World,
) -> None:
    first = await visited(world)
    world.clock.move(days=300)
    second = await visited(world, first)
    assert id_of(world, first) != id_of(world, second)
    world.clock.move(days=WITHDRAWN_DAYS + 1)
    await jobs.end_withdrawn(world.services)
    assert await left(world, first, second) == [1, 1]
    await second.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS)
    await jobs.end_withdrawn(world.services)

    assert await left(world, first, second) == [0, 0]


async def test_a_later_yes_of_the_same_browser_does_not_keep_what_was_withdrawn_before(
    world: World,
) -> None:
    """The promise was made without a condition, and the later yes goes on."""
    first = await visited(world)
    await first.withdraw()
    second = await visited(world, first)
    world.clock.move(days=WITHDRAWN_DAYS)
    await jobs.end_withdrawn(world.services)
    assert await left(world, first, second) == [0, 1]
    assert (await second.send(a_view())).status_code == 202

    receipt = (await second.erase()).json()["receipt"]
    assert receipt["identifiers"] == 1
    assert await left(world, second) == [0]


async def test_a_yes_that_ran_out_is_kept_as_long_as_events_are(world: World) -> None:
    browser = await visited(world)
    world.clock.move(days=300)
    await jobs.end_withdrawn(world.services)

    assert await left(world, browser) == [1]


async def test_what_was_withdrawn_before_any_version_promised_it_keeps_what_that_policy_said(
    world: World,
) -> None:
    await published_without_the_promise(world)
    kept = await visited(world)
    await kept.withdraw()
    world.clock.move(ms=1)
    await published_anew(world)
    gone = await visited(world)
    await gone.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS * 10)
    await jobs.end_withdrawn(world.services)

    assert await left(world, kept, gone) == [1, 0]


async def test_law_6_the_promise_in_force_at_the_withdrawal_holds_for_an_older_yes(
    world: World,
) -> None:
    await published_without_the_promise(world)
    browser = await visited(world)
    await published_anew(world)
    await browser.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS, ms=-1)
    await jobs.end_withdrawn(world.services)
    assert await left(world, browser) == [1]
    world.clock.move(ms=1)
    await jobs.end_withdrawn(world.services)

    assert await left(world, browser) == [0]


async def test_what_a_version_promised_that_was_over_at_the_withdrawal_holds_for_its_yeses_alone(
    world: World,
) -> None:
    promised = await visited(world)
    await published_without_the_promise(world)
    not_promised = await visited(world)
    for browser in (promised, not_promised):
        await browser.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS * 10)
    await jobs.end_withdrawn(world.services)

    assert await left(world, promised, not_promised) == [0, 1]


@pytest.mark.parametrize(("accepted", "in_force"), [(30, 10), (10, 30)])
async def test_of_two_promises_the_one_that_ends_earlier_holds(
    world: World, accepted: int, in_force: int
) -> None:
    await published_anew(world, accepted)
    browser = await visited(world)
    await published_anew(world, in_force)
    await browser.withdraw()
    world.clock.move(days=10, ms=-1)
    await jobs.end_withdrawn(world.services)
    assert await left(world, browser) == [1]
    world.clock.move(ms=1)
    await jobs.end_withdrawn(world.services)

    assert await left(world, browser) == [0]


async def test_a_version_published_after_the_withdrawal_changes_nothing(world: World) -> None:
    await published_anew(world, 60)
    browser = await visited(world)
    await browser.withdraw()
    world.clock.move(minutes=1)
    await published_anew(world, 10)
    world.clock.move(days=59)
    await jobs.end_withdrawn(world.services)

    assert await left(world, browser) == [1]


async def test_an_erasure_that_failed_is_done_by_the_next_turn_and_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browsers = [await visited(world) for _ in range(3)]
    for browser in browsers:
        await browser.withdraw()
    world.clock.move(days=WITHDRAWN_DAYS)

    def away(*_: Any) -> int:
        raise OSError("The disk is away.")

    with monkeypatch.context() as patch:
        patch.setattr(world.services.warehouse, "delete_visitor", away)
        with pytest.raises(OSError, match="away"):
            await jobs.end_withdrawn(world.services)
    await jobs.finish(world.services)
    await jobs.end_withdrawn(world.services)
    await jobs.end_withdrawn(world.services)

    assert await left(world, *browsers) == [0, 0, 0]
    assert [row["counts"]["ledger.consent_records"] for row in await receipts(world)] == [2] * 3


def test_the_job_runs_beside_the_requests() -> None:
    assert jobs.end_withdrawn in [job for _, job in jobs.JOBS]

"""A visitor restricts the use: no report has it, staff cannot look, and it can be lifted."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from askfirst.errors import NotFound
from askfirst.rules.applying import RESTRICTED
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import restrictions
from consent.proof.records import BY_CONTROLLER
from server.backups.later_decisions import (
    NONE,
    Carried,
    carry_out,
    read_decisions,
)
from server.backups.later_restrictions import Restricted
from server.checks.check import examine
from server.maintenance.report_rules import follow_rules
from server.services import open_services
from tests.factories import a_view
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.world import Browser, World, open_world

PAGES = ("visitors", "now", "not-recorded")


async def visited(world: World, *paths: str, browser: Browser | None = None) -> tuple[Browser, str]:
    """Send page views of a visitor, a new one by default; return browser and pseudonym."""
    if browser is None:
        browser = world.browser()
        await browser.accept()
    for path in paths:
        answer = await browser.send(a_view(url=f"https://example.org{path}"))
        assert answer.status_code == 202
        world.clock.move(minutes=1)
    await world.services.shipper.ship_all()
    return browser, world.services.tokens.read(browser.token).visitor_id


async def owner_of(world: World) -> Owner:
    owner = Owner(world)
    await owner.sign_in()
    owner.client.headers["Sec-Fetch-Site"] = "same-origin"
    return owner


async def views_shown(world: World, owner: Owner) -> str:
    answer = await owner.client.get(f"/sites/{world.site.key}?period=7d")
    return Reading(answer.text).figures.get("Page views", ["0"])[0]


async def test_law_6_a_restricted_visitor_is_in_no_report_and_comes_back_when_lifted(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        services, rights, site = world.services, world.services.restrictions, world.site.id
        owner = await owner_of(world)
        browser, mine = await visited(world, "/mine", "/mine/two")
        await visited(world, "/")
        base = f"/sites/{world.site.key}"
        began = world.clock()
        await rights.restrict(site, mine)
        await rights.restrict(site, mine)
        await visited(world, "/mine/later", browser=browser)
        late = await views_shown(world, owner)
        await follow_rules(services)
        held = await views_shown(world, owner)
        texts = [(await owner.client.get(f"{base}/{page}")).text for page in PAGES]
        opened = await owner.client.get(f"{base}/visitors/{mine}")
        csrf = Reading(texts[0]).fields["csrf"]
        found = await owner.client.post(
            f"{base}/visitors/find", data={"csrf": csrf, "number": mine}
        )
        file = await owner.client.post(f"{base}/visitors/{mine}/export.json", data={"csrf": csrf})
        since = await rights.since(site, mine)
        await services.tallies.flush()
        tally = await world.tally()
        await rights.lift(site, mine, BY_CONTROLLER)
        await follow_rules(services)
        back, after = await views_shown(world, owner), await rights.since(site, mine)
        listed = (await owner.client.get(f"{base}/visitors")).text
        async with services.ledger.read() as connection:
            rows = (await connection.execute(select(restrictions))).mappings().all()

    assert (late, held, back) == ("3", "1", "4")
    assert not any(mine in text or "/mine" in text for text in texts)
    assert (opened.status_code, "restricted the use" in opened.text) == (404, True)
    assert "/mine" not in opened.text
    assert mine in listed
    assert "has restricted the use of the data since" in found.text
    assert "Open the visitor" not in found.text
    assert (file.status_code, file.text.count("/mine/later")) == (200, 1)
    assert (since, after) == (began, None)
    assert "excluded" not in tally
    assert [(row["begun_by"], row["lifted_by"]) for row in rows] == [("subject", BY_CONTROLLER)]


async def test_law_6_a_restriction_holds_for_the_next_number_of_the_browser(tmp_path: Path):
    async with open_world(tmp_path) as world:
        rights, site = world.services.restrictions, world.site.id
        browser, first = await visited(world, "/one")
        await rights.restrict(site, first)
        older = browser.token
        await browser.withdraw()
        await browser.accept(token=older)
        _, second = await visited(world, "/two", browser=browser)
        stored = {row["visitor_id"]: row["excluded"] for row in await world.rows()}
        both = [await rights.since(site, one) for one in (first, second)]
        book = world.services.book.by_id(site)
        await world.services.eraser.erase(site, second)
        left = world.services.book.by_id(site).restricted_visitors
        with pytest.raises(NotFound):
            await rights.restrict(site, first)

    assert first != second
    assert stored[second] == RESTRICTED
    assert both[0] == both[1] is not None
    assert book.restricted_visitors == {first, second}
    assert left == frozenset()


async def test_law_6_a_restriction_before_a_crash_is_followed_at_the_next_start(tmp_path: Path):
    async with open_world(tmp_path) as world:
        _, mine = await visited(world, "/mine")
        await world.services.restrictions.restrict(world.site.id, mine)
        before = world.services.warehouse.events()["excluded"].tolist()
        settings, clock, site = world.services.settings, world.clock, world.site.id
    async with open_services(settings, clock) as services:
        await follow_rules(services)
        after = services.warehouse.events()["excluded"].tolist()
        is_followed = not services.book.by_id(site).rules_changed_at
    findings = await asyncio.to_thread(examine, settings.data_folder)

    assert (before, after, is_followed) == ([0], [RESTRICTED], True)
    assert findings == []


async def test_law_6_a_restore_restricts_and_lifts_what_was_decided_after_the_backup(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        services, site, rights = world.services, world.site.id, world.services.restrictions
        _, mine = await visited(world, "/a")
        _, other = await visited(world, "/b")
        await rights.restrict(site, other)
        world.clock.move(minutes=1)
        numbers = [receipt_id_of(site, one) for one in (mine, other)]
        now = world.clock()
        later = {numbers[0]: Restricted(now, None), numbers[1]: Restricted(now - 60_000, now)}
        known = replace(NONE, restricted=later)
        done = await carry_out(services, known)
        again = await carry_out(services, known)
        since = [await rights.since(site, one) for one in (mine, other)]
        ledger = services.settings.data_folder / "ledger.db"
        read = await asyncio.to_thread(read_decisions, ledger)

    assert (done, again) == (Carried(0, 0, 0, 2), Carried(0, 0, 0, 0))
    assert since == [now, None]
    assert read.restricted == later

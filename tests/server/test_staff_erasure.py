"""Who ended a consent stands in its record: an erasure by staff is not the visitor's own act."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from askfirst.store.ledger.tables import consent_records
from consent.policy.drafts import WITHDRAWN_DAYS
from server import jobs
from server.checks.verify import verify_ledger
from tests.factories import a_view
from tests.server.test_site_deletion import signed_in, visitor_of
from tests.world import Browser, World, open_world

IDENTIFIED = "dpv:isIndicatedBy"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(
        tmp_path, choices_per_minute=1000, public_url="http://askfirst.test"
    ) as opened:
        yield opened


async def visited(world: World) -> Browser:
    browser = world.browser()
    await browser.accept()
    assert (await browser.send(a_view())).status_code == 202
    world.clock.move(minutes=1)
    return browser


async def erased_by_staff(world: World, browser: Browser) -> None:
    client = await signed_in(world)
    base = f"/sites/{world.site.key}"
    page = await client.get(f"{base}/settings")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    path = f"{base}/visitors/{visitor_of(browser, world)}/erase"
    answer = await client.post(path, data={"csrf": csrf, "sure": "yes"})
    assert answer.status_code == 200


async def ends(world: World) -> list[tuple[str, str, str, str]]:
    """Return of each record its state, its method, who gave it, and what is known of the act."""
    columns = [consent_records.c[name] for name in ("state", "method", "given_by", "event_type")]
    async with world.services.ledger.read() as connection:
        rows = await connection.execute(select(*columns).order_by(consent_records.c.seq))
        return [tuple(row) for row in rows]


async def last_status(browser: Browser) -> dict[str, Any]:
    body = {"site": browser.site.key, "token": browser.token}
    receipt = (await browser.post("/consent/receipt", body)).json()
    status: dict[str, Any]
    status = receipt["dpv:hasRecordOfActivity"][0]["dpv:hasConsentStatus"][-1]
    return status


async def test_law_3_an_erasure_by_staff_is_the_controllers_act_in_the_chain(world: World) -> None:
    browser = await visited(world)
    await erased_by_staff(world, browser)

    assert await ends(world) == [
        ("given", "banner", "subject", "explicit"),
        ("withdrawn", "erasure", "controller", "revoked"),
    ]
    status = await last_status(browser)
    assert status["@type"] == ["dpv:ConsentRevoked"]
    assert status[IDENTIFIED]["@id"].endswith(f"/policy/{world.site.key}#controller")
    path = world.services.settings.data_folder / "ledger.db"
    assert (await verify_ledger(path, None, Console(quiet=True))).right


async def test_an_erasure_by_the_visitor_stays_the_visitors_own_act(world: World) -> None:
    browser = await visited(world)
    await browser.erase()

    assert (await ends(world))[1:] == [("withdrawn", "erasure", "subject", "explicit")]
    status = await last_status(browser)
    assert status["@type"] == ["dpv:ConsentWithdrawn", "dpv:ExplicitlyExpressedConsent"]
    assert status[IDENTIFIED] == {"@id": "dpv:DataSubject"}


async def test_what_ends_after_a_withdrawal_writes_no_further_act(world: World) -> None:
    browser = await visited(world)
    await browser.withdraw()
    before = await ends(world)
    world.clock.move(days=WITHDRAWN_DAYS)
    await jobs.end_withdrawn(world.services)

    assert await world.rows() == []
    assert await ends(world) == before
    assert before[-1][2:] == ("subject", "explicit")


async def test_staff_that_erases_who_has_withdrawn_already_adds_nothing(world: World) -> None:
    browser = await visited(world)
    await browser.withdraw()
    before = await ends(world)
    await erased_by_staff(world, browser)

    assert await ends(world) == before

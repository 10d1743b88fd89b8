"""A site's setting for addresses: what the owner chooses is what is kept and what is said."""

from pathlib import Path

import httpx2
import pytest

from reports.sites.setup import make_setup_link
from server.app import build_app
from server.services import open_services
from tests.factories import settings_in
from tests.world import Browser, World, open_world

FORM = {
    "email": "owner@example.org",
    "password": "a long enough password",
    "name": "Example",
    "hosts": "example.org",
    "time_zone": "UTC",
    "controller": "Example Ltd",
    "contact": "privacy@example.org",
}


@pytest.mark.parametrize(
    ("chosen", "kept", "said"),
    [
        ("whole", "81.2.69.142", "whole"),
        ("shortened", "81.2.69.0", "shortened"),
        ("dropped", "", "not kept"),
    ],
)
async def test_an_address_is_kept_as_the_owner_chose_and_the_policy_says_so(
    tmp_path: Path, chosen: str, kept: str, said: str
):
    async with open_services(settings_in(tmp_path / "data")) as services:
        transport = httpx2.ASGITransport(app=build_app(services), client=("81.2.69.142", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://a.test") as client:
            link = await make_setup_link(services.ledger, services.clock)
            assert link is not None
            form = {**FORM, "code": link.partition("#code=")[2], "ip_mode": chosen}
            await client.post("/setup", data=form, headers={"Origin": "http://a.test"})
            (site,) = services.book.all()
            browser = Browser(client, site)
            await browser.accept()
            await browser.send()
            await services.shipper.ship_all()
            (purpose,) = (await browser.wording())["purposes"]
            shown = [field["text"] for field in purpose["fields"]]
        (row,) = services.warehouse.events().to_dict("records")

    assert (row["ip"], row["country"]) == (kept, "GB")
    assert [text for text in shown if said in text.lower()]


async def publish(world: World, ip_mode: str) -> None:
    book = world.services.book
    policy = book.policy(world.site)
    texts = {"en": await book.texts(policy, "en")}
    content = {**policy.content, "texts": texts, "ip_mode": ip_mode}
    await book.publish(world.site, content, asks_again=True)


@pytest.mark.parametrize(("agreed", "kept"), [("shortened", "81.2.69.0"), ("dropped", "")])
async def test_law_3_a_later_policy_does_not_lengthen_an_address_that_waits_to_be_shipped(
    tmp_path: Path, agreed: str, kept: str
):
    async with open_world(tmp_path, peer="81.2.69.142") as world:
        await publish(world, agreed)
        browser = world.browser()
        await browser.accept()
        answer = await browser.send()
        journal = world.journal_bytes()
        await publish(world, "whole")
        (row,) = await world.rows()

    assert answer.json() == {"recorded": 1}
    assert row["event_id"].encode() in journal
    assert b"81.2.69.142" not in journal
    assert (row["ip"], row["country"]) == (kept, "GB")

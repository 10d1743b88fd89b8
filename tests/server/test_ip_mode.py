"""A site's setting for addresses: what the owner chooses is what is kept and what is said."""

from pathlib import Path

import httpx2
import pytest

from reports.access import make_setup_link
from server.app import rooms
from server.house import open_house
from tests.factories import settings_in
from tests.reports.reading import Reading
from tests.world import Browser

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
    async with open_house(settings_in(tmp_path / "data")) as house:
        transport = httpx2.ASGITransport(app=rooms(house), client=("81.2.69.142", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://a.test") as client:
            link = await make_setup_link(house.ledger, house.clock)
            assert link is not None
            token = Reading((await client.get(link)).text).fields["token"]
            form = {**FORM, "token": token, "ip_mode": chosen}
            await client.post("/setup", data=form, headers={"Origin": "http://a.test"})
            (site,) = house.book.all()
            browser = Browser(client, site)
            await browser.accept()
            await browser.send()
            await house.shipper.ship_all()
            shown = [field["text"] for field in (await browser.wording())["fields"]]
        (row,) = house.warehouse.answer("SELECT ip, country FROM events").to_dict("records")

    assert (row["ip"], row["country"]) == (kept, "GB")
    assert [text for text in shown if said in text.lower()]

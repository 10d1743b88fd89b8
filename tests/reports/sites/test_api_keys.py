"""A site's keys of the server-side API: shown once, listed by their first letters, revoked."""

import re

import pytest

from askfirst.store.ledger.api_keys import MOST_KEYS, ApiKeys, KnownKey
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading

PATH = "/api-keys"


def secret_in(html: str) -> str:
    found = re.search(r"askfirst_[A-Za-z0-9_-]{43}", html)
    assert found
    return found[0]


async def test_a_new_key_is_shown_once_and_then_only_its_first_letters(garden: Garden) -> None:
    client = await garden.signed_in()
    made = await garden.post(client, PATH, name="  Shop,\n orders ")
    secret = secret_in(made.text)
    later = await client.get(f"/sites/{garden.site.key}{PATH}")
    page = Reading(later.text)

    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    assert "Shop, orders" in page.text
    assert secret[:13] in page.text
    assert secret not in later.text
    assert "Never used." in page.text
    assert "https://reports.example/api/v1/events" in page.text
    keys = ApiKeys(garden.deps.ledger, garden.clock)
    assert await keys.find(secret) == KnownKey(1, garden.site.id)
    used = Reading((await client.get(f"/sites/{garden.site.key}{PATH}")).text).text
    assert "last used: today." in used.lower()
    assert await garden.acts() == [("api_key_made", EMAIL, garden.site.key)]


async def test_a_revoked_key_is_gone_and_one_of_another_site_stays(garden: Garden) -> None:
    client = await garden.signed_in()
    secret = secret_in((await garden.post(client, PATH, name="Shop")).text)
    keys = ApiKeys(garden.deps.ledger, garden.clock)
    garden.site, garden.other = garden.other, garden.site
    await garden.post(client, f"{PATH}/revoke", id="1")
    assert await keys.find(secret)

    garden.site, garden.other = garden.other, garden.site
    answer = await garden.post(client, f"{PATH}/revoke", id="1")
    page = await client.get(answer.headers["location"])
    assert await keys.find(secret) is None
    assert "The key is revoked." in page.text
    assert "There is no key yet." in page.text
    acts = [act for act, *_ in await garden.acts()]
    assert acts == ["api_key_made", "api_key_revoked"]


async def test_a_key_is_switched_off_and_on_again_and_the_log_tells_it_once(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    secret = secret_in((await garden.post(client, PATH, name="Shop")).text)
    keys = ApiKeys(garden.deps.ledger, garden.clock)
    garden.site, garden.other = garden.other, garden.site
    await garden.post(client, f"{PATH}/switch", id="1", to="off")
    garden.site, garden.other = garden.other, garden.site
    assert await keys.find(secret) == KnownKey(1, garden.site.id)

    for to in ("off", "off"):
        answer = await garden.post(client, f"{PATH}/switch", id="1", to=to)
    off = Reading((await client.get(answer.headers["location"])).text)
    assert await keys.find(secret) == KnownKey(1, garden.site.id, is_off=True)
    assert "The key is off. It is refused until you switch it on again." in off.text
    assert off.fields["to"] == "on"
    answer = await garden.post(client, f"{PATH}/switch", id="1", to="on")
    on = Reading((await client.get(answer.headers["location"])).text)
    assert await keys.find(secret) == KnownKey(1, garden.site.id)
    assert "The key is on again." in on.text
    acts = [act for act, *_ in await garden.acts()]
    assert acts == ["api_key_made", "api_key_off", "api_key_on"]


@pytest.mark.parametrize(
    ("number", "to", "status"), [("1", "", 400), ("1", "x", 400), ("-", "on", 404)]
)
async def test_a_key_is_switched_to_on_or_off_alone(
    garden: Garden, number: str, to: str, status: int
) -> None:
    answer = await garden.post(await garden.signed_in(), f"{PATH}/switch", id=number, to=to)
    assert answer.status_code == status
    assert await garden.acts() == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\u202eb"])
async def test_a_key_needs_a_name_that_can_be_read(garden: Garden, name: str) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, PATH, name=name)

    assert answer.status_code == 422
    assert "Say where the key will be used" in answer.text
    assert await garden.acts() == []


async def test_a_name_is_shown_as_it_is_and_is_no_html(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, PATH, name="<b>Shop</b>")
    assert "<b>Shop" not in answer.text
    assert "<b>Shop</b>" in Reading(answer.text).text


async def test_beyond_the_most_keys_the_page_says_so(garden: Garden) -> None:
    keys = ApiKeys(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        for number in range(MOST_KEYS):
            await keys.make(connection, garden.site.id, str(number))
    answer = await garden.post(await garden.signed_in(), PATH, name="One more")
    assert answer.status_code == 422
    assert f"A site has at most {MOST_KEYS} keys." in answer.text


@pytest.mark.parametrize("number", ["", "-1", "1.5", "9" * 30, "²"])
async def test_revoking_what_is_no_key_is_not_found(garden: Garden, number: str) -> None:
    answer = await garden.post(await garden.signed_in(), f"{PATH}/revoke", id=number)
    assert answer.status_code == 404


async def test_nothing_is_made_or_revoked_without_a_session_or_its_secret(garden: Garden) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}{PATH}"
    for where in (path, f"{path}/revoke", f"{path}/switch"):
        forged = await client.post(where, data={"name": "x", "id": "1", "csrf": "x"})
        stranger = await garden.client().post(where, data={"name": "x", "id": "1"})
        assert forged.status_code == 403
        assert stranger.headers["location"].startswith("/sign-in")
    assert await ApiKeys(garden.deps.ledger, garden.clock).of(garden.site.id) == ()


async def test_the_settings_lead_to_the_keys(garden: Garden) -> None:
    client = await garden.signed_in()
    page = Reading((await client.get(f"/sites/{garden.site.key}/settings")).text)
    path = page.links["Keys of the API"]
    assert (await client.get(path)).status_code == 200


async def test_a_key_is_for_events_unless_it_is_said_to_read_and_for_nothing_else(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    keys = ApiKeys(garden.deps.ledger, garden.clock)
    events = secret_in((await garden.post(client, PATH, name="Shop")).text)
    reports = secret_in((await garden.post(client, PATH, name="BI", scope="reports")).text)
    forged = await garden.post(client, PATH, name="Root", scope="everything")

    assert await keys.find(events) == KnownKey(1, garden.site.id)
    assert await keys.find(events, "reports") is None
    assert await keys.find(reports) is None
    assert await keys.find(reports, "reports") == KnownKey(2, garden.site.id)
    assert forged.status_code == 400
    assert [one.scope for one in await keys.of(garden.site.id)] == ["reports", "events"]

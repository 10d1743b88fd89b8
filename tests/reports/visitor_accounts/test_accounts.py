"""What staff ask and offer visitors with an account, and whose addresses they take."""

import csv
import io

import pytest
from sqlalchemy import update

from askfirst.store.ledger.accounts.fields import AskedField, asked_of
from askfirst.store.ledger.accounts.messages import choose, offered_by, read_stop_token
from askfirst.store.ledger.tables import visitor_accounts
from reports.visitor_accounts.opened import NO_ACCOUNT
from reports.visitor_accounts.settings_form import NO_REASON
from tests.consent.accounts.visitors_account import ADA, BEN, an_account
from tests.reports.garden import ANNA, EMAIL, Garden
from tests.reports.reading import Reading

BAD = '=HYPERLINK("evil")@example.com'


async def wants(garden: Garden, account: str, *kinds: str) -> None:
    async with garden.deps.ledger.write() as connection:
        await choose(connection, account, kinds, garden.clock())


async def held(garden: Garden) -> tuple[list[AskedField], dict[str, str]]:
    async with garden.deps.ledger.read() as connection:
        asked = await asked_of(connection, garden.site.id)
        return asked, await offered_by(connection, garden.site.id)


async def test_nothing_is_asked_or_offered_until_staff_choose_it_and_say_why(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    shown = Reading((await client.get(f"/sites/{garden.site.key}/accounts")).text)
    assert not any("checked" in given for _, given in shown.tags)
    assert "No mail server is set" in shown.text
    assert "None has a confirmed one." in shown.text
    assert await held(garden) == ([], {})
    form = {"ask_name": "on", "why_name": " To  write to you ", "offer_news": "on"}
    saved = await garden.post(client, "/accounts", **form, words_news="What is new <here>")
    assert saved.status_code == 303
    asked = [AskedField("name", "To write to you")]
    assert await held(garden) == (asked, {"news": "What is new <here>"})
    assert await garden.acts() == [("accounts_changed", EMAIL, garden.site.key)]
    after = (await client.get(f"/sites/{garden.site.key}/accounts")).text
    assert "What is new &lt;here&gt;" in after
    await garden.post(client, "/accounts")
    assert await held(garden) == ([], {})


@pytest.mark.parametrize(
    "wrong",
    [{"ask_name": "on"}, {"why_name": "w" * 301}, {"words_news": "w" * 301}],
)
async def test_a_field_without_a_reason_or_too_many_words_are_not_saved(
    garden: Garden, wrong: dict[str, str]
) -> None:
    client = await garden.signed_in()
    form = {"ask_gender": "on", "why_gender": "For the form of address"} | wrong
    answer = await garden.post(client, "/accounts", **form)
    assert answer.status_code == 422
    assert (NO_REASON in answer.text) == ("ask_name" in wrong)
    assert "For the form of address" in answer.text
    assert await held(garden) == ([], {})


async def test_law_9_addresses_are_those_who_want_it_and_each_visitor_reads_that_they_were_taken(
    garden: Garden,
) -> None:
    await garden.consent(ANNA)
    ada = await an_account(garden, ADA, browser=ANNA)
    ben, bad = await an_account(garden, BEN), await an_account(garden, BAD)
    new = await an_account(garden, "new@example.com", confirmed_at=None)
    for account in (ada, bad, new):
        await wants(garden, account, "news")
    await wants(garden, ben, "offers", "policy")
    client = await garden.signed_in()
    answer = await garden.post(client, "/accounts/addresses", kind="news")

    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["address", "turn_off"]
    assert {row[0] for row in rows} == {ADA, f"'{BAD}"}  # no formula
    for address, link in rows:
        token = link.rpartition("/")[2]
        whose = ada if address == ADA else bad
        assert read_stop_token(garden.deps.sealing, token) == (whose, "news")
    assert answer.headers["cache-control"] == "no-store"
    entered = {(who, what) for who, _, what in await garden.entries()}
    assert entered == {(one, "exported addresses") for one in (ada, bad, ANNA)}
    assert await garden.acts() == [("addresses_exported", EMAIL, garden.site.key)]


async def test_addresses_need_a_session_its_secret_and_a_kind_of_the_sites_own(
    garden: Garden,
) -> None:
    ada = await an_account(garden, ADA)
    await wants(garden, ada, "news", "policy")
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/accounts/addresses"
    stranger = await garden.client().post(path, data={"kind": "news"})
    assert stranger.headers["location"].startswith("/sign-in")
    assert (await client.post(path, data={"kind": "news", "csrf": "x"})).status_code == 403
    for kind in ("policy", "x", ""):
        assert (await garden.post(client, "/accounts/addresses", kind=kind)).status_code == 400
    assert (await client.get(path)).status_code == 405
    assert await garden.entries() == []


async def test_only_a_sites_own_accounts_are_counted_and_taken(garden: Garden) -> None:
    ada = await an_account(garden, ADA)
    await wants(garden, ada, "news")
    client = await garden.signed_in()
    garden.site, garden.other = garden.other, garden.site
    answer = await garden.post(client, "/accounts/addresses", kind="news")
    assert ADA not in answer.text
    assert await garden.entries() == []


async def test_an_account_of_another_key_holds_up_neither_the_addresses_nor_who_opens_it(
    garden: Garden,
) -> None:
    await garden.consent(ANNA)
    ada, ben = await an_account(garden, ADA, browser=ANNA), await an_account(garden, BEN)
    for account in (ada, ben):
        await wants(garden, account, "news")
    async with garden.deps.ledger.write() as connection:
        other = update(visitor_accounts).where(visitor_accounts.c.id == ada)
        await connection.execute(other.values(email=b"sealed by another key"))
    client = await garden.signed_in()
    taken = await garden.post(client, "/accounts/addresses", kind="news")
    opened = [
        await garden.post(client, "/accounts/open", who=who, reason="A prize")
        for who in (ANNA, ADA)
    ]

    assert BEN in taken.text
    assert [one.status_code for one in opened] == [422, 422]
    assert all(NO_ACCOUNT in one.text for one in opened)
    assert {who for who, _, _ in await garden.entries()} == {ben}

"""What a visitor volunteered is opened with a reason alone, and the visitor reads it."""

import pytest
from sqlalchemy import select

from askfirst.store.ledger.accounts.fields import keep_field
from askfirst.store.ledger.tables import account_fields, disclosures
from reports.visitor_accounts.opened import NO_ACCOUNT, NO_REASON, UNREADABLE
from tests.consent.accounts.visitors_account import ADA, BEN, an_account
from tests.reports.garden import ANNA, BERT, EMAIL, Garden
from tests.reports.reading import Reading

REASON = "The prize of <May>"


async def a_told_account(garden: Garden, **facts: str) -> str:
    """Add an account that joins a browser and has volunteered a name."""
    await garden.consent(ANNA)
    account = await an_account(garden, ADA, browser=ANNA, **facts)
    async with garden.deps.ledger.write() as connection:
        what = ("name", "Ada <b>Lovelace</b>")
        await keep_field(connection, garden.deps.sealing, account, what, garden.clock())
    return account


async def reasons(garden: Garden) -> list[tuple[str, str, str, str]]:
    columns = disclosures.c
    names = (columns.visitor_id, columns.to_whom, columns.what, columns.reason)
    async with garden.deps.ledger.read() as connection:
        rows = await connection.execute(select(*names).order_by(columns.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("who", [ADA, " ADA@example.com ", ANNA])
async def test_law_9_an_account_is_opened_by_address_or_visitor_once_a_reason_is_entered(
    garden: Garden, who: str
) -> None:
    account = await a_told_account(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, "/accounts/open", who=who, reason=REASON)

    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in answer.text
    assert ADA in answer.text
    assert answer.headers["cache-control"] == "no-store"
    entry = (EMAIL, "opened account", REASON)
    assert await reasons(garden) == [(account, *entry), (ANNA, *entry)]
    assert await garden.acts() == [("account_opened", EMAIL, garden.site.key)]
    garden.event("2026-11-01T10:00")
    garden.store()
    page = Reading((await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}")).text)
    assert f"opened what this visitor had volunteered ({REASON})" in page.text


async def test_a_value_that_the_key_does_not_open_is_named_so_and_the_rest_is_shown(
    garden: Garden,
) -> None:
    account = await a_told_account(garden)
    async with garden.deps.ledger.write() as connection:
        sealed = {"account_id": account, "field": "interests", "changed_at": 1, "value": b"other"}
        await connection.execute(account_fields.insert().values(sealed))
    client = await garden.signed_in()
    answer = await garden.post(client, "/accounts/open", who=ADA, reason=REASON)

    assert answer.status_code == 200
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in answer.text
    assert UNREADABLE in answer.text


@pytest.mark.parametrize("reason", ["", "  ", "r" * 301, "a\x07b"])
async def test_without_a_reason_nothing_is_opened_or_entered(garden: Garden, reason: str) -> None:
    await a_told_account(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, "/accounts/open", who=ADA, reason=reason)
    assert answer.status_code == 422
    assert NO_REASON in answer.text
    assert "Lovelace" not in answer.text
    assert await reasons(garden) == []
    assert await garden.acts() == []


@pytest.mark.parametrize("who", [BEN, BERT, "", "x", "%"])
async def test_an_address_or_number_without_an_account_opens_nothing(
    garden: Garden, who: str
) -> None:
    await a_told_account(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, "/accounts/open", who=who, reason=REASON)
    assert answer.status_code == 422
    assert NO_ACCOUNT in answer.text
    assert await reasons(garden) == []


async def test_an_account_of_another_site_or_without_a_confirmed_address_opens_nothing(
    garden: Garden,
) -> None:
    await a_told_account(garden)
    await an_account(garden, BEN, confirmed_at=None)
    client = await garden.signed_in()
    unconfirmed = await garden.post(client, "/accounts/open", who=BEN, reason=REASON)
    assert NO_ACCOUNT in unconfirmed.text
    garden.site, garden.other = garden.other, garden.site
    for who in (ADA, ANNA):
        answer = await garden.post(client, "/accounts/open", who=who, reason=REASON)
        assert NO_ACCOUNT in answer.text
    assert await reasons(garden) == []


async def test_law_9_no_page_or_file_of_staff_tells_it_without_a_reason(garden: Garden) -> None:
    await a_told_account(garden)
    garden.event("2026-11-01T10:00")
    garden.store()
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}"
    texts = [(await client.get(f"{base}/{one}")).text for one in ("accounts", f"visitors/{ANNA}")]
    assert "Open the account" in texts[1]
    for ending in ("json", "html"):
        answer = await garden.post(client, f"/visitors/{ANNA}/export.{ending}")
        assert answer.status_code == 200
        texts.append(answer.text)
    assert not any("Lovelace" in text or ADA in text for text in texts)


async def test_opening_needs_a_session_and_its_secret(garden: Garden) -> None:
    await a_told_account(garden)
    path, form = f"/sites/{garden.site.key}/accounts/open", {"who": ADA, "reason": REASON}
    stranger = await garden.client().post(path, data=form)
    assert stranger.headers["location"].startswith("/sign-in")
    client = await garden.signed_in()
    assert (await client.post(path, data=form | {"csrf": "x"})).status_code == 403
    assert (await client.get(path)).status_code == 303
    assert await reasons(garden) == []

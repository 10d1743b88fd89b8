"""What a visitor volunteers: optional, sealed, removable, and never a card's number."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from askfirst.store.ledger.accounts.fields import (
    FIELDS,
    AskedField,
    ask,
    volunteered,
)
from askfirst.store.ledger.rights.account_deletion import delete_accounts
from askfirst.store.ledger.tables import account_fields, disclosures
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.fields import ANSWERS, LONGEST
from consent.accounts.own_rows import own_rows
from consent.accounts.sessions import AccountSessions
from consent.policy.my_data_words import words_in
from reports.visitors.account_disclosures import AccountEntry, enter
from tests.consent.accounts.visitors_account import ADA, BEN, an_account
from tests.consent.conftest import NOON, Room
from tests.reports.reading import Reading

WORDS = words_in("en")
ENTRY = ("owner@example.org", "opened account", "To send <the> prize", NOON)
CARD = "4111 1111 1111 1111"
FILLED = {
    "name": "Ada Lovelace",
    "address": "12 St James's Square\nLondon",
    "telephone": "+44 20 7946 0958",
    "postal_code": "SW1Y 4JH",
    "age_band": "35-44",
    "gender": "woman",
    "preferences": "by post <b>please</b>",
    "interests": "engines, poetry",
}


@dataclass
class Visitor:
    """A signed-in visitor."""

    room: Room
    account: str
    browser: httpx2.AsyncClient

    @property
    def path(self) -> str:
        return f"/account/{self.room.site.key}/fields"

    async def page(self, language: str = "en") -> httpx2.Response:
        return await self.browser.get(f"{self.path}?lang={language}")

    async def post(self, **form: str) -> httpx2.Response:
        csrf = Reading((await self.page()).text).fields.get("csrf", "")
        data = {"csrf": csrf, "do": "save", **form}
        return await self.browser.post(self.path, data=data, follow_redirects=True)

    async def kept(self) -> dict[str, str]:
        async with self.room.deps.ledger.read() as connection:
            return await volunteered(connection, self.room.deps.sealing, self.account)

    async def stored(self) -> list[dict[str, Any]]:
        async with self.room.deps.ledger.read() as connection:
            rows = await connection.execute(select(account_fields))
            return [dict(row) for row in rows.mappings()]


async def a_visitor(room: Room, email: str = ADA) -> Visitor:
    account = await an_account(room, email)
    async with room.deps.ledger.write() as connection:
        secret = await AccountSessions(room.deps).begin(connection, account)
    cookies = {f"__Host-askfirst_account_{room.site.key}": secret}
    transport = room.browser._transport
    base = str(room.browser.base_url)
    browser = httpx2.AsyncClient(transport=transport, base_url=base, cookies=cookies)
    return Visitor(room, account, browser)


async def asks(room: Room, *names: str) -> None:
    async with room.deps.ledger.write() as connection:
        asked = [AskedField(name, f"For {name} & <more>") for name in names or FIELDS]
        await ask(connection, room.site.id, asked)


def raw(room: Room) -> bytes:
    return b"".join(path.read_bytes() for path in room.folder.glob("ledger.db*"))


async def test_law_1_nothing_is_asked_unless_the_owner_asks_it_and_says_why(room: Room) -> None:
    ada = await a_visitor(room)
    assert WORDS["field_none"] in (await ada.page()).text
    await ada.post(name="Ada Lovelace")
    assert await ada.stored() == []
    await asks(room, "name")
    shown = await ada.page()
    assert "For name &amp; &lt;more&gt;" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert Reading(shown.text).fields.keys() >= {"csrf", "name"}
    assert "interests" not in Reading(shown.text).fields


async def test_every_field_is_kept_as_it_was_typed_and_is_not_readable_in_the_file(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    shown = await ada.post(**FILLED)
    assert WORDS["field_saved"] in shown.text
    assert await ada.kept() == FILLED
    assert "by post &lt;b&gt;please&lt;/b&gt;" in shown.text
    assert "12 St James&#39;s Square\nLondon" in shown.text
    assert '<option value="35-44" selected>' in shown.text
    assert len(await ada.stored()) == len(FIELDS)
    assert not any(one.encode() in raw(room) for one in ("Lovelace", "7946", "SW1Y", "poetry"))


async def test_law_6_each_field_is_optional_changed_and_removed(room: Room) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(**FILLED)
    await ada.post(**FILLED | {"name": "A. King", "interests": "  "})
    kept = await ada.kept()
    assert (kept["name"], "interests" in kept) == ("A. King", False)
    await ada.post()
    assert await ada.stored() == []


async def test_law_6_what_is_no_longer_asked_stays_seen_and_removable(room: Room) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(**FILLED)
    await asks(room, "name")
    shown = (await ada.page()).text
    assert WORDS["field_old"] in shown
    assert "engines, poetry" in shown
    await ada.post(name="Ada Lovelace")  # leaves the others
    assert len(await ada.stored()) == len(FIELDS)
    after = await ada.post(do="remove", field="interests")
    assert "engines, poetry" not in after.text
    assert len(await ada.stored()) == len(FIELDS) - 1


@pytest.mark.parametrize("name", FIELDS)
async def test_law_6_a_card_number_is_refused_in_every_field_and_kept_nowhere(
    room: Room, name: str
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    answer = await ada.post(**{name: CARD}, **{"name": "Ada"} if name != "name" else {})
    assert answer.status_code == 422
    assert WORDS["field_wrong_payment"] in answer.text
    assert "1111" not in answer.text
    if name != "name":
        assert Reading(answer.text).fields["name"] == "Ada"  # need not be typed again
    assert await ada.stored() == []
    assert b"1111 1111" not in raw(room)


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "DE89 3704 0044 0532 0130 00"},
        {"telephone": "4111111111111111"},
        {"interests": "trains, 4111-1111-1111-1111"},
        {"address": "4111\n1111\n1111\n1111"},
    ],
)
async def test_a_card_or_bank_account_is_refused_however_it_is_typed(
    room: Room, typed: dict[str, str]
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    answer = await ada.post(**typed)
    assert WORDS["field_wrong_payment"] in answer.text
    assert await ada.stored() == []


async def test_after_a_refused_card_number_the_page_shows_what_is_stored(room: Room) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(**FILLED)
    answer = await ada.post(**FILLED | {"name": CARD})
    assert Reading(answer.text).fields["name"] == FILLED["name"]
    assert await ada.kept() == FILLED


async def test_a_telephone_number_with_its_country_is_no_card(room: Room) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(telephone="+49 151 23456782")  # its 13 digits pass the check of cards
    assert Reading((await ada.page()).text).fields["telephone"] == "+49 151 23456782"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", "n" * 201, "field_wrong_long"),
        ("interests", "n" * 1001, "field_wrong_long"),
        ("interests", "1" * 60_000, "field_wrong_long"),
        ("age_band", "1" * 60_000, "field_wrong_choice"),
        ("telephone", "call me", "field_wrong_telephone"),
        ("telephone", "1234", "field_wrong_telephone"),
        ("postal_code", "<script>", "field_wrong_postal_code"),
        ("age_band", "40", "field_wrong_choice"),
        ("gender", "x", "field_wrong_choice"),
    ],
)
async def test_a_value_that_does_not_fit_is_marked_and_nothing_is_saved(
    room: Room, field: str, value: str, problem: str
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    answer = await ada.post(**{"name": "Ada", field: value})
    said = WORDS[problem].replace("{number}", str(LONGEST.get(field)))
    assert answer.status_code == 422
    assert said in answer.text
    assert await ada.stored() == []


async def test_every_answer_can_be_chosen(room: Room) -> None:
    ada = await a_visitor(room)
    await asks(room)
    for field, answers in ANSWERS.items():
        for one in answers:
            shown = await ada.post(**{field: one})
            assert f'<option value="{one}" selected>' in shown.text
            assert await ada.kept() == {field: one}


async def test_who_is_not_signed_in_or_sends_another_pages_form_changes_nothing(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(**FILLED)
    path = ada.path
    for answer in (await room.browser.get(path), await room.browser.post(path, data={})):
        assert (answer.status_code, "Lovelace" in answer.text) == (303, False)
        assert answer.headers["location"].startswith(f"/account/{room.site.key}?")
    refused = await ada.post(csrf="another", name="Eve")
    assert refused.status_code == 403
    unknown = await ada.post(do="remove", field="email")
    assert unknown.status_code == 400
    assert Reading((await ada.page()).text).fields["name"] == "Ada Lovelace"


async def test_one_accounts_fields_are_not_shown_to_another(room: Room) -> None:
    ada, ben = await a_visitor(room), await a_visitor(room, BEN)
    await asks(room)
    await ada.post(**FILLED)
    assert "Lovelace" not in (await ben.page()).text


async def test_law_9_the_page_says_who_opened_it_and_why(room: Room) -> None:
    ada, ben = await a_visitor(room), await a_visitor(room, BEN)
    async with room.deps.ledger.write() as connection:
        await enter(connection, [ada.account], AccountEntry(room.site.id, *ENTRY))
    shown = (await ada.page()).text
    assert "owner@example.org" in shown
    assert WORDS["seen_fields"] in shown
    assert "To send &lt;the&gt; prize" in shown
    assert WORDS["seen_none"] in (await ben.page()).text


async def test_law_6_the_persons_own_file_has_it_opened_and_closing_deletes_it(room: Room) -> None:
    ada, ben = await a_visitor(room), await a_visitor(room, BEN)
    await asks(room)
    await ada.post(**FILLED)
    await ben.post(name="Ben")
    account = await VisitorAccounts(room.deps).by_id(ada.account)
    assert account
    rows = await own_rows(room.deps, account)
    told = {row["field"]: row["value"] for row in rows["ledger.account_fields"]}
    assert told == FILLED
    async with room.deps.ledger.write() as connection:
        await enter(connection, [ada.account, ben.account], AccountEntry(room.site.id, *ENTRY))
        await delete_accounts(connection, [ada.account])
    assert [row["account_id"] for row in await ada.stored()] == [ben.account]
    async with room.deps.ledger.read() as connection:
        left = await connection.execute(select(disclosures.c.visitor_id))
        assert list(left.scalars()) == [ben.account]


async def test_a_value_that_the_key_does_not_open_is_said_and_replaced_or_removed(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(name="Ada", interests="engines", gender="woman")
    async with room.deps.ledger.write() as connection:
        await connection.execute(account_fields.update().values(value=b"sealed by another key"))
    await asks(room, "name", "gender")
    shown = await ada.page()
    kept = await ada.kept()
    await ada.post(do="remove", field="interests")
    await ada.post(name="Ada Lovelace")
    again = await ada.page()

    assert shown.status_code == again.status_code == 200
    assert shown.text.count(WORDS["field_unreadable"]) == 2
    assert shown.text.count(WORDS["field_unreadable_old"]) == 1
    assert kept == dict.fromkeys(("name", "gender", "interests"))
    assert await ada.kept() == {"name": "Ada Lovelace"}
    assert WORDS["field_unreadable"] not in again.text
    assert WORDS["field_unreadable_old"] not in again.text


async def test_a_value_that_is_saved_again_unchanged_keeps_the_time_of_its_change(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await asks(room)
    await ada.post(**FILLED)
    before = await ada.stored()
    room.clock.now += 1000
    await ada.post(**FILLED | {"name": "Ada King"})

    assert [row["field"] for row in await ada.stored() if row not in before] == ["name"]

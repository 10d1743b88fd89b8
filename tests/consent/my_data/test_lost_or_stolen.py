"""Lost or stolen: one press ends every proof of a person, and the recording with it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from askfirst.store.ledger.tables import (
    account_links,
    account_sessions,
    consent_records,
    receipt_codes,
    visitor_access_ends,
    visitor_accounts,
    visitor_links,
    visitor_mails,
)
from consent.accounts.accounts import VisitorAccounts
from consent.http.cookie import cookie_name
from consent.policy.languages import long_date
from consent.proof.chain import walk
from reports.visitors.disclosures import ENDING, Disclosures
from server.app import consent_dependencies, report_dependencies
from tests.consent.my_data.persons import (
    MAIL,
    Account,
    posted,
    press,
    table,
    visited,
    visitor_of,
)
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world

ENDED = "Access to this page was ended"
SECRET = "/what-i-read"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, **MAIL) as opened:
        yield opened


async def test_ending_access_is_asked_once_more_and_then_one_press(world: World):
    mine, _ = await visited(world, SECRET)
    asked = plain((await press(world, mine.token, "lost")).text)

    assert "End all access?" in asked
    assert "Nothing is erased." in asked
    assert await table(world, visitor_access_ends) == []
    assert ENDED in plain((await press(world, mine.token, "lost_now")).text)


async def test_law_5_recording_stops_at_once_also_for_the_token_that_a_thief_sends(world: World):
    mine, _ = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    stolen = await mine.send(a_view(url="https://example.org/by-the-thief"))

    assert stolen.status_code == 403
    assert stolen.json()["error"]["code"] == "withdrawn"
    assert "/by-the-thief" not in [row["path"] for row in await world.rows()]


async def test_the_end_of_the_yes_is_proved_as_lost(world: World):
    mine, _ = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    last = (await table(world, consent_records))[-1]
    async with world.services.ledger.read() as connection:
        chain = await walk(connection)

    assert (last["state"], last["method"], last["given_by"]) == ("withdrawn", "lost", "subject")
    assert chain.fault is None
    assert (await world.tally())["withdrawal"] == 1


async def test_law_6_nothing_from_before_opens_anything(world: World):
    mine, code = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    cookie = f"{cookie_name(world.site.key)}={mine.token}"
    wish = {"site": world.site.key, "token": mine.token}
    answers = {
        "token": await press(world, mine.token),
        "take": await press(world, mine.token, "take"),
        "restrict": await press(world, mine.token, "restrict"),
        "join": await press(world, mine.token, "join", other=code),
        "cookie": await world.client.get(
            f"/my-data/{world.site.key}?lang=en", headers={"Cookie": cookie}
        ),
        "code": await posted(world, "/my-data", code=code),
        "receipt": await posted(world, "/receipt", token=mine.token),
        "receipt file": await posted(world, "/receipt", token=mine.token, download="1"),
        "receipt as JSON": await mine.post("/consent/receipt", wish),
    }
    for name, answer in answers.items():
        assert SECRET not in answer.text, name
        assert code not in answer.text, name
        assert "application/zip" not in answer.headers["content-type"], name
    for name in ("token", "take", "restrict", "join", "cookie"):
        assert ENDED in plain(answers[name].text), name
        assert long_date(world.clock(), "en") in plain(answers[name].text), name
    assert answers["code"].status_code == 404
    assert ENDED in plain(answers["receipt"].text)
    assert answers["receipt as JSON"].json()["error"]["code"] == "access_ended"


async def test_a_receipt_code_is_deleted_and_never_kept_again(world: World):
    mine, code = await visited(world, SECRET)
    other, theirs = await visited(world, "/of-somebody-else")
    claims = world.services.tokens.read(mine.token)
    codes = consent_dependencies(world.services).receipt_codes
    await press(world, mine.token, "lost_now")
    await press(world, mine.token)
    await posted(world, "/receipt", token=mine.token)
    shown = await codes.shown(world.services.ledger, claims)

    assert shown == ""
    assert [row["visitor_id"] for row in await table(world, receipt_codes)] == [
        visitor_of(world, other)
    ]
    assert "/of-somebody-else" in (await posted(world, "/my-data", code=theirs)).text
    assert (await posted(world, "/my-data", code=code)).status_code == 404


async def test_law_5_who_lost_access_may_still_withdraw_and_erase_but_sees_nothing(world: World):
    mine, _ = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    assert (await mine.withdraw()).status_code == 200
    sure = plain((await press(world, mine.token)).text)
    gone = await press(world, mine.token, "erase")

    assert "Nobody can bring it back afterwards." in sure
    assert "Everything that was recorded before is erased." in plain(gone.text)
    assert "certificate" not in gone.text
    assert await world.rows() == []


async def test_the_answer_to_an_erasure_by_an_ended_proof_tells_no_figures(world: World):
    mine, _ = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    told = (await mine.erase()).json()["receipt"]

    assert set(told) == {"receipt_id", "completed_at"}
    assert await world.rows() == []


async def test_a_new_yes_after_the_end_begins_a_new_person(world: World):
    mine, _ = await visited(world, SECRET)
    before = mine.token
    await press(world, before, "lost_now")
    await mine.accept(token=before)
    page = await press(world, mine.token)

    assert "Your visits are being recorded" in plain(page.text)
    assert SECRET not in page.text
    assert await table(world, visitor_links) == []
    assert ENDED in plain((await press(world, before)).text)


async def test_every_linked_id_of_the_browser_is_ended_and_nobody_else(world: World):
    mine, _ = await visited(world, SECRET)
    first = mine.token
    await mine.withdraw()
    await mine.accept(token=first)
    other, _ = await visited(world, "/of-somebody-else")
    await press(world, mine.token, "lost_now")

    for token in (first, mine.token):
        assert ENDED in plain((await press(world, token)).text)
    assert "/of-somebody-else" in (await press(world, other.token)).text
    assert (await other.send(a_view())).status_code == 202


async def test_pressed_twice_it_is_ended_once(world: World):
    mine, _ = await visited(world, SECRET)
    account = await Account(world).open(mine)
    pressed = [press(world, mine.token, "lost_now") for _ in range(2)]
    for answer in await asyncio.gather(*pressed):
        assert ENDED in plain(answer.text)

    assert len(await table(world, visitor_access_ends)) == 1
    assert [row["what"] for row in await table(world, visitor_mails)] == ["ended"]
    assert (await table(world, visitor_accounts))[0]["id"] == account.id
    assert (await world.tally())["withdrawal"] == 1


@pytest.mark.parametrize("do", ["", "take", "join", "restrict", "erase_days"])
async def test_an_act_in_flight_while_access_is_ended_shows_nothing_or_came_before(
    world: World, do: str, monkeypatch: pytest.MonkeyPatch
):
    mine, _ = await visited(world, SECRET)
    deps = world.services.personal_data
    read, more = deps.rows_of, {"first": "2026-01-01", "last": "2026-01-01", "other": "x"}

    async def while_read(*asked, **how):
        monkeypatch.setattr(type(deps), "rows_of", type(deps).rows_of)
        rows = await read(*asked, **how)
        object.__setattr__(deps, "rows_of", read)
        await press(world, mine.token, "lost_now")
        return rows

    object.__setattr__(deps, "rows_of", while_read)
    answer = await press(world, mine.token, do, **more)

    assert SECRET not in answer.text
    assert ENDED in plain(answer.text)


async def test_an_account_loses_its_sessions_and_links_and_is_told_by_mail(world: World):
    mine, _ = await visited(world, SECRET)
    phone, _ = await visited(world, "/on-the-phone")
    account = await Account(world).open(mine, phone)
    await press(world, mine.token, "lost_now")
    [row] = await table(world, visitor_accounts)
    page = await account.page()

    assert (row["needs_password"], row["access_ended_by"]) == (1, "visitor")
    assert row["access_ended_at"] == world.clock()
    assert await table(world, account_sessions) == []
    assert await table(world, account_links) == []
    assert [mail["what"] for mail in await table(world, visitor_mails)] == ["ended"]
    assert SECRET not in page.text
    assert ENDED in plain((await press(world, phone.token)).text)
    assert (await phone.send(a_view())).status_code == 403


async def test_signed_in_again_the_visitor_sees_that_it_was_done_when_and_by_whom(world: World):
    mine, _ = await visited(world, SECRET)
    account = await Account(world).open(mine)
    ended, today = plain((await account.press("lost_now")).text), long_date(world.clock(), "en")
    await account.sign_in()
    before_new_password = await account.page()
    async with world.services.ledger.write() as connection:
        await connection.execute(visitor_accounts.update().values(needs_password=0))
    page = await account.page()

    assert ENDED in ended
    assert "set a new password with a link" in ended
    assert SECRET not in before_new_password.text
    assert SECRET in page.text
    noted = f"You ended all access, because something was lost or stolen: {today}."
    assert noted in plain(page.text)


async def test_law_9_what_staff_ended_on_a_report_is_said_to_the_visitor_with_the_day(
    world: World,
):
    mine, _ = await visited(world, SECRET)
    account = await Account(world).open(mine)
    deps = report_dependencies(world.services)
    entries = Disclosures(deps.ledger, deps.clock)
    await entries.disclose_person(world.site.id, visitor_of(world, mine), "ada@example.org", ENDING)
    await deps.end_access(world.site, visitor_of(world, mine))
    ended, today = plain((await press(world, mine.token)).text), long_date(world.clock(), "en")
    last = (await table(world, consent_records))[-1]
    await account.sign_in()
    locked = await world.client.get(
        f"/account/{world.site.key}?lang=en", headers={"Cookie": account.cookie}
    )
    async with world.services.ledger.write() as connection:
        await connection.execute(visitor_accounts.update().values(needs_password=0))
    page = plain((await account.page()).text)

    assert f"Example ended it, because something was reported lost or stolen: {today}." in ended
    assert (last["method"], last["given_by"]) == ("lost", "controller")
    said = (
        f"Example ended all access for you, because something was reported lost or stolen: {today}."
    )
    assert said in page
    assert said in plain(locked.text)
    assert "Your account has no browser yet." in page


async def test_a_browser_whose_access_was_ended_joins_no_account(world: World):
    mine, _ = await visited(world, SECRET)
    await press(world, mine.token, "lost_now")
    accounts = VisitorAccounts(consent_dependencies(world.services))
    async with world.services.ledger.write() as connection:
        thief = await accounts.add(connection, world.site.id, "f" * 32, "thief@example.com", "en")
        joined = await accounts.join(connection, thief, visitor_of(world, mine), world.clock())

    assert not joined

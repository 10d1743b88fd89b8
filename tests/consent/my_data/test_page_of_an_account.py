"""The page that an account's session opens: all browsers that it joins are one person's."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from askfirst.store.ledger.tables import (
    consent_records,
    corrections,
    restrictions,
    visitor_accounts,
)
from consent.http.cookie import cookie_name
from consent.my_data.leaving import Leaving
from consent.my_data.taking import taking
from tests.consent.my_data.held_files import shut
from tests.consent.my_data.persons import (
    FORM,
    MAIL,
    Account,
    other_site,
    posted,
    press,
    table,
    visited,
    visitor_of,
)
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world

BOTH = ("/on-the-laptop", "/on-the-phone")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, **MAIL) as opened:
        yield opened


@pytest.fixture
async def account(world: World) -> Account:
    return await Account(world).open(*[(await visited(world, path))[0] for path in BOTH])


async def test_law_6_a_session_shows_every_browser_that_the_account_joins(
    world: World, account: Account
):
    await visited(world, "/of-somebody-else")
    page = await account.page()

    for path in BOTH:
        assert path in page.text
    assert "/of-somebody-else" not in page.text
    assert "You are signed in as anna@example.com." in plain(page.text)
    assert page.headers["cache-control"] == "no-store"


async def test_a_posted_token_comes_before_the_session_and_the_session_before_the_cookie(
    world: World, account: Account
):
    other, _ = await visited(world, "/of-the-cookie")
    held = f"{cookie_name(world.site.key)}={other.token}"
    by_token = await posted(world, "/my-data", account.cookie, token=other.token)
    by_session = await account.page(held)

    assert "/of-the-cookie" in by_token.text
    assert "/on-the-laptop" not in by_token.text
    assert "/on-the-laptop" in by_session.text
    assert "/of-the-cookie" not in by_session.text


@pytest.mark.parametrize("token", ["", "x" * 43])
async def test_law_9_a_session_without_the_secret_of_its_page_does_nothing(
    world: World, account: Account, token: str
):
    for do in ("erase", "take", "lost_now", ""):
        answer = await posted(world, "/my-data", account.cookie, token=token, do=do)
        assert "Receipt code" in plain(answer.text)
        assert "/on-the-laptop" not in answer.text

    assert len(await world.rows()) == 2


async def test_law_5_stop_ends_the_yes_of_every_browser(world: World, account: Account):
    stopped = plain((await account.press("stop")).text)
    ended = [row for row in await table(world, consent_records) if row["state"] == "withdrawn"]

    assert "Nothing is being recorded" in stopped
    assert len({row["visitor_id"] for row in ended}) == 2
    assert (await world.tally())["withdrawal"] == 2


@pytest.mark.parametrize("most_at_once", [0, 5000])
async def test_law_9_who_shows_one_browser_gets_nothing_of_the_file_made_for_the_account(
    world: World, monkeypatch: pytest.MonkeyPatch, most_at_once: int
):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", most_at_once)
    laptop, phone = [(await visited(world, path))[0] for path in BOTH]
    account = await Account(world).open(laptop, phone)
    with shut(world) as gate:
        whole = asyncio.create_task(account.press("take"))
        await gate.reached.wait()
        alone = await asyncio.wait_for(press(world, phone.token, "take"), 10)  # waits for no other
        gate.opens.set()
        mine = await whole
    found = [await _content(world, one) for one in (mine, alone)]

    assert [b"/on-the-laptop" in one for one in found] == [True, False]
    assert [b"anna@example.com" in one for one in found] == [True, False]
    assert all(b"/on-the-phone" in one for one in found)


async def _content(world: World, answer: httpx2.Response) -> bytes:
    """Return the JSON of a file that is the answer, or is saved on the page that it leads to."""
    if answer.status_code == 303:
        files = world.services.own_files._known.values()
        await asyncio.gather(*[one.task for one in files if one.task])
        address = answer.headers["location"]
        answer = await world.client.post(address, content="do=save", headers=FORM)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        return folder.read("data.json")


async def test_everything_is_taken_in_one_file(world: World, account: Account):
    answer = await account.press("take")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        told = "".join(folder.read(name).decode() for name in folder.namelist())

    for path in BOTH:
        assert path in told


async def test_law_6_a_token_neither_gets_nor_ends_the_file_of_the_account_that_joins_its_browser(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 0)
    browser = (await visited(world, "/on-the-laptop"))[0]
    account = await Account(world).open(browser)
    mine = (await account.press("take")).headers["location"]
    by_token = (await press(world, browser.token, "take")).headers["location"]
    again = (await press(world, browser.token, "take")).headers["location"]

    assert mine != by_token
    assert (await world.client.get(mine)).status_code == 200
    assert (await world.client.get(again)).status_code == 200


@pytest.mark.parametrize("proof", ["session", "token"])
async def test_law_6_a_correction_under_way_when_access_is_ended_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, proof: str
):
    browser = (await visited(world, *BOTH))[0]
    account = await Account(world).open(browser)
    made = world.services.corrections
    correct = made.correct_ids

    async def overtaken(*asked: Any) -> str:
        await press(world, browser.token, "lost_now")
        return await correct(*asked)

    monkeypatch.setattr(made, "correct_ids", overtaken)
    event = (await world.rows())[0]["event_id"]
    if proof == "session":
        answer = await account.press("hide_page", event=event)
    else:
        answer = await press(world, browser.token, "hide_page", event=event)

    assert answer.status_code == 404
    assert await table(world, corrections) == []
    assert {row["path"] for row in await world.rows()} == set(BOTH)


@pytest.mark.parametrize("proof", ["session", "token"])
async def test_law_6_a_restriction_under_way_when_access_is_ended_is_not_lifted(
    world: World, monkeypatch: pytest.MonkeyPatch, proof: str
):
    browser = (await visited(world, *BOTH))[0]
    account = await Account(world).open(browser)
    await press(world, browser.token, "restrict")
    change = Leaving.change

    async def overtaken(*asked: Any) -> None:
        await press(world, browser.token, "lost_now")
        await change(*asked)

    monkeypatch.setattr(Leaving, "change", overtaken)
    if proof == "session":
        answer = await account.press("lift")
    else:
        answer = await press(world, browser.token, "lift")

    assert answer.status_code == 404
    assert [row["lifted_at"] for row in await table(world, restrictions)] == [None]


@pytest.mark.parametrize("do", ["sign_out_all", "close_keep"])
async def test_law_6_a_file_is_gone_with_the_sessions_that_could_ask_for_it(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch, do: str
):
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 0)
    mine = (await account.press("take")).headers["location"]
    form = urlencode({"csrf": account.csrf, "do": do})
    headers = {**FORM, "Cookie": account.cookie, "Sec-Fetch-Site": "same-origin"}
    address = f"/account/{world.site.key}?lang=en"
    done = await world.client.post(address, content=form, headers=headers)

    assert done.status_code == 200
    assert (await world.client.get(mine)).status_code == 404


async def test_everything_is_erased_with_a_receipt_for_each_browser(world: World, account: Account):
    other, _ = await visited(world, "/of-somebody-else")
    gone = await account.press("erase")

    assert "Everything is erased" in plain(gone.text)
    assert gone.text.count('name="do" value="certificate"') == 2
    assert [row["path"] for row in await world.rows()] == ["/of-somebody-else"]
    assert (await other.send(a_view())).status_code == 202
    assert len(await table(world, visitor_accounts)) == 1


@pytest.mark.parametrize("proof", ["session", "token", "token without an account"])
async def test_who_erases_everything_is_told_that_an_account_is_left(world: World, proof: str):
    mine, _ = await visited(world, "/mine")
    account = await Account(world).open(*([] if proof == "token without an account" else [mine]))
    gone = await (
        account.press("erase") if proof == "session" else press(world, mine.token, "erase")
    )
    left = "Your account is still there" in plain(gone.text)

    assert "Everything is erased" in plain(gone.text)
    assert left == (proof != "token without an account")
    assert ("Nothing about you is left on this server" in plain(gone.text)) != left
    assert await world.rows() == []


async def test_days_and_visits_are_erased_wherever_they_are(world: World, account: Account):
    for row in await world.rows():
        if row["path"] == "/on-the-phone":
            erased = await account.press("erase_visit", visit=str(row["visit_id"]))
            assert "It is erased" in plain(erased.text)
    assert [row["path"] for row in await world.rows()] == ["/on-the-laptop"]
    days = {"first": "2000-01-01", "last": "2099-12-31"}
    assert "It is erased" in plain((await account.press("erase_days", **days)).text)
    assert "There was nothing to erase" in plain((await account.press("erase_days", **days)).text)
    assert await world.rows() == []


async def test_the_use_is_restricted_and_lifted_for_every_browser(world: World, account: Account):
    restricted = plain((await account.press("restrict")).text)
    [site] = world.services.book.all()
    ids = {row["visitor_id"] for row in await table(world, consent_records)}

    assert "The use has been restricted since" in restricted
    assert set(site.restricted_visitors) == ids
    await account.press("lift")
    [site] = world.services.book.all()
    assert not site.restricted_visitors


async def test_an_account_of_another_site_opens_nothing(world: World, account: Account):
    other = await other_site(world)
    cookie = account.cookie.replace(world.site.key, other.key)
    world.client.cookies.clear()
    page = await world.client.get(f"/my-data/{other.key}?lang=en", headers={"Cookie": cookie})

    assert "Receipt code" in plain(page.text)
    assert "/on-the-laptop" not in page.text


async def test_an_account_without_a_browser_is_told_how_to_add_one(world: World):
    await visited(world, "/of-somebody-else")
    account = await Account(world).open()
    page = plain((await account.page()).text)

    assert "Your account has no browser yet." in page
    assert "Add it" in page
    assert "/of-somebody-else" not in page
    assert "Nothing is recorded about you" in plain((await account.press("stop")).text)


async def test_an_account_without_a_browser_is_erased_and_taken_without_an_error(world: World):
    await visited(world, "/of-somebody-else")
    account = await Account(world).open()
    erased = await account.press("erase")
    taken = await account.press("take")
    with zipfile.ZipFile(io.BytesIO(taken.content)) as folder:
        told = folder.read("data.json").decode()

    assert "There was nothing to erase" in plain(erased.text)
    assert 'value="certificate"' not in erased.text
    assert "anna@example.com" in told
    assert "/of-somebody-else" not in told
    assert len(await world.rows()) == 1


async def test_accounts_are_offered_with_the_token_posted_along(world: World):
    mine, _ = await visited(world, "/one")
    page = (await press(world, mine.token)).text
    form = page[page.index('action="/account/') :].partition("</form>")[0]

    assert mine.token in form
    assert "Make an account or sign in" in plain(form)


async def test_accounts_are_not_offered_where_no_mail_is_sent(tmp_path: Path):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/one")
        for page in (
            await press(world, mine.token),
            await world.client.get(f"/my-data/{world.site.key}?lang=en"),
            await press(world, mine.token, "lost_now"),
        ):
            assert "/account/" not in page.text


async def test_the_cookie_of_the_choice_is_not_changed_by_an_account_of_other_browsers(
    world: World, account: Account
):
    other, _ = await visited(world, "/of-the-cookie")
    held = f"{cookie_name(world.site.key)}={other.token}"
    answer = await posted(
        world, "/my-data", f"{account.cookie}; {held}", token=account.csrf, do="stop"
    )

    assert "set-cookie" not in answer.headers
    assert (await other.send(a_view())).status_code == 202
    assert visitor_of(world, other)

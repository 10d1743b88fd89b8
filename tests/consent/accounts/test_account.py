"""What a signed-in visitor does: sessions, browsers, password, address, and closing the account."""

import asyncio
import json
import re
from typing import Any

import pytest
from sqlalchemy import insert, update
from starlette.requests import Request

from askfirst.store.account_holders import KEPT_WITH_ACCOUNT
from askfirst.store.ledger.tables import visitor_accounts
from consent.accounts.access import Access
from consent.accounts.account_page.passwords import Passwords
from consent.accounts.mail_budgets import OF_THE_OWNER
from consent.my_data.contents import MyDataReader
from consent.my_data.person import People, Person
from server.backups.later_decisions import carry_out, read_decisions
from server.checks.accounts import unopened_accounts
from server.jobs import tidy_accounts
from tests.consent.accounts.hall import EMAIL, PASSWORD, Hall, visited, visitor_of
from tests.consent.public_pages import plain
from tests.factories import CHROME

NEW_PASSWORD = "nine green lamps in the rain"
NEW_EMAIL = "anna@example.net"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
REGISTERED = (
    "visitor_accounts",
    "account_browsers",
    "account_sessions",
    "account_links",
    "account_fields",
    "account_messages",
)


async def test_the_browser_whose_token_was_posted_along_joins_the_account(hall: Hall):
    first, second, third = [await visited(hall) for _ in range(3)]
    await hall.member(token=first.token)
    by_password, by_link = hall.guest(), hall.guest()
    asked = await by_password.do("", token=second.token)
    await by_password.do("sign_in", email=EMAIL, password=PASSWORD, token=second.token)
    await by_link.do("link", email=EMAIL, token=third.token)
    shown = await by_link.client.get(hall.mail("sign_in")["link"])
    await by_link.open(hall.mail("sign_in")["link"])

    assert "This browser is added to your account." in plain(asked.text)
    assert "is added to your account" in plain(shown.text)
    joined = [row["visitor_id"] for row in hall.table("account_browsers")]
    assert joined == [visitor_of(hall, one) for one in (first, second, third)]
    assert all(one in by_link.page for one in joined)


@pytest.mark.parametrize("token", ["", "forged", "of another site", "erased"])
async def test_a_token_that_opens_nothing_joins_nothing(hall: Hall, token: str):
    if token == "erased":
        browser = await visited(hall)
        await browser.erase()
        token = browser.token
    await hall.member(token=token)

    assert hall.table("account_browsers") == []


async def test_a_browser_stays_with_the_account_that_has_it(hall: Hall):
    browser = await visited(hall)
    await hall.member(token=browser.token)
    other = await hall.member("bert@example.org", token=browser.token)
    answer = await other.do("join", token=browser.token)

    assert "It is saved" not in answer.text
    [row] = hall.table("account_browsers")
    assert row["visitor_id"] == visitor_of(hall, browser)
    assert "No browser has been added yet." in plain(await other.see())


async def test_a_signed_in_visitor_adds_a_browser_and_takes_it_out_again(hall: Hall):
    browser = await visited(hall)
    member = await hall.member()
    await member.do("", token=browser.token)
    added = await member.do("join", token=browser.token)
    joined = hall.table("account_browsers")
    taken = await member.do("part", browser=visitor_of(hall, browser))

    assert "It is saved" in added.text
    assert "It is saved" in taken.text
    assert len(joined) == 1
    assert hall.table("account_browsers") == []
    assert await hall.world.rows()


async def test_a_browser_is_told_by_what_it_is_and_which_is_this_one(hall: Hall):
    first, second = await visited(hall), await visited(hall)
    there = hall.guest()
    there.client.headers["User-Agent"] = FIREFOX
    here = await hall.member(token=first.token)
    hall.world.clock.move(minutes=1)
    await there.do("sign_in", email=EMAIL, password=PASSWORD, token=second.token)
    page = plain((await here.do("", token=first.token)).text)

    of_first = page.partition("Your browsers")[2].partition(visitor_of(hall, first))[0]
    of_second = page.partition(visitor_of(hall, first))[2].partition(visitor_of(hall, second))[0]
    assert "Chrome on Windows (This browser)" in of_first
    assert "Firefox on Linux" in of_second
    assert "(This browser)" not in of_second
    assert "Add this browser" not in page


async def test_sessions_are_listed_and_ended_here_there_and_everywhere(hall: Hall):
    here, there = await hall.member(), hall.guest()
    there.client.headers["User-Agent"] = FIREFOX
    await there.do("sign_in", email=EMAIL, password=PASSWORD)
    page = await here.see()
    assert "Chrome on Windows" in page
    assert "Firefox on Linux" in page
    german = plain((await here.client.get(f"/account/{here.key}?lang=de")).text)
    assert "Firefox unter Linux" in german
    assert "Firefox on Linux" not in german
    name = re.search(r'name="session" value="([^"]+)"', page)
    assert name

    ended = await here.do("end_session", session=name[1])
    assert "It is saved" in ended.text
    assert "You are signed in" not in await there.see()
    assert "You are signed in" in await here.see()

    await there.do("sign_in", email=EMAIL, password=PASSWORD)
    await here.do("sign_out_all")
    assert "You are signed in" not in await there.see() + await here.see()
    assert hall.table("account_sessions") == []


async def test_nobody_ends_a_session_or_takes_a_browser_of_another_s_account(hall: Hall):
    browser = await visited(hall)
    await hall.member(token=browser.token)
    [session] = hall.table("account_sessions")
    other = await hall.member("bert@example.org")
    await other.do("end_session", session=session["id_hash"].hex())
    await other.do("end_session", session="not hexadecimal")
    await other.do("part", browser=visitor_of(hall, browser))

    assert session["id_hash"] in [row["id_hash"] for row in hall.table("account_sessions")]
    assert len(hall.table("account_browsers")) == 1


@pytest.mark.parametrize(
    ("hours", "uses", "holds"), [(11, 1, True), (12, 1, False), (11, 65, True), (11, 66, False)]
)
async def test_a_session_ends_after_12_hours_without_use_and_after_30_days(
    hall: Hall, hours: int, uses: int, holds: bool
):
    member = await hall.member()
    for _ in range(uses):
        hall.world.clock.move(minutes=hours * 60)
        page = await member.see()

    assert ("You are signed in" in page) is holds


async def test_the_cookie_is_for_this_site_and_30_days_and_no_script_reads_it(hall: Hall):
    guest = await hall.member(password="")
    await guest.do("link", email=EMAIL)
    link = hall.mail("sign_in")["link"]
    code = re.search("code=([^&]*)", link)
    assert code
    sent = await guest.client.post(
        link.partition("?")[0],
        content=f"code={code[1]}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    [cookie] = sent.headers.get_list("set-cookie")

    assert sent.status_code == 303
    assert cookie.startswith(f"askfirst_account_{hall.world.site.key}=")
    parts = set(cookie.lower().split("; "))
    assert {"httponly", "samesite=lax", "path=/", f"max-age={30 * 86_400}"} <= parts


async def test_a_password_is_changed_with_the_current_one_and_ends_every_other_session(hall: Hall):
    here, there = await hall.member(), hall.guest()
    await there.do("sign_in", email=EMAIL, password=PASSWORD)
    wrong = await here.do("password", password="not the right one", new_password=NEW_PASSWORD)
    weak = await here.do("password", password=PASSWORD, new_password="passwordpassword")
    await hall.guest().do("forgot", email=EMAIL)
    await here.do("password", password=PASSWORD, new_password=NEW_PASSWORD)
    old = await hall.guest().do("sign_in", email=EMAIL, password=PASSWORD)
    new = hall.guest()
    await new.do("sign_in", email=EMAIL, password=NEW_PASSWORD)

    assert "The current password is not right." in plain(wrong.text)
    assert "easy to guess" in plain(weak.text)
    assert "You are signed in" in await here.see()
    assert "You are signed in" not in await there.see()
    assert old.status_code == 401
    assert new.is_signed_in
    assert hall.mail("changed")["to"] == EMAIL
    assert (await hall.guest().open(hall.mail("password")["link"])).status_code == 410


async def test_a_forgotten_password_is_set_by_a_link_which_a_bad_one_does_not_use_up(hall: Hall):
    there = await hall.member()
    guest = hall.guest()
    await guest.do("forgot", email=EMAIL)
    link = hall.mail("password")["link"]
    refused = await guest.open(link, new_password="short")
    await guest.open(link, new_password=NEW_PASSWORD)
    again = hall.guest()
    await again.do("sign_in", email=EMAIL, password=NEW_PASSWORD)

    assert refused.status_code == 422
    assert guest.is_signed_in
    assert again.is_signed_in
    assert "You are signed in" not in await there.see()


@pytest.mark.parametrize("order", [("old_email", "new_email"), ("new_email", "old_email")])
async def test_an_address_changes_when_both_ends_have_agreed(hall: Hall, order: tuple[str, str]):
    member = await hall.member()
    await member.do("move", email=NEW_EMAIL)
    links = {what: hall.mail(what)["link"] for what in order}
    first = await hall.guest().open(links[order[0]])
    early = await hall.guest().do("sign_in", email=NEW_EMAIL, password=PASSWORD)
    last = await hall.guest().open(links[order[1]])
    guest = hall.guest()
    await guest.do("sign_in", email=NEW_EMAIL, password=PASSWORD)
    old = await hall.guest().do("sign_in", email=EMAIL, password=PASSWORD)

    assert hall.mail("old_email")["to"] == EMAIL
    assert hall.mail("new_email")["to"] == NEW_EMAIL
    assert "Confirmed on this side" in plain(first.text)
    assert "Your address is changed" in plain(last.text)
    assert early.status_code == old.status_code == 401
    assert guest.is_signed_in
    assert hall.mail("changed")["to"] == EMAIL


async def test_a_changed_address_signs_out_everywhere_else_and_is_told_at_both_ends(hall: Hall):
    here, there = await hall.member(), hall.guest()
    await there.do("sign_in", email=EMAIL, password=PASSWORD)
    await here.do("move", email=NEW_EMAIL)
    await hall.guest().open(hall.mail("old_email")["link"])
    last = hall.mail("new_email")["link"]
    hall.mails.clear()
    await here.open(last)

    assert [(what, facts["to"]) for what, facts in hall.mails] == [
        ("changed", NEW_EMAIL),
        ("changed", EMAIL),
    ]
    assert "You are signed in" in await here.see()
    assert "You are signed in" not in await there.see()


async def test_one_end_alone_and_links_of_two_changes_move_nothing(hall: Hall):
    member = await hall.member()
    await member.do("move", email="first@example.net")
    older = hall.mail("new_email")["link"]
    await member.do("move", email=NEW_EMAIL)
    await hall.guest().open(hall.mail("old_email")["link"])
    replaced = await hall.guest().open(older)
    hall.world.clock.move(minutes=31)
    late = await hall.guest().open(hall.mail("new_email")["link"])

    assert replaced.status_code == late.status_code == 410
    assert EMAIL in await member.see()


async def test_moving_to_an_address_that_has_an_account_answers_the_same_and_moves_nothing(
    hall: Hall,
):
    await hall.member("bert@example.org")
    member = await hall.member()
    free = await member.do("move", email=NEW_EMAIL)
    hall.mails.clear()
    taken = await member.do("move", email="bert@example.org")
    agreed = await hall.guest().open(hall.mail("old_email")["link"])

    assert plain(free.text) == plain(taken.text)
    assert "Confirmed on this side" in plain(agreed.text)
    assert hall.sent == ["old_email", "known"]
    assert EMAIL in await member.see()


async def test_a_change_of_address_that_sends_nothing_says_so_whether_the_address_has_an_account(
    hall: Hall,
):
    await hall.member("bert@example.org")
    member = await hall.member()
    for number in range(OF_THE_OWNER):
        await member.do("move", email=f"anna{number}@example.net")
    hall.mails.clear()
    free, taken = [
        await member.do("move", email=email) for email in (NEW_EMAIL, "bert@example.org")
    ]
    again = hall.guest()
    hall.world.clock.move(minutes=31)
    await again.do("sign_in", email=EMAIL, password=PASSWORD)
    later = await again.do("move", email=NEW_EMAIL)

    assert free.status_code == taken.status_code == 429
    assert plain(free.text) == plain(taken.text).replace("bert@example.org", NEW_EMAIL)
    assert "Nothing was sent: there were too many such mails just now." in plain(free.text)
    assert "Please look into both mailboxes" not in plain(free.text)
    assert "Please look into both mailboxes" in plain(later.text)
    assert hall.sent == ["old_email", "new_email"]


async def test_nothing_is_shown_and_nothing_done_before_a_new_password_is_set(hall: Hall):
    browser = await visited(hall)
    member = await hall.member(token=browser.token)
    async with hall.world.services.ledger.write() as connection:
        await connection.execute(update(visitor_accounts).values(needs_password=1))
    page = await member.see()
    await member.do("close_erase")
    old = await hall.guest().do("sign_in", email=EMAIL, password=PASSWORD)
    await member.do("password", new_password=NEW_PASSWORD)

    assert "Please set a new password first" in plain(page)
    assert EMAIL not in page
    assert visitor_of(hall, browser) not in page
    assert old.status_code == 401
    assert len(hall.table("visitor_accounts")) == 1
    assert EMAIL in await member.see()


@pytest.mark.parametrize("erase", [False, True])
async def test_law_6_closing_deletes_what_was_registered_and_erases_only_if_that_is_said(
    hall: Hall, erase: bool
):
    mine, second, other = [await visited(hall) for _ in range(3)]
    member = await hall.member(token=mine.token)
    await member.do("join", token=second.token)
    await hall.member("bert@example.org", token=other.token)
    [sealed] = [
        row["email"] for row in hall.table("visitor_accounts") if row["id"] == hall.owner(EMAIL)
    ]
    await member.do("close")
    answer = await member.do("close_erase" if erase else "close_keep")
    left = {row["visitor_id"] for row in await hall.world.rows()}

    assert "Your account is closed" in plain(answer.text)
    assert hall.mail("closed")["to"] == EMAIL
    assert not member.client.cookies
    for table in REGISTERED:
        assert len(hall.table(table)) <= 1, table
    folder = hall.world.services.settings.data_folder
    assert sealed not in b"".join(path.read_bytes() for path in folder.glob("ledger.db*"))
    ids = {visitor_of(hall, one) for one in (mine, second)}
    assert left == {visitor_of(hall, other)} | (set() if erase else ids)
    again = await hall.guest().do("sign_in", email=EMAIL, password=PASSWORD)
    assert again.status_code == 401


async def test_closing_says_that_browsers_open_the_page_only_where_they_do(hall: Hall):
    alone = await hall.member()
    bare = plain((await alone.do("close_keep")).text)
    browser = await visited(hall)
    member = await hall.member(token=browser.token)
    await Access(hall.deps).end(hall.world.site, [], hall.owner(EMAIL), "visitor")
    await member.do("forgot", email=EMAIL)
    await member.open(hall.mail("password")["link"], new_password=NEW_PASSWORD)
    ended = plain((await member.do("close_keep")).text)

    assert "each browser still opens your page" not in bare + ended
    assert "Your statistics stay." in ended
    assert "All that you registered is deleted." in bare
    assert "Your statistics stay" not in bare


async def test_law_6_erasing_a_browser_leaves_the_account_which_then_joins_it_no_more(hall: Hall):
    browser = await visited(hall)
    member = await hall.member(token=browser.token)
    await browser.erase()
    [receipt] = hall.table("erasures")

    assert "ledger.visitor_accounts" not in json.loads(receipt["counts"])
    assert hall.table("account_browsers") == []
    assert EMAIL in await member.see()


async def test_law_6_the_file_of_a_person_has_the_account_s_address_dates_and_sessions(hall: Hall):
    browser = await visited(hall)
    await hall.member(token=browser.token)
    deps: Any = hall.deps
    by_token = await People(deps).by_token(hall.world.site, browser.token)
    assert by_token
    account = await hall.accounts.by_email(hall.world.site.id, EMAIL)
    signed_in = Person(**{**by_token.__dict__, "account": account})
    opened = await MyDataReader(deps).rows(signed_in)
    closed = await MyDataReader(deps).rows(by_token)

    [row] = opened["ledger.visitor_accounts"]
    assert row["email"] == EMAIL
    assert row["confirmed_at"] == hall.world.clock()
    assert [one["browser"] for one in opened["ledger.account_sessions"]] == ["Chrome on Windows"]
    assert len(closed["ledger.visitor_accounts"]) == 1
    assert EMAIL not in str(closed)
    told = {column for name in KEPT_WITH_ACCOUNT for row in opened[name] for column in row}
    assert not told & {"password_hash", "email_hash", "id_hash", "csrf", "code_hash", "facts"}


async def test_closing_an_account_without_a_browser_says_of_no_statistics_that_they_are_erased(
    hall: Hall,
):
    member = await hall.member()
    told = plain((await member.do("close_erase")).text)

    assert "All that you registered is deleted." in told
    assert "erased" not in told


async def test_law_6_a_restored_backup_brings_no_closed_account_back(hall: Hall):
    member = await hall.member()
    await hall.member("bert@example.org")
    [mine] = [row for row in hall.table("visitor_accounts") if row["id"] == hall.owner(EMAIL)]
    await member.do("close_keep")
    services = hall.world.services
    decisions = await asyncio.to_thread(read_decisions, services.settings.data_folder)
    async with services.ledger.write() as connection:
        await connection.execute(insert(visitor_accounts).values(mine))
    done = await carry_out(services, decisions)

    assert done.account_changes == 1
    [left] = hall.table("visitor_accounts")
    assert left["id"] == hall.owner("bert@example.org") != mine["id"]


async def test_the_check_names_an_account_that_the_key_does_not_open(hall: Hall):
    member = await hall.member()
    folder = hall.world.services.settings.data_folder
    right = await unopened_accounts(hall.world.services.ledger, folder)
    async with hall.world.services.ledger.write() as connection:
        await connection.execute(update(visitor_accounts).values(email=b"sealed by another key"))
    wrong = await unopened_accounts(hall.world.services.ledger, folder)
    page = await member.see()

    assert right == []
    assert [one.sentence for one in wrong] == [
        "1 accounts of visitors cannot be opened with the key in receipt-seed.",
    ]
    assert "Sign in" in page


async def test_an_account_that_nobody_confirms_is_deleted_after_24_hours(hall: Hall):
    await hall.member()
    await hall.guest().do("register", email=NEW_EMAIL, new_password=NEW_PASSWORD)
    hall.world.clock.move(minutes=24 * 60 - 1)
    await tidy_accounts(hall.world.services)
    before = len(hall.table("visitor_accounts"))
    hall.world.clock.move(minutes=1)
    late = await hall.guest().open(hall.mail("confirm")["link"], password=NEW_PASSWORD)
    await tidy_accounts(hall.world.services)

    assert before == 2
    assert late.status_code == 410
    assert len(hall.table("visitor_accounts")) == 1
    assert hall.table("account_links") == hall.table("account_sessions") == []


async def test_no_page_of_an_account_shows_what_was_typed_as_markup(hall: Hall):
    member = await hall.member()
    answer = await member.do("move", email='"><script>x</script>')

    assert answer.status_code == 422
    assert "<script>x" not in answer.text
    assert CHROME not in answer.text


async def test_another_website_cannot_post_a_browser_of_its_own_to_be_joined(hall: Hall):
    stranger, path = await visited(hall), f"/account/{hall.world.site.key}"
    form = {"token": stranger.token}
    foreign = await hall.guest().post(path, form, **{"Sec-Fetch-Site": "cross-site"})
    own = await hall.guest().post(path, form)

    assert stranger.token not in foreign.text
    assert stranger.token in own.text


async def test_over_plain_http_a_form_that_hides_where_it_comes_from_carries_no_token_and_no_link(
    hall: Hall,
):
    """A sandboxed page of any website, or one without a referrer, sends `Origin: null`."""
    browser, guest = await visited(hall), hall.guest()
    path, form = f"/account/{guest.key}", {"token": browser.token}
    await guest.do("register", email=EMAIL, new_password="")
    code = hall.mail("confirm")["link"].partition("code=")[2].partition("&")[0]
    del guest.client.headers["Sec-Fetch-Site"]  # browsers send it over https alone
    shown = await guest.client.get(hall.mail("confirm")["link"])
    data = await guest.client.get(f"/my-data/{guest.key}")

    hidden, own = [
        await guest.post(path, form, Origin=one) for one in ("null", "http://askfirst.test")
    ]
    assert [browser.token in one.text for one in (hidden, own)] == [False, True]
    sent = [
        await guest.post(f"{path}/link", {"code": code}, Origin=one)
        for one in ("null", "http://askfirst.test")
    ]
    assert [one.status_code for one in sent] == [403, 200]
    assert guest.is_signed_in
    # `null` is what forms of a page with the policy `no-referrer` send, of ours as well
    policies = [one.headers["referrer-policy"] for one in (shown, data, own)]
    assert policies == ["strict-origin", "same-origin", "same-origin"]


async def test_access_that_ends_while_a_new_password_is_hashed_stays_ended(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
):
    member, hashing = await hall.member(), Passwords.hash
    owner = hall.owner(EMAIL)

    async def late(self: Passwords, request: Request, password: str) -> str:
        await Access(hall.deps).end(hall.world.site, [], owner, "visitor")
        return await hashing(self, request, password)

    monkeypatch.setattr(Passwords, "hash", late)
    answer = await member.do("password", password=PASSWORD, new_password=NEW_PASSWORD)
    again = hall.guest()
    await again.do("sign_in", email=EMAIL, password=NEW_PASSWORD)

    assert answer.status_code == 200
    assert not member.is_signed_in
    assert not again.is_signed_in
    assert "changed" not in hall.sent

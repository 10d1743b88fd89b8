"""What the link of a mail joins, names and says, and who may use up the mails of a mailbox."""

import re

import pytest

from consent.accounts.mail_budgets import OF_A_MAILBOX, OF_A_NETWORK, OF_THE_OWNER
from tests.consent.accounts.hall import EMAIL, PASSWORD, Hall, visited, visitor_of
from tests.consent.public_pages import plain


@pytest.mark.parametrize("do", ["register", "link", "forgot"])
async def test_who_asks_for_a_link_to_another_s_mailbox_joins_no_browser(hall: Hall, do: str):
    theirs = await visited(hall)
    if do != "register":
        await hall.member()
    await hall.guest().do(do, email=EMAIL, token=theirs.token)
    what = {"register": "confirm", "link": "sign_in", "forgot": "password"}[do]
    owner, link = hall.guest(), hall.mail(what)["link"]
    shown = plain((await owner.client.get(link)).text)
    await owner.open(link, new_password=PASSWORD)

    assert "asked for in another browser. That browser is not added" in shown
    assert owner.is_signed_in
    assert hall.table("account_browsers") == []
    assert "No browser has been added yet." in plain(owner.page)


async def test_the_browser_that_asked_joins_at_once_and_another_by_its_own_press(hall: Hall):
    first, second = await visited(hall), await visited(hall)
    here = await hall.member(token=first.token)
    there = hall.guest()
    await there.do("link", email=EMAIL)
    await there.open(hall.mail("sign_in")["link"])
    await there.do("", token=second.token)
    await there.do("join", token=second.token)

    joined = [row["visitor_id"] for row in hall.table("account_browsers")]
    assert joined == [visitor_of(hall, one) for one in (first, second)]
    assert [cookie.name for cookie in here.client.cookies.jar] == [
        f"askfirst_account_{hall.world.site.key}"
    ]


async def test_a_browser_that_is_given_another_link_joins_no_account(hall: Hall):
    browser, guest = await visited(hall), hall.guest()
    await guest.do("register", email="bert@example.org", token=browser.token)
    await hall.guest().do("register", email=EMAIL)
    await guest.open(hall.mail("confirm")["link"])

    assert guest.is_signed_in
    assert hall.table("account_browsers") == []


async def test_a_token_is_kept_by_the_browser_whether_the_address_is_known_or_not(hall: Hall):
    await hall.member()
    browser = await visited(hall)
    kept = [
        (await hall.guest().do("link", email=email, token=browser.token)).headers["set-cookie"]
        for email in (EMAIL, "nobody@example.org")
    ]

    assert kept[0] == kept[1]
    assert "HttpOnly" in kept[0]


async def test_a_link_names_the_account_before_the_press_and_the_page_what_was_done(hall: Hall):
    guest = hall.guest()
    await guest.do("register", email=EMAIL, new_password=PASSWORD)
    link = hall.mail("confirm")["link"]
    before = plain((await guest.client.get(link)).text)
    await guest.open(link, password=PASSWORD)
    after, again = plain(guest.page), plain(await guest.see())
    forged = plain((await hall.guest().client.get(f"/account/{guest.key}?said=confirmed")).text)

    assert "This is about the account of a\u2026@example.org." in before
    assert EMAIL not in before
    assert "Your address is confirmed" in after
    assert "Your address is confirmed" not in again + forged


async def test_no_link_of_a_stranger_makes_a_page_say_that_something_was_done(hall: Hall):
    member = await hall.member()
    await member.see()
    for query in ("&said=password", "&said=confirmed", "&said=saved"):
        shown = await member.client.get(f"/account/{member.key}?lang=en{query}")
        assert shown.text == member.page, query
    for page in ("/fields", "/messages"):
        shown = await member.client.get(f"/account/{member.key}{page}?lang=en&saved")
        assert shown.text == await member.see(page)


async def test_a_page_says_once_what_an_act_of_its_session_has_done(hall: Hall):
    here, there = await hall.member(), hall.guest()
    await there.do("sign_in", email=EMAIL, password=PASSWORD)
    await here.see("/messages")
    told = await here.do("save", path="/messages", policy="on")
    again = await here.client.get(f"/account/{here.key}/messages?lang=en&saved")
    assert ["It is saved" in plain(one.text) for one in (told, again)] == [True, False]

    await here.see()
    [session] = set(re.findall(r'name="session" value="([^"]+)"', here.page))
    assert "It is saved" in plain((await here.do("end_session", session=session)).text)
    assert "It is saved" not in plain(await here.see())


async def test_strangers_of_one_network_do_not_use_up_the_mails_of_a_mailbox(hall: Hall):
    await hall.member()
    hall.mails.clear()
    for number in range(12):
        await hall.guest(address=f"203.0.113.{number}").do("link", email=EMAIL)
    of_one = len(hall.mails)
    await hall.guest(address="198.51.100.7").do("link", email=EMAIL)

    assert of_one == OF_A_NETWORK < OF_A_MAILBOX
    assert len(hall.mails) == of_one + 1


async def test_strangers_of_many_networks_leave_the_owner_a_link_that_works(hall: Hall):
    browser = await visited(hall)
    member = await hall.member(token=browser.token)
    hall.mails.clear()
    for number in range(12):
        await hall.guest(address=f"203.0.{number}.1").do("link", email=EMAIL)
    of_strangers = len(hall.mails)
    for _ in range(OF_THE_OWNER + 1):
        await hall.guest(address="198.51.100.7").do("link", email=EMAIL, token=browser.token)
    of_owner = len(hall.mails) - of_strangers
    await hall.guest(address="198.51.101.7").do("forgot", email=EMAIL)
    await member.do("move", email="anna@example.net")
    hall.world.clock.move(minutes=29)
    guest = hall.guest()
    await guest.open(hall.mail("sign_in")["link"])

    assert of_strangers == OF_A_MAILBOX
    assert of_owner == OF_THE_OWNER
    assert hall.sent[-3:] == ["password", "old_email", "new_email"]
    assert guest.is_signed_in


async def test_strangers_with_a_password_of_theirs_leave_the_owner_a_link_to_confirm(hall: Hall):
    for number in range(OF_A_MAILBOX + 1):
        guest = hall.guest(address=f"203.0.{number}.1")
        await guest.do("register", email=EMAIL, new_password=f"a stranger's {number} words")
    hall.mails.clear()
    owner = hall.guest(address="198.51.100.7")
    await owner.do("register", email=EMAIL, new_password=PASSWORD)
    await owner.open(hall.mail("confirm")["link"])

    assert owner.is_signed_in
    assert "Your address is confirmed" in plain(owner.page)
    assert not hall.table("visitor_accounts")[0]["password_hash"]


async def test_the_page_begins_with_making_an_account_where_the_browser_has_none(hall: Hall):
    browser, other = await visited(hall), await visited(hall)
    await hall.member(token=browser.token)
    fresh = plain((await hall.guest().do("", token=other.token)).text)
    known = plain((await hall.guest().do("", token=browser.token)).text)
    bare = await hall.guest().see()

    assert re.search("What is recorded about you.*Make an account.*Sign in", fresh)
    assert re.search("Sign in.*Make an account", known.partition("What is recorded")[2])
    assert "Make an account" not in known.partition("Sign in")[0]
    assert f'href="/my-data/{hall.world.site.key}?lang=en"' in bare


async def test_law_4_after_a_no_a_browser_keeps_no_token_of_a_link(hall: Hall):
    name = f"askfirst_link_{hall.world.site.key}"
    for leave in ("stop", "erase", "lost_now", "banner"):
        mine, guest = await visited(hall), hall.guest()
        await guest.do("link", email=EMAIL, token=mine.token)
        kept = name in guest.client.cookies
        if leave == "banner":
            mine.client = guest.client
            await mine.withdraw()
        else:
            form = {"do": leave, "token": mine.token}
            await guest.post(f"/my-data/{hall.world.site.key}?lang=en", form)

        assert kept
        assert name not in guest.client.cookies, leave

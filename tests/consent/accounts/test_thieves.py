"""A thief's account that joined a browser opens nothing after its person ended all access."""

import httpx2
import pytest

from server.app import report_dependencies
from tests.consent.accounts.hall import EMAIL, PASSWORD, Guest, Hall, visited, visitor_of
from tests.consent.public_pages import plain
from tests.world import Browser

THIEF = "thief@example.org"


async def press_lost(hall: Hall, token: str, guest: Guest | None = None) -> httpx2.Response:
    form = {"do": "lost_now", "token": token}
    return await (guest or hall.guest()).post(f"/my-data/{hall.world.site.key}?lang=en", form)


async def by_mail(hall: Hall, email: str) -> tuple[str, str]:
    """Return what the page of the account and the visitor's own page show after a new password."""
    guest = hall.guest(address="198.51.100.9")
    await guest.do("forgot", email=email)
    await guest.open(hall.mail("password")["link"], new_password=PASSWORD)
    assert guest.is_signed_in
    account = plain(guest.page)
    own = await guest.client.get(f"/my-data/{hall.world.site.key}?lang=en")
    return account, own.text


async def by_staff(hall: Hall, browser: Browser) -> None:
    end = report_dependencies(hall.world.services).end_access
    await end(hall.world.site, visitor_of(hall, browser))


@pytest.mark.parametrize("who", ["token", "staff", "staff after the thief"])
async def test_no_account_opens_the_data_of_a_browser_whose_access_was_ended(hall: Hall, who: str):
    mine, other = await visited(hall), await visited(hall)
    thief = await hall.member(THIEF, token=mine.token)
    await hall.member(token=other.token)
    if who == "staff after the thief":
        await press_lost(hall, thief_s_csrf(thief), thief)
        assert len(hall.table("account_browsers")) == 2
    if who == "token":
        said = plain((await press_lost(hall, mine.token)).text)
        assert "If it was ended in another way, write to" in said
    else:
        await by_staff(hall, mine)
    account, own = await by_mail(hall, THIEF)

    assert visitor_of(hall, mine) not in account + own
    assert "its browsers were taken out of it" in account
    [left] = hall.table("account_browsers")
    assert left["visitor_id"] == visitor_of(hall, other)


def thief_s_csrf(thief: Guest) -> str:
    return thief.page.partition('name="csrf" value="')[2].partition('"')[0]


async def test_who_ends_access_in_the_account_has_its_browsers_after_a_new_password(hall: Hall):
    mine = await visited(hall)
    member = await hall.member(token=mine.token)
    await press_lost(hall, thief_s_csrf(member), member)
    account, _ = await by_mail(hall, EMAIL)

    assert visitor_of(hall, mine) in account


async def test_the_page_says_before_the_press_that_accounts_lose_the_browser(hall: Hall):
    mine = await visited(hall)
    member = await hall.member(token=mine.token)
    path = f"/my-data/{hall.world.site.key}?lang=en"
    asked = await hall.guest().post(path, {"do": "lost", "token": mine.token})
    signed_in = await member.post(path, {"do": "lost", "token": thief_s_csrf(member)})

    assert "are taken out of every account" in plain(asked.text)
    assert "are taken out of every account" not in plain(signed_in.text)

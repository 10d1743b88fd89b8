"""The account of a visitor in Chromium: its whole way by keyboard, on a phone and on a desktop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from askfirst.store.ledger.accounts.fields import AskedField, ask
from tests.browser.asking.test_my_data import address, agreed
from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop
from tests.browser.walking import HEIGHTS, Walk, is_clean, new_walk
from tests.consent.accounts.hall import EMAIL, PASSWORD, SENDING, keep_mails

CARD = "4111 1111 1111 1111"
TELEPHONE = "+44 20 7946 0958"
NEW_EMAIL = "anna@example.net"
ACCOUNT, OWN_PAGE = "section a[href*='/account/']", "section a[href*='/my-data/']"


@dataclass
class Mailing:
    """A shop, and what was written down to be sent."""

    shop: Shop
    mails: list[tuple[str, dict[str, str]]]

    @property
    def account(self) -> str:
        return address(self.shop, "/account", "?lang=en")

    async def opens(self, walk: Walk, what: str) -> None:
        """Open the link of a mail of a kind, which is written down after the answer."""
        for _ in range(200):
            if found := [facts["link"] for kind, facts in self.mails if kind == what]:
                break
            await asyncio.sleep(0.05)
        link = urlsplit(found[-1])
        port = self.shop.ports["server"]
        await walk.page.goto(f"http://127.0.0.1:{port}{link.path}?{link.query}")

    async def asks(self, *names: str) -> None:
        """Ask visitors for these fields from now on."""
        async with self.shop.services.ledger.write() as connection:
            asked = [AskedField(name, "To write to you") for name in names]
            await ask(connection, self.shop.site.id, asked)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailing]:
    with pytest.MonkeyPatch.context() as patch:
        mails: list[tuple[str, dict[str, str]]] = []
        keep_mails(patch, mails)
        async with open_shop(tmp_path_factory.mktemp("shop"), **SENDING) as shop:
            yield Mailing(shop, mails)


@pytest_asyncio.fixture(loop_scope="session")
async def mailing(running: Mailing) -> Mailing:
    """Return the one shop with a new site and no mail."""
    await running.shop.move_to_a_new_site()
    running.mails.clear()
    return running


async def signs_in(walk: Walk, email: str, password: str = PASSWORD) -> None:
    await walk.type("#email", email)
    await walk.type("#password", password)
    await walk.go()


async def volunteers(walk: Walk, mailing: Mailing) -> None:
    """Type a card's number, which is refused, then what is asked, and take a part of it back."""
    await mailing.asks("name", "telephone")
    await walk.go("a[href*='/fields']")
    await walk.type("#name", "Ada Lovelace")
    await walk.type("#telephone", CARD)
    await walk.go("button[value=save]")
    await walk.sees(".notice.wrong", "Nothing is saved yet")
    await walk.to("#telephone")
    await walk.page.keyboard.press("Control+A")
    await walk.page.keyboard.type(TELEPHONE)
    await walk.does("save", ".notice", "It is saved", new=False)
    await mailing.asks("name")
    await walk.page.reload()
    await expect(walk.page.locator("#old-telephone")).to_be_visible()
    await is_clean(walk.page, walk.width)
    await walk.go("button[value=remove]")
    await expect(walk.page.locator("#old-telephone")).to_have_count(0)
    await expect(walk.page.locator("#name")).to_have_value("Ada Lovelace")


async def chooses_messages(walk: Walk) -> None:
    await walk.go("a[href*='/messages']")
    await expect(walk.page.locator("#policy")).not_to_be_checked()
    await walk.press("#policy", "Space")
    await walk.does("save", ".notice", "It is saved")
    await expect(walk.page.locator("#policy")).to_be_checked()


async def moves(walk: Walk, mailing: Mailing) -> None:
    """Change the address, which is confirmed at both ends."""
    await walk.type("#new-email", NEW_EMAIL)
    await walk.go()
    await walk.sees("h2#said", "")
    await mailing.opens(walk, "old_email")
    await walk.sees("h1", "Agree to the new address")
    await walk.go(".choose button")
    await walk.sees("h1", "Confirmed on this side", new=False)
    await mailing.opens(walk, "new_email")
    await walk.go(".choose button")
    await walk.sees("h1", "Your address is changed")


async def signs_in_elsewhere(other: Walk, mailing: Mailing) -> None:
    await other.page.goto(mailing.account)
    await other.type("#link-email", NEW_EMAIL)
    await other.go()
    await mailing.opens(other, "sign_in")
    await other.go(".choose button")
    await expect(other.page.locator("h2#who")).to_contain_text(NEW_EMAIL)


@pytest.mark.parametrize("width", HEIGHTS)
async def test_law_6_by_keyboard_a_visitor_makes_uses_and_closes_an_account(
    mailing: Mailing, new_profile: NewProfile, width: int
):
    walk = await new_walk(new_profile, width)
    page, account = walk.page, mailing.account
    await agreed(page, mailing.shop, "?lang=en")
    await walk.go("form[action*='/account/'] button", within="another")
    await is_clean(page, width)
    await walk.type("#register-email", EMAIL)
    await walk.type("#register-password", PASSWORD)
    await walk.go()
    await walk.sees("h2#said", "Please look into your mail")
    await mailing.opens(walk, "confirm")
    await is_clean(page, width)
    await walk.type("#password", PASSWORD)
    await walk.go()
    await expect(page.locator("h2#who")).to_have_text(f"You are signed in as {EMAIL}")
    await expect(page.locator("#browsers ~ ul li")).to_have_count(1)
    await is_clean(page, width)

    await walk.go(OWN_PAGE)
    await walk.sees("main", f"You are signed in as {EMAIL}")
    await expect(page.locator("h2#state")).to_have_text("Your visits are being recorded")
    await walk.go(ACCOUNT)
    await volunteers(walk, mailing)
    await walk.go("footer a[href*='/account/']")
    await chooses_messages(walk)
    await walk.go("footer a[href*='/account/']")
    await moves(walk, mailing)

    await page.goto(account)
    await walk.does("sign_out", "h2#said", "You are signed out", new=False)
    await signs_in(walk, NEW_EMAIL, "not the right one")
    await expect(page.locator("#email")).to_be_focused()
    await is_clean(page, width)
    await walk.type("#password", PASSWORD)
    await walk.go()
    await walk.sees("h2#who", NEW_EMAIL, new=False)
    other = await new_walk(new_profile, width)
    await signs_in_elsewhere(other, mailing)
    await page.reload()
    await expect(page.locator("#sessions ~ ul li")).to_have_count(2)
    await walk.does("sign_out_all", "h2#said", "You are signed out", new=False)
    await other.page.goto(account)
    await expect(other.page.locator("h2#who")).to_have_count(0)

    await signs_in(walk, NEW_EMAIL)
    await walk.does("close", "h2#sure", "Close")
    how = "close_keep" if width == min(HEIGHTS) else "close_erase"
    await walk.does(how, "h2#said", "Your account is closed")
    assert await page.locator("script").count() == 0
    await page.goto(address(mailing.shop, "/my-data", "?lang=en"))
    kept = page.locator("h2#state", has_text="Your visits are being recorded")
    await expect(kept).to_have_count(int(how == "close_keep"))
    assert [one["name"] for one in await page.context.cookies()] == [
        f"askfirst_{mailing.shop.site.key}"
    ]

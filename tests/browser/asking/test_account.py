"""The account of a visitor in Chromium: its whole way, on a phone and by keyboard alone."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.asking.test_my_data import address, agreed, focus_by_keyboard, is_clean, press
from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop
from tests.consent.accounts.hall import EMAIL, PASSWORD, SENDING, keep_mails

WIDTH = 360
Mails = list[tuple[str, dict[str, str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mailing_shop(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Shop, Mails]]:
    mails: Mails = []
    with pytest.MonkeyPatch.context() as patch:
        keep_mails(patch, mails)
        async with open_shop(tmp_path_factory.mktemp("shop"), **SENDING) as opened:
            yield opened, mails


async def type_into(page: Page, field: str, text: str) -> None:
    await focus_by_keyboard(page, field)
    await page.keyboard.type(text)


async def test_law_6_a_visitor_makes_leaves_enters_and_closes_an_account_by_keyboard(
    mailing_shop: tuple[Shop, Mails], new_profile: NewProfile
):
    shop, mails = mailing_shop
    page = await (await new_profile(viewport={"width": WIDTH, "height": 640})).new_page()
    await agreed(page, shop)
    account = address(shop, "/account", "?lang=en")
    await page.goto(account)
    await is_clean(page, WIDTH)
    await type_into(page, "#register-email", EMAIL)
    await type_into(page, "#register-password", PASSWORD)
    await press(page, "Enter")
    await expect(page.locator("h2#said")).to_have_text("Please look into your mail")
    await is_clean(page, WIDTH)

    link = urlsplit(mails[-1][1]["link"])
    await page.goto(f"http://127.0.0.1:{shop.ports['server']}{link.path}?{link.query}")
    await is_clean(page, WIDTH)
    await type_into(page, "#password", PASSWORD)
    await press(page, "Enter")
    await expect(page.locator("h2#who")).to_have_text(f"You are signed in as {EMAIL}")
    await is_clean(page, WIDTH)
    await focus_by_keyboard(page, "button[value=sign_out]")
    await press(page, "Enter")
    await expect(page.locator("h2#said")).to_have_text("You are signed out")

    await page.goto(account)
    await type_into(page, "#email", EMAIL)
    await type_into(page, "#password", "not the right one")
    await press(page, "Enter")
    await expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    await is_clean(page, WIDTH)
    await type_into(page, "#password", PASSWORD)
    await press(page, "Enter")
    await expect(page.locator("h2#who")).to_be_visible()
    await focus_by_keyboard(page, "button[value=close]")
    await press(page, "Enter")
    await expect(page.locator("h2#sure")).to_be_visible()
    await is_clean(page, WIDTH)
    await focus_by_keyboard(page, "button[value=close_keep]")
    await press(page, "Enter")
    await expect(page.locator("h2#said")).to_have_text("Your account is closed")
    assert await page.locator("script").count() == 0
    assert [one["name"] for one in await page.context.cookies()] == [f"askfirst_{shop.site.key}"]

"""The Chromium of the browser tests: it renders, looks like a visitor's, and stays offline."""

import pytest
from playwright.async_api import Error, Page


async def test_chromium_renders_a_page(page: Page) -> None:
    await page.goto("data:text/html,<title>Here</title><h1>Rendered</h1>")
    assert await page.title() == "Here"
    assert await page.get_by_role("heading").inner_text() == "Rendered"


async def test_a_profile_looks_like_a_desktop_chrome_and_not_like_a_bot(page: Page) -> None:
    name = await page.evaluate("navigator.userAgent")
    assert "Windows NT 10.0" in name
    assert "Headless" not in name


async def test_chromium_knows_no_host_outside_this_machine(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto("http://example.com/")


async def test_two_profiles_share_nothing(new_profile) -> None:
    first, second = await new_profile(), await new_profile()
    await first.add_cookies([{"name": "a", "value": "b", "url": "http://shop.test/"}])
    assert await second.cookies() == []

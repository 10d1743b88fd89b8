"""The keys of the reports in Chromium."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import LOOKS, signed_in
from tests.browser.stage import Stage


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_one_key_each_leads_through_the_reports(
    stage: Stage, new_profile: NewProfile, width: int, height: int, scheme: str
) -> None:
    site = await stage.site()
    profile = await new_profile(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = await signed_in(stage, profile)
    base = f"{stage.base}/sites/{site.key}"
    await page.goto(base)
    for key, address in (
        ("w", "?period=7d"),
        ("x", "?period=7d&against=none"),
        ("t", "?period=today&against=none"),
    ):
        await page.keyboard.press(key)
        await page.wait_for_url(base + address)
    await page.keyboard.press("Control+y")
    await page.keyboard.press("Shift+Y")
    await page.keyboard.press("f")
    await expect(page.locator("select[name=column]")).to_be_focused()
    await page.locator("textarea[name=which]").press_sequentially("yam?")
    await expect(page.locator("textarea[name=which]")).to_have_value("yam?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("d")
    await expect(page.locator("input[name=from]")).to_be_focused()
    assert page.url == f"{base}?period=today&against=none"
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await page.wait_for_url(f"{stage.base}/keys")

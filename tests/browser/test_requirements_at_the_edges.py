"""The question where it meets another tab, or a signal that no script can read."""

from playwright.async_api import expect

from tests.browser.conftest import NewProfile
from tests.browser.stage import BANNER, CONTROL, Stage


async def test_requirement_49_a_browser_that_sends_gpc_as_a_header_alone_is_not_asked(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile(extra_http_headers={"Sec-GPC": "1"}))
    page = await shown.page()
    assert not await page.evaluate("navigator.globalPrivacyControl")
    await page.wait_for_timeout(250)
    await expect(page.locator(CONTROL)).to_be_visible()

    assert await page.locator(BANNER).count() == 0
    assert await shown.stored() == []
    assert "POST /consent" not in shown.requests

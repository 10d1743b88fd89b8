"""The form of a site in Chromium: a host of another site is confirmed by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import LOOKS, TOO_WIDE, axe, signed_in
from tests.browser.stage import Stage


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_a_host_of_another_site_is_confirmed_without_a_mouse(
    stage: Stage, new_profile: NewProfile, width: int, height: int, scheme: str
) -> None:
    site = await stage.site()
    profile = await new_profile(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page = await signed_in(stage, profile)
    await page.goto(f"{stage.base}/sites/new")
    for name, value in {
        "name": "Shed",
        "hosts": "127.0.0.1\na-long-name-that-no-other-site-has.example.org",
        "controller": "Garden Ltd",
        "contact": "privacy@example.org",
    }.items():
        await page.fill(f"#{name}", value)
    await page.select_option("#time_zone", "UTC")
    await page.get_by_role("button", name="Add site").click()

    await expect(page.locator("#shared-error")).to_contain_text("Harbour (127.0.0.1)")
    assert await axe(page) == []
    assert not await page.evaluate(TOO_WIDE)
    await page.focus("#hosts")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.focus("#controller")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/install")
    assert site.key not in page.url

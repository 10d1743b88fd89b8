"""Accounts in Chromium: one-time codes leave no trace, and the pages are accessible."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from reports.staff.reset import make_reset_link
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import LOOKS, TOO_WIDE, axe, faults, signed_in
from tests.browser.stage import Stage
from tests.reports.garden import EMAIL

NEW = "seven red boats at dawn"


async def link_of(stage: Stage) -> str:
    return (
        f"{stage.base}{await make_reset_link(stage.services.ledger, stage.services.clock, EMAIL)}"
    )


async def listened_to(profile: BrowserContext) -> tuple[Page, list[str]]:
    """Open a page and note the address and the referrer of each of its requests."""
    page, asked = await profile.new_page(), []
    page.on("request", lambda one: asked.append(f"{one.url} {one.headers.get('referer', '')}"))
    return page, asked


async def test_a_code_moves_from_the_address_into_the_form_and_no_request_shows_it(
    stage: Stage, new_profile: NewProfile
) -> None:
    page, asked = await listened_to(await new_profile())
    link = await link_of(stage)
    code = link.partition("#code=")[2]
    await page.goto(link)

    await expect(page.locator("#code")).to_have_value(code)
    assert page.url == f"{stage.base}/reset"
    assert await page.evaluate("history.length") <= 2
    assert asked
    assert not [one for one in asked if code in one]


async def test_without_javascript_the_code_is_pasted(stage: Stage, new_profile: NewProfile) -> None:
    profile = await new_profile(java_script_enabled=False)
    page, link = await profile.new_page(), await link_of(stage)
    await page.goto(link)
    await page.fill("#code", link.partition("#code=")[2])
    await page.fill("#password_new", "short")
    await page.click("main button[type=submit]")

    await expect(page.locator("#password_new-error")).to_be_visible()
    await expect(page.locator("#code-error")).to_have_count(0)


@pytest.mark.parametrize("path", ["/reset", "/sign-in"])
async def test_the_pages_before_a_sign_in_fit_and_axe_finds_nothing(
    stage: Stage, page: Page, path: str
) -> None:
    await page.goto(f"{stage.base}{path}")

    assert await faults(page) == []


async def test_a_session_in_another_browser_is_seen_and_ended(
    stage: Stage, new_profile: NewProfile
) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = await signed_in(stage, await new_profile(user_agent=firefox))
    page = await signed_in(stage, await new_profile())
    await page.goto(f"{stage.base}/account")
    row = page.locator(".session-list li", has_text="Firefox on Linux")
    await row.first.get_by_role("button").click()

    await expect(page.get_by_role("status")).to_have_text("Ended.")
    await expect(row).to_have_count(0)
    await other.goto(f"{stage.base}/account")
    assert "/sign-in" in other.url


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_a_key_of_the_api_is_made_and_revoked_on_any_screen(
    stage: Stage, new_profile: NewProfile, width: int, height: int, scheme: str
) -> None:
    site = await stage.site()
    size = {"width": width, "height": height}
    page = await signed_in(stage, await new_profile(viewport=size, color_scheme=scheme))
    await page.goto(f"{stage.base}/sites/{site.key}/settings")
    await page.get_by_role("link", name="Keys of the API").click()
    await page.fill("#name", "Shop, orders of the long name that a backend may well have")
    await page.get_by_role("button", name="Make a key").press("Enter")
    await expect(page.locator("#secret")).to_have_value(re.compile("askfirst_.{43}"))
    found = [await axe(page)], [await page.evaluate(TOO_WIDE)]
    await page.get_by_role("button", name="Revoke the key").click()

    await expect(page.get_by_role("status")).to_contain_text("The key is revoked.")
    assert found == ([[]], [False])
    assert (await axe(page), await page.evaluate(TOO_WIDE)) == ([], False)

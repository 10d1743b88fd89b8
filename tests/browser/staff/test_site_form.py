"""The form of a site in a real browser: what another site has is confirmed by keyboard alone."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import LOOKS, TOO_WIDE, axe, signed_in
from tests.browser.stage import Stage, open_stage
from tests.reports.garden import EMAIL, HASH


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("sites")) as opened:
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": 0}
        async with opened.services.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        yield opened


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

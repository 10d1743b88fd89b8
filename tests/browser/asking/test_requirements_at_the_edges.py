"""The banner when two tabs answer at once, and when GPC comes as a header alone, in Chromium."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import NewProfile
from tests.browser.stage import ACCEPT, BANNER, CONTROL, Stage


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


async def test_two_tabs_that_accept_at_once_leave_one_visitor_and_nothing_of_the_other(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    tabs = [await shown.asked(name=name) for name in ("one", "two")]
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await shown.profile.route("**/consent", hold)
    for tab in tabs:
        await tab.click(ACCEPT)
    async with asyncio.timeout(60):
        held.set()
        while len(found := await stage.records(shown.site)) < 3:
            await tabs[0].wait_for_timeout(100)
    (kept,) = await shown.stored()
    claims = stage.services.tokens.read(kept)
    assert claims
    given = {record["consent_id"] for record in found if record["state"] == "given"}
    withdrawn = {record["consent_id"] for record in found if record["state"] == "withdrawn"}
    assert len(given) == 2
    assert given - withdrawn == {claims.consent_id}
    await tabs[0].wait_for_timeout(500)
    assert {row["visitor_id"] for row in await stage.rows(shown.site)} <= {claims.visitor_id}

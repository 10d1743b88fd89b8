"""Page views in a real Chromium: each once, whatever becomes of the page meanwhile."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.conftest import NewProfile
from tests.browser.stage import PATHS, WITHDRAW, Shown, Stage

SENDER = "**/granted.js"


async def accepted(stage: Stage, new_profile: NewProfile, **look: str) -> Shown:
    """Give the pages of a site that the visitor has accepted on `/stage/one`."""
    shown = await stage.show(await new_profile(), **look)
    page = await shown.granted()
    await page.close()
    return shown


async def viewed(shown: Shown) -> list[str]:
    """Give the paths of the site's page views, oldest first."""
    rows = await shown.stage.rows(shown.site)
    return [row["path"] for row in rows if row["kind"] == "page_view"]


async def test_a_view_that_was_sent_by_a_hidden_page_and_again_by_the_sender_is_one_row(
    stage: Stage, new_profile: NewProfile
):
    shown = await accepted(stage, new_profile)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await shown.profile.route(SENDER, hold, times=1)
    page = await shown.page("two", until="commit")
    await expect(page.locator(WITHDRAW)).to_be_visible()
    for _ in range(2):
        async with page.expect_response("**/event"):
            await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    async with page.expect_response("**/event"):
        held.set()

    assert await viewed(shown) == ["/stage/one", "/stage/two"]


async def test_where_the_sender_is_blocked_nothing_is_recorded_and_the_control_still_withdraws(
    stage: Stage, new_profile: NewProfile
):
    shown = await accepted(stage, new_profile, body=PATHS.format("next"))
    faults: list[str] = []
    await shown.profile.route(SENDER, lambda route: route.abort())
    page = await shown.page("two")
    page.on("pageerror", lambda error: faults.append(str(error)))
    await expect(page.locator(WITHDRAW)).to_be_visible()
    await page.wait_for_load_state()
    shown.requests.clear()
    await page.evaluate("history.pushState({}, '', '/stage/three')")
    await page.click("a[href='/stage/next']")
    await page.wait_for_url("**/next")
    async with page.expect_response("**/consent") as withdrawing:
        await page.click(WITHDRAW)

    assert (await withdrawing.value).ok
    assert await viewed(shown) == ["/stage/one"]
    assert "POST /event" not in shown.requests
    assert faults == []

"""A printed page has nothing of ours: no banner, no control, no dialog, and no room for them."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    CLOSE,
    DETAILS,
    DIALOG,
    ERASURE,
    REFUSE,
    WITHDRAW,
    Stage,
)

OURS = "[id^=askfirst-]"
ROOM = """() => {
  const { paddingBottom, scrollPaddingBottom } = getComputedStyle(document.documentElement);
  return [paddingBottom, scrollPaddingBottom];
}"""
PRINTED = """(ours) => [...document.querySelectorAll(ours)]
  .filter((it) => it.getClientRects().length).map((it) => it.id)"""


async def printed(page: Page) -> tuple[list[str], list[str]]:
    """Return the ids of our elements that have a box on paper, and the room made below the page."""
    await page.emulate_media(media="print")
    found = await page.evaluate(PRINTED, OURS), await page.evaluate(ROOM)
    await page.emulate_media(media="screen")
    return found


NOTHING = ([], ["0px", "auto"])


async def test_nothing_of_ours_is_printed_and_no_room_is_made_for_it(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    assert float((await page.evaluate(ROOM))[0].removesuffix("px")) > 100
    assert await printed(page) == NOTHING
    await page.click(DETAILS)
    await expect(page.locator(DIALOG)).to_be_visible()
    assert await printed(page) == NOTHING
    await page.click(CLOSE)
    async with page.expect_response("**/event"):
        await page.click(ACCEPT)
    await expect(page.get_by_role("status")).to_contain_text("Thank you")
    assert await printed(page) == NOTHING
    await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()

    assert await printed(page) == NOTHING


async def test_a_page_that_asks_has_as_many_sheets_as_one_that_does_not(
    stage: Stage, new_profile: NewProfile
):
    body = "<p style='height: 900px'>One sheet.</p>"
    site = await stage.site()
    asking = await (await stage.show(await new_profile(), site, body=body)).asked()
    off = await stage.show(await new_profile(), site, body=body, attributes='data-control="off"')
    await off.profile.route("**/banner.js*", lambda route: route.abort())

    assert await sheets(asking) == await sheets(await off.page())


async def sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", await page.pdf(format="A4")))


async def test_the_room_on_the_screen_wins_over_the_pages_own_and_leaves_with_the_bar(
    stage: Stage, new_profile: NewProfile
):
    body = "<style>html.host { padding-bottom: 7px }</style>"
    shown = await stage.show(await new_profile(), body=body, attributes='data-control="off"')
    page = await shown.asked()
    await page.evaluate("document.documentElement.className = 'host'")
    assert float((await page.evaluate(ROOM))[0].removesuffix("px")) > 100
    async with page.expect_response("**/consent"):
        await page.click(REFUSE)
    await expect(page.locator(BANNER)).to_have_count(0)

    assert await page.evaluate(ROOM) == ["7px", "auto"]
    assert await page.evaluate("document.documentElement.getAttribute('style')") is None

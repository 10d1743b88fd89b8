"""How far a page was read that a library shows without loading it, in Chromium."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewProfile
from tests.browser.stage import ACCEPT, Stage
from tests.browser.tag.test_replaced_pages import page_of, viewing
from tests.browser.website import open_website

TALL = "<div style='height: 4000px'></div></main>"
STAY = "new Promise((done) => setTimeout(done, 1000))"  # until what is in sight counts as seen


@pytest.mark.parametrize("library", ["turbo", "htmx"])
async def test_a_page_that_a_library_shows_is_as_deep_as_it_was_scrolled_itself(
    stage: Stage, new_profile: NewProfile, library: str
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    links = "<a href='/two'>Two</a> <a href='/three'>Three</a>"
    links = f"<nav style='position: fixed; top: 0'>{links}</nav>"
    pages = {
        f"/{name}": page_of(site, library, name).replace("</main>", links + TALL)
        for name in ("one", "two", "three")
    }
    async with open_website(stage.base, pages) as served:
        await page.goto(f"{served.base}/one")
        async with page.expect_response(viewing):
            await page.click(ACCEPT)
        await page.mouse.wheel(0, 2000)
        await page.wait_for_function("scrollY === 2000")
        await page.evaluate(STAY)
        for name in ("two", "three"):
            async with page.expect_response(viewing):
                await page.evaluate("window.same = true")
                await page.click(f"nav a[href='/{name}']")
            await expect(page.locator("#where")).to_have_text(name)
            await page.wait_for_function("scrollY < 100")
            await page.evaluate(STAY)
        async with page.expect_response(viewing):
            await page.goto(f"{served.base}/one")
        found = [row for row in await stage.rows(site) if row["kind"] == "engagement"]

    depths = {row["path"]: row["scroll"] for row in sorted(found, key=lambda row: row["time"])}
    assert 60 < depths.pop("/one") < 75
    assert all(10 < share < 25 for share in depths.values()), depths
    assert list(depths) == ["/two", "/three"]

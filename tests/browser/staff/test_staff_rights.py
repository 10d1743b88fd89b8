"""Staff's pages of visitors' rights in Chromium: accessible, and usable without JavaScript."""

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from askfirst.sites import Site
from askfirst.store.ledger.tables import disclosures
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import TOO_WIDE, faults, signed_in
from tests.browser.stage import Stage
from tests.reports.garden import EMAIL, PASSWORD

LEAVING = """() => {
    const right = document.querySelector('main').getBoundingClientRect().right;
    return [...document.querySelectorAll('main h1, main h2, main p')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1 && !one.matches('.sr')
            || one.getBoundingClientRect().right > right + 1)
        .map((one) => one.textContent);
}"""
"""Returns the headings and paragraphs that overflow the page's column."""


async def visited(stage: Stage, new_profile: NewProfile) -> tuple[Site, str]:
    """Return a site with one visitor who accepted, and the number of the record."""
    shown = await stage.show(await new_profile())
    await shown.granted()
    await stage.rows(shown.site)
    [record] = await stage.records(shown.site)
    return shown.site, record["record_id"]


async def entries(stage: Stage, site: Site) -> list[str]:
    asked = select(disclosures.c.what).where(disclosures.c.site_id == site.id)
    async with stage.services.ledger.read() as connection:
        return list(await connection.scalars(asked.order_by(disclosures.c.id)))


async def found(page: Page, stage: Stage, site: Site, number: str) -> None:
    await page.goto(f"{stage.base}/sites/{site.key}/visitors?period=all")
    await page.fill("#number", number)
    await page.click("text=/^Find$/")


async def is_for_everybody(page: Page) -> None:
    assert await faults(page) == []


async def test_axe_finds_nothing_on_the_pages_and_none_is_too_wide(
    stage: Stage, new_profile: NewProfile
) -> None:
    site, number = await visited(stage, new_profile)
    page = await signed_in(stage, await new_profile())
    base = f"{stage.base}/sites/{site.key}"
    await page.goto(f"{base}/visitors?period=all")
    await is_for_everybody(page)
    await found(page, stage, site, "nothing")
    await is_for_everybody(page)
    await found(page, stage, site, number)
    await is_for_everybody(page)
    await page.click("text=Open the visitor")
    await is_for_everybody(page)
    await page.click("text=Erase this visitor")
    await is_for_everybody(page)
    await page.click("text=Erase for good")
    await is_for_everybody(page)
    await found(page, stage, site, await page.inner_text("code.number"))
    await expect(page.locator("#found")).to_have_text("An erasure")
    await is_for_everybody(page)
    await page.goto(f"{base}/delete")
    await page.fill("#name", "another name")
    await page.click("text=Delete the site for good")
    await is_for_everybody(page)


@pytest.mark.parametrize("width", [360, 1280])
async def test_a_name_that_is_one_long_word_makes_no_page_and_no_heading_too_wide(
    stage: Stage, new_profile: NewProfile, width: int
) -> None:
    site, _ = await visited(stage, new_profile)
    await stage.services.book.change(site, "Harbourlane" * 9, site.hosts, site.time_zone)
    size = {"width": width, "height": 800}
    page = await signed_in(stage, await new_profile(viewport=size))
    for path in ("/delete", "/settings", "/records", "/visitors"):
        await page.goto(f"{stage.base}/sites/{site.key}{path}")
        assert not await page.evaluate(TOO_WIDE)
        assert await page.evaluate(LEAVING) == []
    await page.goto(f"{stage.base}/account/log")
    assert not await page.evaluate(TOO_WIDE)
    assert await page.evaluate(LEAVING) == []


async def test_law_6_a_visitor_is_found_taken_out_and_erased_without_javascript(
    stage: Stage, new_profile: NewProfile
) -> None:
    site, number = await visited(stage, new_profile)
    page = await signed_in(stage, await new_profile(java_script_enabled=False))
    await found(page, stage, site, f"urn:uuid:{number.upper()}")
    async with page.expect_download() as taking:
        await page.click("text=Export as JSON")
    file = await taking.value
    await page.click("text=Erase this visitor")
    await page.click("text=Erase for good")
    await expect(page.locator("h1")).to_have_text("The visitor is erased")

    assert file.suggested_filename.endswith(".json")
    assert await stage.rows(site) == []
    assert {record["visitor_id"] for record in await stage.records(site)} == {None}


async def test_records_are_exported_and_a_site_is_deleted_without_javascript(
    stage: Stage, new_profile: NewProfile
) -> None:
    site, number = await visited(stage, new_profile)
    page = await signed_in(stage, await new_profile(java_script_enabled=False))
    await page.goto(f"{stage.base}/sites/{site.key}/records")
    async with page.expect_download() as taking:
        await page.click("text=Export as JSON lines")
    path = await (await taking.value).path()
    await page.goto(f"{stage.base}/sites/{site.key}/settings")
    await page.click("text=Delete this site")
    await page.fill("#name", site.name)
    await page.click("text=Delete the site for good")
    await expect(page.locator("h1")).to_have_text("The site is deleted")

    assert number in path.read_text("utf-8")
    assert stage.services.book.find(site.key) is None
    assert await stage.rows(site) == []


async def elsewhere(profile: BrowserContext, link: str) -> Page:
    """Open a page of another website that links to ours."""

    async def serve(route: Route) -> None:
        body = f"<!doctype html><title>x</title><a href='{link}'>Look</a>"
        await route.fulfill(body=body, content_type="text/html")

    await profile.route("http://evil.test/**", serve)
    page = await profile.new_page()
    await page.goto("http://evil.test/")
    return page


@pytest.mark.parametrize("policy", ["", "no-referrer"])
async def test_law_9_a_link_on_another_website_opens_nobody_before_one_more_click(
    stage: Stage, new_profile: NewProfile, policy: str
) -> None:
    site, _ = await visited(stage, new_profile)
    [record] = await stage.records(site)
    profile = await new_profile()
    await signed_in(stage, profile)
    link = f"{stage.base}/sites/{site.key}/visitors/{record['visitor_id']}"
    page = await elsewhere(profile, f"{link}' referrerpolicy='{policy}")
    await page.click("text=Look")
    await expect(page.locator("h1")).to_have_text("One more click")
    assert await entries(stage, site) == []

    await page.click("text=Open the page")
    await expect(page.locator("h1")).to_have_text("Chrome on Windows, Local network")
    assert await entries(stage, site) == ["opened"]


async def test_law_9_a_sign_in_that_another_website_led_to_opens_no_visitor_by_itself(
    stage: Stage, new_profile: NewProfile
) -> None:
    """Whoever linked to the form, the browser sends `same-origin` for the page that follows it."""
    site, _ = await visited(stage, new_profile)
    [record] = await stage.records(site)
    profile = await new_profile()
    page, said = await profile.new_page(), []
    path = f"/sites/{site.key}/visitors/{record['visitor_id']}"

    async def elsewhere(route: Route) -> None:
        link = f'<a href="{stage.base}{path}">Look</a>'
        await route.fulfill(body=link, content_type="text/html")

    await page.route("http://evil.test/**", elsewhere)
    await page.goto("http://evil.test/")
    await page.click("text=Look")
    await page.wait_for_url("**/sign-in?**")
    page.on("request", lambda one: said.append(one) if path in one.url else None)
    await page.fill("#email", EMAIL)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")

    await expect(page.locator("h1")).to_have_text("One more click")
    assert (await said[0].all_headers())["sec-fetch-site"] == "same-origin"
    assert await entries(stage, site) == []
    await page.click("text=Open the page")
    await expect(page.locator("h1")).not_to_have_text("One more click")
    assert await entries(stage, site) == ["opened"]

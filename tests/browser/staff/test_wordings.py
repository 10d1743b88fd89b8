"""The pages of the wording in Chromium: typing, the preview at two widths, and publishing."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from askfirst.sites import Site
from tests.browser.conftest import NewProfile
from tests.browser.stage import BANNER, Stage
from tests.reports.garden import EMAIL, PASSWORD

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """tags => axe
  .run(document, { iframes: false, runOnly: { type: "tag", values: tags },
    resultTypes: ["violations"] })
  .then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""
LOOKS = [(1280, 900, "light"), (360, 740, "dark")]
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"
COVERED = """() => {
    const one = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector('.publish');
    return !bar.contains(document.activeElement) && one.height > 0 && one.height < 300
        && one.top >= bar.getBoundingClientRect().top;
}"""
"""Returns whether the focused element lies under the bar that has the button to publish."""
PUBLISH = "text=/^Publish version/"
DESKTOP = "iframe[title='Preview on a desktop']"
PHONE = "iframe[title='Preview on a phone']"


async def signed_in(stage: Stage, profile: BrowserContext) -> Page:
    page = await profile.new_page()
    await page.goto(f"{stage.base}/sign-in")
    await page.fill("#email", EMAIL)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url("**/*")
    return page


async def query(stage: Stage, page: Page, site: Site, path: str = "") -> None:
    await page.goto(f"{stage.base}/sites/{site.key}/wording{path}")


async def axe(page: Page) -> list[str]:
    if await page.evaluate("!window.axe"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    return await page.evaluate(VIOLATIONS, TAGS)


async def faults(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is too wide, at each size in its scheme.

    No script of staff's pages asks for a size or a scheme: a page that is loaded so is the same.
    """
    found = []
    for width, height, scheme in LOOKS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(media="screen", color_scheme=scheme)
        wide = ["too wide"] if await page.evaluate(TOO_WIDE) else []
        found += [f"{width} {scheme}: {one}" for one in (*await axe(page), *wide)]
    return found


async def test_what_is_typed_shows_in_the_real_banner_at_both_widths(
    stage: Stage, new_profile: NewProfile
) -> None:
    site, profile = await stage.site(), await new_profile()
    page = await signed_in(stage, profile)
    await query(stage, page, site)
    cookies = await profile.cookies()
    await page.fill("[name='banner.title']", "May we note your visit?")
    for frame, width in ((PHONE, 360), (DESKTOP, 1200)):
        shown = page.frame_locator(frame)
        await expect(shown.locator(f"{BANNER} h2")).to_have_text("May we note your visit?")
        assert await shown.locator("html").evaluate("() => innerWidth") == width
    await page.frame_locator(PHONE).locator(f"{BANNER} [data-askfirst=refuse]").click()
    await expect(page.frame_locator(PHONE).locator(BANNER)).to_have_count(0)

    assert await profile.cookies() == cookies
    assert stage.services.book.policy(site).version == 1
    assert await stage.services.tallies.read(site.id, "2000-01-01", "2999-12-31") == {}
    assert await stage.records(site) == []


async def test_without_javascript_a_wording_is_written_and_published(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile(java_script_enabled=False))
    await query(stage, page, site)
    await page.fill("[name='banner.title']", "May we note your visit?")
    await page.fill("[name=contact]", "new@harbour.test")
    await page.click("text=Review and publish")
    await expect(page.locator("main")).to_contain_text("Nobody needs to be asked again")
    await page.click(PUBLISH)
    await page.wait_for_url("**/wording?published")
    policy = stage.services.book.policy(site)

    assert policy.version == 2
    assert policy.content["own"] == {"en": {"banner.title": "May we note your visit?"}}
    assert policy.content["controller"]["contact"] == "new@harbour.test"


async def test_enter_in_a_field_keeps_the_draft_and_publishes_nothing(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile())
    await query(stage, page, site)
    await page.fill("[name=controller]", "Other Ltd")
    await page.press("[name=controller]", "Enter")
    await page.wait_for_url("**/wording?language=en&saved")

    assert await page.input_value("[name=controller]") == "Other Ltd"
    assert stage.services.book.policy(site).version == 1


async def test_requirement_33_axe_finds_nothing_on_the_pages_of_wordings(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site(videos=True)
    page = await signed_in(stage, await new_profile())
    await query(stage, page, site)
    await page.fill("[name='banner.accept_all']", "OK")
    await page.fill("[name=recipients]", "Eve Ltd")
    await page.click("text=Keep the draft")
    await expect(page.locator("[aria-invalid]").first).to_be_attached()
    found = {"problems": await faults(page)}
    await page.fill("[name='banner.accept_all']", "")
    await page.click("text=Review and publish")
    await expect(page.locator("main")).to_contain_text("Everybody will be asked again")
    found["review"] = await faults(page)
    await page.click(PUBLISH)
    await page.wait_for_url("**/wording?published")
    for path in ("", "?lang=ar", "/1", "/compare", "/compare?lang=ar"):
        await page.goto(f"{stage.base}/policy/{site.key}{path}")
        found[path] = await faults(page)

    assert {path: said for path, said in found.items() if said} == {}


async def test_the_languages_of_a_policy_are_reached_by_keyboard(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await (await new_profile()).new_page()
    await page.goto(f"{stage.base}/policy/{site.key}")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**lang=ar")

    assert await page.get_attribute("html", "dir") == "rtl"


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_refusal_in_the_summary_leads_to_its_field_with_and_without_scripts(
    stage: Stage, new_profile: NewProfile, scripts: bool
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile(java_script_enabled=scripts))
    await query(stage, page, site)
    await page.fill("[name=contact]", "")
    await page.click("text=Keep the draft")
    await page.wait_for_url("**saved")
    if scripts:
        assert await page.evaluate("document.activeElement.hasAttribute('data-errors')")
    await page.locator("[data-errors] a", has_text="How to reach them").click()

    await expect(page.locator("[name=contact]")).to_be_focused()
    described = await page.get_attribute("[name=contact]", "aria-describedby")
    assert "contact-error1" in (described or "")
    await page.goto(page.url.partition("#")[0] + "#contact")
    await expect(page.locator("[name=contact]")).to_be_focused()


@pytest.mark.parametrize("size", [(1280, 800), (768, 1024), (360, 740)])
async def test_publishing_is_in_sight_wherever_the_form_is_and_covers_no_focus(
    stage: Stage, new_profile: NewProfile, size: tuple[int, int]
) -> None:
    site = await stage.site()
    view = {"width": size[0], "height": size[1]}
    page = await signed_in(stage, await new_profile(viewport=view))
    await query(stage, page, site)
    for part in ("words", "facts", "colours", "versions"):
        await page.click(f".jump a[href='#{part}']")
        await expect(page.get_by_role("button", name="Review and publish")).to_be_in_viewport()
    await page.focus("[name='banner.title']")
    for _ in range(25):
        await page.keyboard.press("Tab")
        assert not await page.evaluate(COVERED)


async def test_a_colour_is_typed_or_picked_and_its_contrast_is_told(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile())
    await query(stage, page, site)
    typed, picked = page.locator("[name='theme.text']"), page.locator("[name='pick.text']")
    await typed.fill("#767676")
    assert await picked.input_value() == "#767676"
    await picked.fill("#000000")
    assert await typed.input_value() == "#000000"
    contrast = page.locator("[data-contrast=light]")
    await expect(contrast).to_contain_text("Text on background 21.0")
    await expect(page.locator(".contrast.fine").first).to_be_visible()
    await typed.fill("#cccccc")
    await expect(contrast).to_contain_text("Text on background 1.6")
    await expect(page.locator(".contrast:not(.fine)").first).to_be_visible()


async def test_nothing_of_the_editor_but_its_words_is_on_paper(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile())
    await query(stage, page, site)
    await page.emulate_media(media="print")

    for control in (".publish", ".jump", ".beside"):
        await expect(page.locator(control)).to_be_hidden()
    await expect(page.locator("[name='banner.title']")).to_be_visible()

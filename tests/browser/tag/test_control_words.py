"""The permanent control speaks the page's language on later pages too, and always has a name."""

import pytest
from playwright.async_api import Request, expect

from consent.policy.languages import texts_of
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    CONTROL,
    REFUSE,
    WITHDRAW,
    Shown,
    Stage,
)

# Records every text that the control ever has.
HEARD = """addEventListener("DOMContentLoaded", () => {
  window.heard = [];
  const note = () => {
    const control = document.querySelector("#askfirst-control");
    const said = control && `${control.lang}: ${control.textContent}`;
    if (said && heard.at(-1) !== said) heard.push(said);
  };
  new MutationObserver(note).observe(document, { childList: true, subtree: true });
})"""


async def heard_on_the_next_page(shown: Shown) -> list[str]:
    page = await shown.page("next")
    await expect(page.locator(CONTROL)).to_be_visible()
    heard: list[str] = await page.evaluate("window.heard")
    return heard


@pytest.mark.parametrize("tag", ["de", "ar"])
async def test_requirement_16_on_later_pages_the_control_speaks_the_pages_language_and_no_other(
    stage: Stage, new_profile: NewProfile, tag: str
):
    profile = await new_profile()
    await profile.add_init_script(HEARD)
    direction = "rtl" if tag == "ar" else "ltr"
    site = await stage.site(languages=["en", tag])
    shown = await stage.show(profile, site, lang=tag, direction=direction)
    page = await shown.granted()
    banner = texts_of(tag)["banner"]
    assert await heard_on_the_next_page(shown) == [
        f"{tag}: {banner['control']}{banner['withdraw']}"
    ]
    await page.click(WITHDRAW)

    assert await heard_on_the_next_page(shown) == [f"{tag}: {banner['control']}"]


async def test_requirement_2_after_a_no_the_words_alone_are_fetched_without_cookie_or_visitor(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(
        await new_profile(), await stage.site(languages=["en", "de"]), lang="de"
    )
    page = await shown.asked()
    async with page.expect_response("**/consent"):
        await page.click(REFUSE)
    shown.requests.clear()
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    shown.profile.on("request", note)
    later = await shown.page("next")
    await expect(later.locator(CONTROL)).to_have_text(texts_of("de")["banner"]["control"])
    key = shown.site.key
    words_alone = {"GET /labels.js", f"GET /wording/{key}/control.json"}
    assert set(shown.requests) == {"GET /tag.js"} | words_alone
    (words,) = [one for one in asked if "control.json" in one.url]

    assert words.url == f"{stage.base}/wording/{key}/control.json?lang=de"
    assert "cookie" not in await words.all_headers()
    assert words.post_data is None


async def test_requirement_2_after_a_no_nothing_is_fetched_where_the_line_to_paste_has_the_labels(
    stage: Stage, new_profile: NewProfile
):
    labels = 'data-control-label="Auswahl" data-withdraw-label="Widerrufen"'
    shown = await stage.show(await new_profile(), lang="de", attributes=labels)
    page = await shown.asked()
    async with page.expect_response("**/consent"):
        await page.click(REFUSE)
    shown.requests.clear()
    later = await shown.page("next")
    await expect(later.locator(CONTROL)).to_have_text("Auswahl")
    await later.wait_for_timeout(250)

    assert shown.requests == ["GET /tag.js"]


async def test_law_5_without_its_words_the_control_can_still_be_pressed(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(
        await new_profile(), await stage.site(languages=["en", "de"]), lang="de"
    )
    await shown.granted()
    await shown.profile.route("**/control.json*", lambda route: route.abort())
    later = await shown.page("next")
    await expect(later.locator(WITHDRAW)).to_have_text("Withdraw consent")
    assert await later.locator("#askfirst-control").get_attribute("lang") == "en"
    await later.click(WITHDRAW)

    assert await later.evaluate("askfirst.consent.get().choice") == "refused"


async def test_where_the_banner_does_not_come_the_control_does(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(
        await new_profile(), await stage.site(languages=["en", "de"]), lang="de"
    )
    await shown.profile.route("**/banner.js*", lambda route: route.abort())
    page = await shown.page()

    await expect(page.locator(CONTROL)).to_have_text(texts_of("de")["banner"]["control"])

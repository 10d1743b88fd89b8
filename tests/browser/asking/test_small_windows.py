"""Requirements 9, 37, 40 and 41 in small and enlarged windows: the answers stay visible."""

from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from consent.policy.languages import languages, texts_of
from tests.askfirst.store.warehouse.amount import IS_LONG
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    DIALOG,
    ERASURE,
    ONCE,
    REFUSE,
    WITHDRAW,
    Shown,
    Stage,
    policy,
)

TEXT = f"{BANNER} [data-askfirst=text]"
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
DOUBLED = "html { font-size: 200% }"
ZOOMED = ((320, 256), (640, 400))
"""A window of 1280 x 1024 pixels at 400 %, and one of 1280 x 800 at 200 %."""
SIZES = [(width, height) for width in (320, 480, 799, 800, 1280) for height in (256, 400, 640)]
RTL = ("ar", "he")
LANGUAGES = (
    tuple(languages()) if IS_LONG else ("ar", "bg", "de", "el", "fi", "fr", "he", "ja", "mt")
)
"""The longest texts and words, and one of each script; `scripts/test --faults` sees all."""
# What is wrong with the answers of a bar or dialog, and with the text above them.
HIDDEN = """const hidden = (root) => {
  const found = [];
  const bar = document.querySelector(root);
  for (const it of bar.querySelectorAll("[data-askfirst=answers] :is(button, a)")) {
    const { left, right, top, bottom, height } = it.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const name = it.dataset.askfirst ?? "policy";
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight || !it.contains(hit))
      found.push(`${name} is out of sight: ${[left, top, right, bottom].map(Math.round)}`);
    if (it.localName === "button" && it.scrollWidth > it.clientWidth) found.push(`${name} clipped`);
    if (height < (it.localName === "button" ? 44 : 24)) found.push(`${name} is ${height} high`);
  }
  const text = bar.querySelector("[data-askfirst=text]");
  if (text.clientHeight < 24) found.push(`a text of ${text.clientHeight} pixels`);
  if (text.scrollWidth > text.clientWidth) found.push("the text scrolls sideways");
  if (bar.scrollWidth > bar.clientWidth) found.push("it scrolls sideways");
  const { top } = bar.getBoundingClientRect();
  if (bar.localName !== "dialog" && top < 24) found.push("it covers the page");
  return found;
};"""
STYLED = f"""async ([root, styles]) => {{
  {HIDDEN}
  const sheet = document.head.appendChild(document.createElement("style"));
  const found = [];
  for (const style of styles) {{
    sheet.textContent = style;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    found.push(...hidden(root).map((it) => `${{style.slice(0, 6)}}: ${{it}}`));
  }}
  sheet.remove();
  return found;
}}"""
SEEN = """() => {
  const at = document.activeElement;
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return at === document.body || at.contains(hit) || Boolean(hit?.contains(at));
}"""


async def resize(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})


async def hidden(page: Page, root: str, sizes: Any = ZOOMED) -> list[str]:
    """Return what is wrong at each size: with text as it is, spaced out, and doubled."""
    found = []
    for size in sizes:
        await resize(page, size)
        wrong = await page.evaluate(STYLED, [root, ["*{}", SPACING, DOUBLED]])
        found += [f"{size} {it}" for it in wrong]
    return found


async def spoken(shown: Shown, page: Page, tag: str) -> None:
    """Open the page again in another language."""
    shown.lang, shown.direction = tag, "rtl" if tag in RTL else "ltr"
    await page.reload()


async def in_all_languages(stage: Stage, new_profile: NewProfile) -> tuple[Shown, Page]:
    site = await stage.site(languages=list(languages()), only_this_visit=True)
    shown = await stage.show(await new_profile(), site)
    return shown, await shown.asked(size=ZOOMED[0])


async def test_requirements_40_41_at_200_and_400_percent_every_answer_is_seen_in_each_language(
    stage: Stage, new_profile: NewProfile
):
    shown, page = await in_all_languages(stage, new_profile)
    found = {}
    for tag in LANGUAGES:
        await spoken(shown, page, tag)
        await expect(page.locator(BANNER)).to_be_visible()
        found[tag] = await hidden(page, BANNER)

    assert not {tag: faults for tag, faults in found.items() if faults}


@pytest.mark.parametrize("tag", ["bg", "he"])
async def test_requirement_40_every_answer_is_seen_in_every_size_with_a_list_of_changes_too(
    stage: Stage, new_profile: NewProfile, tag: str
):
    direction = "rtl" if tag in RTL else "ltr"
    facts = {"languages": ["en", tag], "only_this_visit": True}
    site = await stage.site(**facts)
    shown = await stage.show(await new_profile(), site, lang=tag, direction=direction)
    page = await shown.granted()
    new = policy(**facts, recipients=["A company that counts visits for others"])
    await stage.services.book.publish(site, new, asks_again=True)
    await page.reload()
    await expect(page.locator(f"{BANNER} h3")).to_have_count(1)

    assert await hidden(page, BANNER, SIZES) == []


async def test_requirement_40_in_small_windows_the_dialog_and_the_offer_to_erase_show_their_buttons(
    stage: Stage, new_profile: NewProfile
):
    async def withdrawn(route: Route) -> None:
        await route.fulfill(json={"choice": "withdrawn", "days": 180})

    shown, page = await in_all_languages(stage, new_profile)
    await resize(page, (1280, 800))
    async with page.expect_response("**/event"):
        await page.click(ACCEPT)
    kept = await shown.profile.cookies()
    await page.route("**/event", lambda route: route.abort())
    await page.route("**/consent", withdrawn)
    found = {}
    for tag in LANGUAGES:
        await shown.profile.clear_cookies()
        await shown.profile.add_cookies([{**kept[0]}])  # type: ignore[typeddict-item]
        await page.evaluate("sessionStorage.clear()")
        await spoken(shown, page, tag)
        await expect(page.locator(WITHDRAW)).to_be_visible()
        await page.evaluate("askfirst.consent.show()")
        await expect(page.locator(f"{DIALOG} [data-askfirst=withdraw]")).to_have_count(1)
        found[f"{tag} dialog"] = await hidden(page, DIALOG)
        await page.evaluate("document.querySelector('#askfirst-preferences').close()")
        await page.click(WITHDRAW)
        await expect(page.locator(ERASURE)).to_be_visible()
        found[f"{tag} erasure"] = await hidden(page, ERASURE)

    assert not {name: faults for name, faults in found.items() if faults}


async def test_a_failure_is_said_in_sight_in_a_small_window(stage: Stage, new_profile: NewProfile):
    page = await (await stage.show(await new_profile())).asked(size=ZOOMED[0])
    await page.route("**/consent", lambda route: route.fulfill(status=503, json={}))
    await page.click(ACCEPT)
    alert = page.locator(f"{BANNER} [role=alert]")
    await expect(alert).to_contain_text("could not be saved")

    await expect(alert).to_be_in_viewport()
    await expect(page.locator(REFUSE)).to_be_in_viewport(ratio=1)
    await expect(page.locator(ACCEPT)).to_be_in_viewport(ratio=1)


async def test_requirement_9_the_answers_have_one_size_where_their_labels_wrap_alike(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site(only_this_visit=True)
    for size in (*ZOOMED, (360, 740), (1280, 720)):
        page = await (await stage.show(await new_profile(), site)).asked(size=size)
        refuse, accept, once = [
            await page.locator(button).evaluate("it => [it.offsetWidth, it.offsetHeight]")
            for button in (REFUSE, ACCEPT, ONCE)
        ]
        assert refuse == accept
        assert once[0] == refuse[0]
        assert once[1] <= refuse[1] + 18  # one more line


async def test_text_that_scrolls_is_a_named_stop_of_the_keyboard_and_is_none_where_all_of_it_shows(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked(size=ZOOMED[0])
    text = page.locator(TEXT)
    group = page.get_by_role("group", name=texts_of("en")["banner"]["title"])
    await expect(group).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(text).to_be_focused()
    await page.keyboard.press("End")
    await page.wait_for_function(
        "at => at.scrollTop + at.clientHeight >= at.scrollHeight - 1",
        arg=await text.element_handle(),
    )
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.dataset.askfirst") == "refuse"
    await resize(page, (1280, 900))

    await expect(group).to_have_count(0)
    assert await text.evaluate("it => it.tabIndex") == -1


async def test_a_text_that_goes_on_below_its_edge_shows_it_until_its_end_is_reached(
    stage: Stage, new_profile: NewProfile
):
    async def edge(of: Page) -> bytes:
        """Return the pixels beside the last line: the text's own padding, where no letter is."""
        box = await of.locator(TEXT).bounding_box()
        assert box
        strip = {"x": box["x"] + 1, "y": box["y"] + box["height"] - 14, "width": 3, "height": 10}
        return await of.screenshot(clip=strip)  # type: ignore[arg-type]

    site = await stage.site()
    for scheme in ("light", "dark"):
        shown = await stage.show(await new_profile(color_scheme=scheme), site)
        page = await shown.asked(size=(360, 500))
        begun = await edge(page)
        await page.locator(TEXT).evaluate("it => it.scrollTo(0, it.scrollHeight)")
        await page.wait_for_timeout(250)
        assert await edge(page) != begun
    forced = await (await stage.show(await new_profile(forced_colors="active"), site)).asked(
        size=(360, 500)
    )
    dashed = "it => getComputedStyle(it).borderBottomStyle"
    assert await forced.locator(TEXT).evaluate(dashed) == "dashed"
    await resize(forced, (1280, 900))
    await expect(forced.locator(f"{TEXT}[role]")).to_have_count(0)

    assert await forced.locator(TEXT).evaluate(dashed) == "none"


async def test_requirement_37_at_400_percent_what_has_the_focus_is_seen_above_the_banner(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked(size=ZOOMED[0])
    for _ in range(20):
        await page.keyboard.press("Tab")
        assert await page.evaluate(SEEN), await page.evaluate("document.activeElement.outerHTML")

"""Requirements 33 to 46 in Chromium: keyboard, screen reader, enlarged text and colour schemes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from consent.policy.languages import texts_of
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    BOX,
    CLOSE,
    CONTROL,
    DETAILS,
    DIALOG,
    ERASURE,
    REFUSE,
    WITHDRAW,
    Shown,
    Stage,
)

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a",
  "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }))
  .violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200))}`)"""
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.shifts.push(value);
}).observe({ type: "layout-shift", buffered: true })"""
AT = "document.activeElement"
SEEN = """() => {
  const at = document.activeElement;
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return at === document.body || at.contains(hit) || Boolean(hit?.contains(at));
}"""
# Scrolls until the element lies where the status will appear; returns whether it does.
UNDER_STATUS = """(at) => {
  const status = document.querySelector("#askfirst-status");
  status.textContent = "Here it stands.";
  const place = status.getBoundingClientRect();
  status.textContent = "";
  scrollBy(0, at.getBoundingClientRect().top - place.top - 4);
  const { left, top, bottom } = at.getBoundingClientRect();
  return left + 4 < place.right && top < place.bottom && bottom > place.top;
}"""
CLIPPED = """(root) => [...document.querySelectorAll(`${root}, ${root} *`)]
  .filter((it) => ["hidden", "clip"].includes(getComputedStyle(it).overflowX)
    || it.scrollWidth > it.clientWidth + 1 && it.localName === "button")
  .map((it) => it.outerHTML.slice(0, 120))"""
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
SIZES = ((1280, 800), (320, 640))
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


async def resize(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds in both colour schemes and at both widths."""
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for size in SIZES:
            await resize(page, size)
            found += [f"{scheme} {size[0]}: {fault}" for fault in await page.evaluate(RUN)]
    await resize(page, SIZES[0])
    return found


@pytest.mark.parametrize("look", [("en", "ltr"), ("ar", "rtl")])
async def test_requirements_33_39_axe_finds_nothing_in_any_state_scheme_direction_and_width(
    stage: Stage, new_profile: NewProfile, look: tuple[str, str]
):
    profile = await new_profile()
    await profile.add_init_script(path=AXE)
    site = await stage.site(videos=True, only_this_visit=True)
    short = "<p>A short page.</p>"
    shown = await stage.show(profile, site, lang=look[0], direction=look[1], body=short)
    page = await shown.asked()
    found = {"banner": await violations(page)}
    await page.click(DETAILS)
    await page.click(f"{DIALOG} summary")
    found["dialog"] = await violations(page)
    await page.click(CLOSE)
    await page.click(ACCEPT)
    await expect(page.locator(WITHDRAW)).to_be_visible()
    found["control"] = await violations(page)
    await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()
    found["erasure"] = await violations(page)

    assert not any(found.values()), found


async def test_requirement_34_the_banner_is_a_named_region_and_only_the_dialog_is_modal(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    texts = texts_of("en")["banner"]
    await expect(page.get_by_role("region", name=texts["title"])).to_be_visible()
    assert await page.locator("[aria-modal]").count() == 0
    await page.click(DETAILS)
    await expect(page.get_by_role("dialog", name=texts["preferences"])).to_be_visible()

    assert await page.locator(f"{DIALOG}:modal").count() == 1


async def test_requirement_35_the_dialog_takes_keeps_and_gives_back_the_focus(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    await page.locator(DETAILS).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(CLOSE)).to_be_in_viewport()
    inside = f"document.querySelector('{DIALOG}').contains({AT})"
    for key in ["Tab"] * 20 + ["Shift+Tab"] * 20:
        assert await page.evaluate(inside), key
        await page.keyboard.press(key)
    await page.keyboard.press("Escape")
    await expect(page.locator(DIALOG)).to_have_count(0)

    assert await page.evaluate(f"{AT}.dataset.askfirst") == "preferences"


async def test_requirement_36_the_first_tab_leads_to_an_answer_and_after_the_last_comes_the_page(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    await page.keyboard.press("Tab")
    assert await page.evaluate(f"{AT}.dataset.askfirst") == "refuse"
    await page.locator(DETAILS).focus()
    await page.keyboard.press("Tab")

    assert await page.evaluate(f"{AT}.textContent") == "Part 0"


async def test_requirement_37_no_focused_element_lies_below_the_banner_or_the_control(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.asked(size=(800, 600))
    for _ in range(46):
        await page.keyboard.press("Tab")
        assert await page.evaluate(SEEN), await page.evaluate(f"{AT}.outerHTML")
    await page.click(REFUSE)
    await expect(page.locator(CONTROL)).to_be_visible()
    await page.locator("a", has_text="Part 20").focus()
    for _ in range(19):
        await page.keyboard.press("Tab")
        assert await page.evaluate(SEEN), await page.evaluate(f"{AT}.outerHTML")


async def test_requirement_37_what_came_of_the_choice_does_not_cover_a_focus_that_moved_on(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.asked(size=(800, 600))
    await page.clock.install(time=NOON)
    await page.clock.pause_at(NOON + timedelta(seconds=1))
    await page.click(REFUSE)
    link = page.locator("a", has_text="Part 35")
    await link.focus()
    covered = await link.evaluate(UNDER_STATUS)
    await page.clock.run_for(200)

    assert covered
    assert await page.locator("#askfirst-status").text_content()
    assert await page.evaluate(SEEN)


async def test_requirement_38_every_target_is_24_pixels_or_more(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile(), await stage.site(videos=True))).asked()
    await page.click(DETAILS)
    await expect(page.locator(DIALOG)).to_be_visible()
    targets = ":is(#askfirst-banner, #askfirst-preferences) :is(a, button, input, summary)"
    boxes: list[Any] = await page.locator(targets).evaluate_all(
        "all => all.map((it) => [it.outerHTML, it.offsetWidth, it.offsetHeight])"
    )

    assert len(boxes) > 8
    assert not [box for box in boxes if min(box[1:]) < 24]
    assert not [box for box in boxes if box[0].startswith("<button") and box[2] < 44]


async def test_requirement_40_at_400_percent_nothing_scrolls_sideways_and_both_answers_are_there(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site(videos=True, only_this_visit=True)
    for answer in (REFUSE, ACCEPT):
        page = await (await stage.show(await new_profile(), site)).asked(size=(320, 256))
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        box = await page.locator(BANNER).bounding_box()
        assert box is not None
        assert box["height"] < 256
        assert await page.locator(BANNER).evaluate("it => it.scrollWidth <= it.clientWidth")
        await page.locator(answer).scroll_into_view_if_needed()
        await expect(page.locator(answer)).to_be_in_viewport(ratio=1)
        await page.click(answer)
        await expect(page.locator(BANNER)).to_have_count(0)


async def test_requirement_41_spaced_and_doubled_text_is_not_clipped(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile(), await stage.site(videos=True))).asked()
    await page.add_style_tag(content=SPACING)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate(CLIPPED, BANNER) == []
    await page.click(DETAILS)
    await expect(page.locator(DIALOG)).to_be_visible()

    assert await page.evaluate(CLIPPED, DIALOG) == []


async def test_requirement_42_what_came_of_it_is_announced_and_the_focus_is_kept(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    for answer, said in ((REFUSE, "Nothing is recorded."), (ACCEPT, "Thank you.")):
        page = await (await stage.show(await new_profile(), site)).asked()
        await page.locator(answer).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text(said)
        assert await page.evaluate(f"{AT}.dataset.askfirst") == "control"


async def test_requirement_43_nothing_moves(stage: Stage, new_profile: NewProfile):
    page = await (await stage.show(await new_profile(reduced_motion="reduce"))).asked()
    await page.click(DETAILS)
    await expect(page.locator(DIALOG)).to_be_visible()

    assert await page.evaluate("document.getAnimations().length") == 0


async def test_requirement_44_in_forced_colours_buttons_have_edges_and_boxes_are_the_browsers_own(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile(forced_colors="active"))).asked()
    for button in (ACCEPT, REFUSE):
        edge = await page.locator(button).evaluate(
            "it => [getComputedStyle(it).borderTopWidth, getComputedStyle(it).borderTopStyle]"
        )
        assert edge == ["1px", "solid"]
    await page.click(DETAILS)
    box = page.locator(BOX.format("statistics"))

    assert await box.evaluate("it => getComputedStyle(it).appearance") == "auto"


async def test_requirement_46_right_to_left_is_mirrored_and_nothing_overlaps(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile(), lang="ar", direction="rtl")
    page = await shown.asked()
    boxes = {}
    for name in ("text", "refuse", "accept", "preferences"):
        boxes[name] = await page.locator(f"{BANNER} [data-askfirst={name}]").bounding_box()
    refuse, accept, text = boxes["refuse"], boxes["accept"], boxes["text"]
    assert refuse
    assert accept
    assert text
    assert refuse["x"] >= accept["x"] + accept["width"]
    assert text["x"] >= refuse["x"] + refuse["width"]


async def test_the_layout_never_shifts(stage: Stage, new_profile: NewProfile):
    profile = await new_profile()
    await profile.add_init_script(SHIFTS)
    page = await (await stage.show(profile)).asked()
    await page.mouse.wheel(0, 300)
    await page.click(ACCEPT)
    await expect(page.locator(WITHDRAW)).to_be_visible()
    await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()
    await page.wait_for_timeout(200)

    assert sum(await page.evaluate("window.shifts")) == 0


async def test_the_owners_colours_are_drawn(stage: Stage, new_profile: NewProfile):
    theme = {"button": "#7a0033", "button_text": "#ffffff", "background": "#fff8f0"}
    shown: Shown = await stage.show(await new_profile(), await stage.site(theme=theme))
    page = await shown.asked()
    drawn = "it => getComputedStyle(it).backgroundColor"

    assert await page.locator(ACCEPT).evaluate(drawn) == "rgb(122, 0, 51)"
    assert await page.locator(BANNER).evaluate(drawn) == "rgb(255, 248, 240)"

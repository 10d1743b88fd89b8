"""The list of visitors and one visitor's page in Chromium: on phones, on paper and by keyboard."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from askfirst.sites import Site
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_staff_rights import is_for_everybody, visited
from tests.browser.staff.test_wordings import LOOKS, TOO_WIDE, signed_in
from tests.browser.stage import Stage

CUT = """() => [...document.querySelectorAll('.people .one > *, .event > *, .log span, .pairs dd')]
    .filter((one) => {
        const box = one.getBoundingClientRect();
        return box.right > innerWidth || one.scrollWidth > one.clientWidth + 1 && one.clientWidth;
    })
    .map((one) => one.textContent);"""
"""Returns the elements that overflow the window or their own box."""

TOLD = """() => [...document.querySelector('.people .one').children]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
    .map((one) => one.innerText.replace(/\\s+/g, ' ').trim());"""
"""Returns the visible text of the first row."""


@pytest_asyncio.fixture(loop_scope="session")
async def people(stage: Stage, new_profile: NewProfile) -> AsyncIterator[tuple[Stage, Site, Page]]:
    """Yield a site with one visitor, and the owner's page at the list of visitors."""
    site, _ = await visited(stage, new_profile)
    page = await signed_in(stage, await new_profile(viewport={"width": 1280, "height": 900}))
    await page.goto(f"{stage.base}/sites/{site.key}/visitors")
    yield stage, site, page


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_the_pages_about_people_are_for_everybody_and_cut_nothing(
    people: tuple[Stage, Site, Page], look: tuple[int, int, str]
) -> None:
    _, _, page = people
    width, height, scheme = look
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme)
    await is_for_everybody(page)
    assert await page.evaluate(CUT) == []
    await page.click(".people .who a")
    await is_for_everybody(page)
    assert await page.evaluate(CUT) == []
    await page.click("#auditors summary")
    await is_for_everybody(page)


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
async def test_a_row_tells_the_same_at_every_width_and_on_paper(
    people: tuple[Stage, Site, Page], width: int
) -> None:
    _, _, page = people
    wide = await page.evaluate(TOLD)
    await page.set_viewport_size({"width": width, "height": 800})
    narrow = await page.evaluate(TOLD)
    assert not await page.evaluate(TOO_WIDE)
    await page.emulate_media(media="print")
    paper = await page.evaluate(TOLD)

    for told in (narrow, paper):
        for words in (word for cell in wide for word in cell.split()):
            assert words in " ".join(told) or words == "\N{EN DASH}"


async def test_paper_has_the_whole_table_and_dark_ink(people: tuple[Stage, Site, Page]) -> None:
    """An A4 sheet between its margins is as wide as a phone in landscape."""
    _, _, page = people
    await page.set_viewport_size({"width": 688, "height": 1016})
    await page.emulate_media(media="print", color_scheme="dark")
    shown = "getComputedStyle(document.querySelector('.people')).display"
    ink = "getComputedStyle(document.querySelector('.people b')).color"

    assert await page.evaluate(shown) == "table"
    assert await page.evaluate(ink) == "rgb(22, 32, 29)"
    assert len(await page.evaluate(TOLD)) == 7
    assert await page.evaluate(CUT) == []
    assert not await page.evaluate(TOO_WIDE)


async def test_all_of_a_row_is_the_link_to_the_visitor(people: tuple[Stage, Site, Page]) -> None:
    _, _, page = people
    for place in (".last", ".came", ".num"):
        await page.click(f".people .one {place} >> nth=0", force=True)
        await expect(page.locator("h1")).to_have_text("Chrome on Windows, Local network")
        await page.go_back()


async def test_the_list_and_the_page_work_by_keys_alone(people: tuple[Stage, Site, Page]) -> None:
    _, _, page = people
    await page.focus(".people thead th:last-child a")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.matches('.people .who a')")
    outline = "getComputedStyle(document.activeElement, '::after').outlineStyle"
    assert await page.evaluate(outline) == "solid"
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Chrome on Windows, Local network")

    await page.focus("text=Export or erase")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    for before in ("Note a request", "Enter a disclosure"):
        assert await page.evaluate("document.activeElement.textContent") == before
        await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Export as JSON"
    await page.focus("#auditors summary")
    await page.keyboard.press("Enter")
    await expect(page.locator("#auditors table").first).to_be_visible()


async def test_a_visit_is_a_timeline_that_begins_with_the_yes(
    people: tuple[Stage, Site, Page],
) -> None:
    _, _, page = people
    await page.click(".people .who a")
    lines = page.locator(".event .what")
    mark = "getComputedStyle(document.querySelector('.event.consent .mark')).backgroundColor"

    await expect(lines.first).to_contain_text("Said yes: Visit statistics")
    await expect(lines.nth(1)).to_contain_text("/")
    assert await page.evaluate(mark) == "rgb(11, 107, 95)"


async def test_a_choice_stays_a_filled_mark_in_forced_colours(
    people: tuple[Stage, Site, Page],
) -> None:
    _, _, page = people
    await page.emulate_media(forced_colors="active")
    await page.click(".people .who a")
    ground = "(one) => getComputedStyle(document.querySelector(one)).backgroundColor"
    choice = await page.evaluate(ground, ".event.consent .mark")

    assert choice != await page.evaluate(ground, ".event:not(.consent) .mark")
    assert choice != await page.evaluate(ground, "body")


async def test_where_nobody_came_the_page_says_what_to_do(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    page = await signed_in(stage, await new_profile(viewport={"width": 360, "height": 740}))
    await page.goto(f"{stage.base}/sites/{site.key}/visitors?period=all")
    await is_for_everybody(page)
    await page.click("text=See whether the tag is on your pages")
    await expect(page).to_have_url(f"{stage.base}/sites/{site.key}/install")


async def test_who_saw_a_visitor_stands_under_its_heading(
    people: tuple[Stage, Site, Page],
) -> None:
    _, _, page = people
    await page.click(".people .who a")
    heading = await page.locator("#seen").bounding_box()
    entry = await page.locator("#seen ~ .log li").first.bounding_box()

    assert heading is not None
    assert entry is not None
    assert entry["x"] == heading["x"]

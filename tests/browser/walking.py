"""A walk through pages by keyboard alone, whose states are looked at by axe and for their width."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Download, Locator, Page, expect

from tests.browser.conftest import NewProfile

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """tags => axe.run(document, {
  iframes: false, runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  .then(found => found.violations.map(({ id, nodes }) => [id, nodes.map(one => one.html)]))"""
SMALL = """() => [...document.querySelectorAll('.choose button')]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
  .map(one => one.outerHTML)"""
WIDTH = "document.documentElement.scrollWidth"
HEIGHTS = {360: 640, 1280: 800}
"""How high a phone is, and a desktop, by the width in CSS pixels."""
MOST_STOPS = 120


async def is_clean(page: Page, width: int) -> None:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await page.evaluate(VIOLATIONS, RULES) == []
    assert await page.evaluate(WIDTH) <= width
    assert await page.evaluate(SMALL) == []


@dataclass
class Walk:
    """A page of a width, which is walked through by keyboard."""

    page: Page
    width: int

    async def to(self, wanted: str, within: str = "") -> Locator:
        """Press Tab, from the start or from a part of the contents, until an element has focus."""
        if within:
            await self.press(f".contents a[href='#{within}']")
        for _ in range(MOST_STOPS):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate("it => document.activeElement.matches(it)", wanted):
                return self.page.locator(":focus")
        return pytest.fail(f"Tab does not reach {wanted}")

    async def press(self, wanted: str, key: str = "Enter", within: str = "") -> None:
        """Press a key on an element, and stay on the page."""
        await self.to(wanted, within)
        await self.page.keyboard.press(key)

    async def type(self, field: str, text: str, within: str = "") -> None:
        await self.to(field, within)
        await self.page.keyboard.type(text)

    async def go(self, wanted: str = "", within: str = "") -> None:
        """Press Enter on an element, or where the focus is, and wait for the page that follows."""
        if wanted:
            await self.to(wanted, within)
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await self.page.keyboard.press("Enter")

    async def sees(self, element: str, text: str, *, new: bool = True) -> None:
        """Read what is said where the page stands; axe looks at a state that is `new`."""
        said = self.page.locator(element).first
        await expect(said).to_contain_text(text)
        await expect(said).to_be_in_viewport()
        if new:
            await is_clean(self.page, self.width)

    async def does(
        self, act: str, element: str, text: str, within: str = "", *, new: bool = True
    ) -> None:
        """Press the button of an act, and read what is said then."""
        await self.go(f"button[value={act}]", within)
        await self.sees(element, text, new=new)

    async def saves(self, act: str, within: str = "") -> Download:
        async with self.page.expect_download() as waiting:
            await self.press(f"button[value={act}]", within=within)
        return await waiting.value


async def new_walk(new_profile: NewProfile, width: int) -> Walk:
    """Begin a walk in a fresh profile."""
    profile = await new_profile(viewport={"width": width, "height": HEIGHTS[width]})
    return Walk(await profile.new_page(), width)

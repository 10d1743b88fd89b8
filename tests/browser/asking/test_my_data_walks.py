"""Two walks by keyboard alone through the visitor's own page, each on a phone and on a desktop."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from askfirst.clock import DAY_MS, system_clock
from askfirst.rules.corrections import HIDDEN
from consent.my_data.taking import taking
from tests.browser.asking.test_my_data import address, agreed
from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop
from tests.browser.stage import ACCEPT, CONTROL, DIALOG
from tests.browser.walking import HEIGHTS, Walk, is_clean, new_walk
from tests.consent.my_data.held_files import shut

OWN_PAGE = f"{DIALOG} [data-askfirst=my-data]"
STEPS = ".visit summary"
DAYS_AGO = 60
both_widths = pytest.mark.parametrize("width", HEIGHTS)


def _noon() -> int:
    return system_clock() // DAY_MS * DAY_MS + DAY_MS // 2


class Days:
    """A clock that goes from noon, weeks ago at first; days pass when it is told to."""

    def __init__(self) -> None:
        self._behind = system_clock() - _noon() + DAYS_AGO * DAY_MS

    def __call__(self) -> int:
        return system_clock() - self._behind

    def pass_a_day(self) -> None:
        self._behind -= DAY_MS


@dataclass
class Calendar:
    """A shop, and the clock that its server reads."""

    shop: Shop
    clock: Days

    async def opens(self, page: Page, path: str) -> str:
        """Read a page of the website, leave it, and let a day pass; return the day that it was.

        A page that stays open sends what it measured on the day on which it is left.
        """
        day = self.typed_day()
        await page.goto(self.shop.page(path))
        await page.goto(address(self.shop, "/policy"))
        await self.has("engagement", path)
        self.clock.pass_a_day()
        return day

    def typed_day(self) -> str:
        """Return the site's present day as it is typed."""
        now = datetime.fromtimestamp(self.clock() / 1000, ZoneInfo(self.shop.site.time_zone))
        return f"{now:%m%d%Y}"

    async def has(self, kind: str, path: str) -> None:
        """Wait until an event of a page is recorded."""
        for _ in range(240):
            if (kind, path) in {(row["kind"], row["path"]) for row in await self.shop.rows()}:
                return
            await asyncio.sleep(0.25)  # reading the rows takes as long
        pytest.fail(f"{kind} of {path} is not recorded")

    async def paths(self) -> set[str]:
        """Return the paths of which anything is recorded of the visitor or of nobody."""
        return {row["path"] for row in await self.shop.rows()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calendar]:
    clock = Days()
    async with open_shop(tmp_path_factory.mktemp("shop"), clock) as shop:
        yield Calendar(shop, clock)


@pytest_asyncio.fixture(loop_scope="session")
async def calendar(running: Calendar) -> Calendar:
    """Return the one shop with a new site."""
    await running.shop.move_to_a_new_site()
    return running


async def opened_from_the_banner(calendar: Calendar, walk: Walk) -> tuple[Walk, str]:
    """Say yes in the banner, visit on four days, and open one's own page from the control.

    Returns the walk through that page, and the second day.
    """
    page = walk.page
    await page.goto(calendar.shop.page())
    await walk.press(ACCEPT)
    await calendar.has("page_view", "/")
    await calendar.opens(page, "/articles/tide-tables")
    second = await calendar.opens(page, "/articles/knots")
    await calendar.opens(page, "/events")
    await page.goto(calendar.shop.page("/support"))
    await calendar.has("page_view", "/support")
    await walk.press(CONTROL)
    async with page.expect_popup() as opening:
        await walk.press(OWN_PAGE)
    return Walk(await opening.value, walk.width), second


async def takes_a_large_file(walk: Walk, shop: Shop) -> None:
    """See a file being made in a page that stands still, look again, save it, and go back."""
    with pytest.MonkeyPatch.context() as patch, shut(shop) as gate:
        patch.setattr(taking, "MOST_AT_ONCE", 0)
        await walk.go("button[value=take]", "take")
        await walk.sees("h2#state", "Your file is being made")
        progress = walk.page.frame_locator("iframe.progress")
        await expect(progress.locator("progress")).to_be_visible()
        link = await walk.to(".state p a")
        gate.opens.set()
        await expect(progress.locator("a")).to_have_text("Your file is ready")
        await expect(link).to_be_focused()
    await walk.go()
    await walk.sees("h2#state", "Your file is ready")
    assert (await walk.saves("save")).suggested_filename.endswith(".zip")
    await walk.go(".state p a")


async def erases_everything(walk: Walk) -> None:
    """Press what erases everything, once."""
    await walk.go(".state button[value=erase]")
    await walk.sees("h2#state", "Everything is erased")


@both_widths
async def test_law_6_by_keyboard_a_visitor_reads_corrects_takes_restricts_and_erases(
    calendar: Calendar, new_profile: NewProfile, tmp_path: Path, width: int
):
    start = await new_walk(new_profile, width)
    walk, second = await opened_from_the_banner(calendar, start)
    page = walk.page
    await walk.sees("h2#state", "Your visits are being recorded", new=False)
    assert await page.locator("script").count() == 0
    await walk.press(STEPS)
    await expect(page.locator(".visit details[open] .steps")).to_contain_text("/support")
    await walk.press(".raw summary")
    await expect(page.locator(".raw table").first).to_be_visible()
    await walk.press("#history summary")
    await expect(page.locator("#history .wording")).to_contain_text("privacy@shop.test")
    await walk.press("#derived summary", within="derived")
    await is_clean(page, width)
    await walk.type("select[name=to]", "Taiwan")
    await walk.type("select[name=visit]", "All")
    await walk.go("button[value=correct]")
    await expect(page.locator("h2#state")).to_have_text("It is corrected")
    await expect(page.locator("#derived li")).to_contain_text("Taiwan")
    await is_clean(page, width)

    await walk.press(STEPS)
    await walk.go("button[name=event]")
    await expect(page.locator("#derived")).to_contain_text("You hid a page.")
    await walk.press(STEPS)
    await walk.go("button[value=not_me]")
    await expect(page.locator("#derived")).to_contain_text("You said that a visit was not yours.")
    await expect(page.locator(".visit")).to_have_count(3)
    await walk.press(STEPS)
    await walk.does("erase_visit", "h2#state", "It is erased")
    await expect(page.locator(".visit")).to_have_count(2)
    assert (await calendar.paths()).isdisjoint({"/events", "/support"})

    assert (await walk.saves("take", "take")).suggested_filename.endswith(".zip")
    await takes_a_large_file(walk, calendar.shop)
    await walk.does("restrict", "#restrict .notice", "The use has been restricted", "restrict")
    await walk.does("lift", "#restrict", "Restrict", "restrict", new=False)
    await expect(page.locator("#restrict .notice")).to_have_count(0)
    await walk.type("input[name=first]", second, within="erase")
    await walk.type("input[name=last]", second)
    await walk.does("erase_days", "h2#state", "It is erased", new=False)
    assert await calendar.paths() == {HIDDEN, "/", "/articles/tide-tables"}
    await erases_everything(walk)
    await (await walk.saves("certificate")).save_as(tmp_path / "erased.jsonld")
    certificate = json.loads((tmp_path / "erased.jsonld").read_text(encoding="utf-8"))
    assert certificate["dct:identifier"] in await page.content()
    assert await calendar.paths() == {HIDDEN}


@both_widths
async def test_law_6_by_keyboard_the_code_opens_the_page_adds_a_browser_and_ends_all_access(
    calendar: Calendar, new_profile: NewProfile, width: int
):
    mine, other = [await (await new_profile()).new_page() for _ in range(2)]
    codes = []
    for browser in (mine, other):
        await agreed(browser, calendar.shop)
        codes.append(await browser.inner_text(".own-code"))
    walk = await new_walk(new_profile, width)
    page = walk.page
    await page.goto(address(calendar.shop, "/my-data", "?lang=en"))
    await walk.type("#code", "7K2PM-0XQ4T-9WZ1B-C3D5E")
    await walk.go()
    await walk.sees("#unknown", "")
    await expect(page.locator("#code")).to_be_focused()
    await page.keyboard.type(codes[0].lower())
    await walk.go()
    await walk.sees("h2#state", "Your visits are being recorded", new=False)
    assert await page.context.cookies() == []
    assert codes[0] not in page.url

    await walk.type("#other", codes[1], within="another")
    await walk.go()
    await walk.sees("#joined", "The other browser was added.")
    await walk.does("lost", "h2#lost-h", "End all access?", "lost")
    await walk.does("lost_now", "h2#ended", "Access to this page was ended")
    for browser in (mine, other):
        await browser.goto(address(calendar.shop, "/my-data"))
        await expect(browser.locator("h2#ended")).to_be_visible()

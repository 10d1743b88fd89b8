"""The choices page in Chromium: on phones, on paper, by keyboard, and checked by axe-core."""

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from askfirst.clock import DAY_MS
from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import ChoiceCounts
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import LOOKS, TOO_WIDE, axe, signed_in
from tests.browser.stage import Stage
from tests.factories import StoppedClock

DAYS = 29
EACH_DAY = (("loaded", 60), ("shown", 40), ("accepted", 20), ("refused", 12), ("withdrawn", 1))
LONG_PATH = "/articles/" + "a-path-that-is-as-long-as-people-make-them-" * 2
ROWS = ".ledger[aria-labelledby=by-time] th[scope=row]"
BEYOND = """() => [...document.querySelectorAll('.ledger td, .ledger th')]
    .filter((cell) => cell.offsetParent)
    .filter((cell) => cell.getBoundingClientRect().right > window.innerWidth + 1
        || cell.scrollWidth > cell.clientWidth + 1)
    .map((cell) => cell.textContent)"""
"""Returns the cells that overflow the page or are cut off."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(stage: Stage) -> Site:
    """Return a site whose visitors were asked on each of the last days except one."""
    made = await stage.site()
    clock = StoppedClock(stage.services.clock())
    counts = ChoiceCounts(stage.services.ledger, clock, smallest=1)
    for day in range(DAYS):
        if day != 3:
            for kind, times in EACH_DAY:
                for n in range(times):
                    known = kind not in ("loaded", "withdrawn")
                    page = LONG_PATH if n % 2 else "/"
                    counts.add(made.id, kind, page, "en" if known else "", 1 if known else 0)
        clock.now -= DAY_MS
    await counts.flush()
    return made


async def open_page(stage: Stage, site: Site, new_profile: NewProfile, **options: object) -> Page:
    page = await signed_in(stage, await new_profile(**options))
    await page.goto(f"{stage.base}/sites/{site.key}/choices")
    return page


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    stage: Stage, site: Site, new_profile: NewProfile, width: int, height: int, scheme: str
) -> None:
    size = {"width": width, "height": height}
    page = await open_page(
        stage, site, new_profile, viewport=size, color_scheme=scheme, bypass_csp=True
    )

    assert await axe(page) == []
    assert not await page.evaluate(TOO_WIDE)
    assert await page.evaluate(BEYOND) == []


@pytest.mark.parametrize("width", [768, 900, 1000])
async def test_no_column_is_lost_between_phone_and_desktop(
    stage: Stage, site: Site, new_profile: NewProfile, width: int
) -> None:
    page = await open_page(stage, site, new_profile, viewport={"width": width, "height": 900})

    assert not await page.evaluate(TOO_WIDE)
    assert await page.evaluate(BEYOND) == []


async def test_older_days_come_by_keyboard_and_without_scripts(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await open_page(stage, site, new_profile, java_script_enabled=False)
    shown = page.locator(ROWS).locator("visible=true")
    before = await shown.count()
    await page.get_by_role("link", name="days more").focus()
    await page.keyboard.press("Enter")

    await expect(shown).to_have_count(DAYS - 1)
    assert before < DAYS - 1
    await expect(page.get_by_role("link", name="days more")).to_have_count(0)


async def test_on_paper_every_day_and_every_column_stands(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await open_page(stage, site, new_profile, viewport={"width": 688, "height": 1000})
    await page.emulate_media(media="print", color_scheme="dark")

    await expect(page.locator(ROWS).locator("visible=true")).to_have_count(DAYS - 1)
    heads = page.locator(".ledger[aria-labelledby=by-time] thead th").locator("visible=true")
    await expect(heads).to_have_count(9)
    assert await page.evaluate(BEYOND) == []
    assert await page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 29)"


async def test_the_tables_stand_on_one_grid(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await open_page(stage, site, new_profile)
    places = await page.evaluate(
        """() => [...document.querySelectorAll('.ledger')].map(({ rows }) =>
            [...rows[0].cells].map((cell) => Math.round(cell.getBoundingClientRect().left)))"""
    )

    assert len(places) == 4
    assert all(one == places[0] for one in places)


async def test_a_row_has_one_left_edge_on_phones(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await open_page(stage, site, new_profile, viewport={"width": 360, "height": 740})
    row = page.locator(".ledger[aria-labelledby=by-time] tbody tr").first

    edges = await row.evaluate(
        """(row) => [row.cells[0], row.cells[1]].map((cell) =>
            cell.getBoundingClientRect().left + parseFloat(getComputedStyle(cell).paddingLeft))"""
    )

    assert edges[0] == edges[1]

"""Staff's pages in Chromium: header, chart, cards, paper and forced colours."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from askfirst.sites import Site
from server.demo.generated_visits import VisitGenerator
from server.demo.goals import add_goals
from server.demo.rights import note_requests
from tests.browser.conftest import NewProfile
from tests.browser.crowding import CROWDED
from tests.browser.staff.test_wordings import faults, signed_in
from tests.browser.stage import Stage

VISITS = 90
REPORTS = {
    "overview": "",
    "hours": "?period=7d&by=hour",
    "bounce rate": "?metric=bounce_rate&against=year",
    "two years": "?period=custom&from=2024-12-11&to=2026-11-26",
    "list": "?show=pages",
    "campaigns": "?show=campaign-terms&period=90d",
    "events": "?show=events&period=90d&where=event_name,is,donate",
    "goals": "/goals?period=90d",
    "goal": "/goals/1?period=90d",
    "goal form": "/goals/1/edit",
    "funnels": "/goals/funnels?period=90d",
    "funnel form": "/goals/funnels/1/edit",
    "lost": "/goals/funnels/1/visitors?step=1&period=90d",
    "visitors": "/visitors?period=90d",
    "paths": "/paths?period=90d",
    "used paths": "/paths?period=90d&show=used",
    "return": "/return?period=90d",
    "choices": "/choices?period=90d",
    "records": "/records",
    "requests": "/requests",
    "request": "/requests/1",
    "disclosures": "/disclosures",
    "install": "/install",
    "settings": "/settings",
    "recording": "/recording",
    "rules": "/rules",
    "mail": "/mail",
    "not recorded": "/not-recorded?period=90d",
    "API keys": "/api-keys",
    "now": "/now",
    "files": "/files?period=90d",
    "speed": "/speed?period=90d",
    "scroll": "/scroll?period=90d",
    "coverage": "/coverage?period=90d",
    "segments": "/segments",
    "compared": "/compare?period=90d",
    "notes": "/notes",
    "chart": "/charts/hours?period=90d",
    "sharing": "/sharing",
    "check": "/consent-check",
    "delete": "/delete",
}
OTHERS = {
    "sites": "/?all",
    "across": "/across",
    "definitions": "/definitions",
    "keys": "/keys",
    "new": "/sites/new",
    "account": "/account",
    "log": "/account/log",
    "error": "/x",
}
PAPERS = (794, 688)
"""How wide A4 is in pixels, and A4 within its margins."""
OUTSIDE = """() => [...document.querySelectorAll('main *')]
  .filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    return width > 1 && style.visibility !== 'hidden' && !one.closest('.sr, [hidden]')
      && !one.closest('svg')?.parentElement.closest('svg')
      && (left < -1 || right > document.documentElement.clientWidth + 1);
  })
  .map((one) => one.outerHTML.slice(0, 120))"""
CUT = """() => [...document.querySelectorAll('main *')]
  .filter((one) => ['hidden', 'auto', 'scroll', 'clip'].includes(getComputedStyle(one).overflowX)
    && one.scrollWidth > one.clientWidth + 1 && !one.closest('.sr, svg, iframe, textarea, input'))
  .map((one) => one.outerHTML.slice(0, 120))"""
CONTROLS = """() => [...document.querySelectorAll(
    'header, nav a:not([aria-current]), button, summary')]
  .filter((one) => one.getClientRects().length && !one.closest('details[open]'))
  .map((one) => one.outerHTML.slice(0, 120))"""
ROWS = """() => new Set([...document.querySelectorAll('.top-in > *')]
  .map((one) => one.getBoundingClientRect())
  .map(({ top, bottom }) => Math.round((top + bottom) / 2))).size"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(stage: Stage) -> Site:
    """Return a site with ninety days of visits and of the banner's counts."""
    made = await stage.site()
    async for _ in VisitGenerator(stage.services, made, VISITS).days():
        pass
    await stage.rows(made)
    await add_goals(stage.services, made)
    await note_requests(stage.services, made, "owner@example.org")
    for kind, times in (("loaded", 300), ("shown", 90), ("accepted", 40), ("refused", 30)):
        for _ in range(times):
            stage.services.counts.add(made.id, kind, "/", "en", 1)
    return made


async def opened(
    stage: Stage, new_profile: NewProfile, path: str, width: int = 1280, **options: object
) -> Page:
    profile = await new_profile(viewport={"width": width, "height": 900}, **options)
    page = await signed_in(stage, profile)
    await page.goto(f"{stage.base}{path}")
    return page


@pytest.mark.parametrize(("width", "rows"), [(1280, 1), (992, 1), (768, 2), (360, 2)])
async def test_the_header_has_one_row_on_wide_screens_and_two_on_narrow_ones(
    stage: Stage, site: Site, new_profile: NewProfile, width: int, rows: int
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}", width)

    assert await page.evaluate(ROWS) == rows
    for tab in ("Overview", "Goals", "Visitors", "Choices", "Setup"):
        shown = page.locator(".tabs > *", has_text=re.compile(rf"^\s*{tab}"))
        box = await shown.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


async def test_without_javascript_menus_lead_to_other_sites_to_setup_and_out(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    other = await stage.services.book.add(
        "Zebra & Co", ("z.test",), "UTC", stage.services.book.policy(site).content
    )
    page = await opened(stage, new_profile, f"/sites/{site.key}", 360, java_script_enabled=False)
    await page.click(".site > summary")
    await page.click("text=Zebra & Co")

    assert page.url == f"{stage.base}/sites/{other.key}"
    await page.click("text=Setup")
    await page.click(".tabs >> text=Settings")
    assert page.url == f"{stage.base}/sites/{other.key}/settings"
    setup = page.locator(".tabs summary", has_text="Setup")
    await expect(setup).to_have_attribute("aria-current", "true")
    await page.click(".account > summary")
    await page.click("text=Sign out")
    assert page.url == f"{stage.base}/sign-in"


async def test_every_page_of_staff_is_clean_in_axe_not_too_wide_and_on_paper_light_and_whole(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    """Each page is loaded once and then shown at each size and in each scheme, as a user would."""
    page = await opened(stage, new_profile, "/")
    paths = {name: f"/sites/{site.key}{path}" for name, path in REPORTS.items()} | OTHERS
    found: dict[object, list[str]] = {}
    for name, path in paths.items():
        await page.emulate_media(media="screen")
        await page.goto(f"{stage.base}{path}")
        found[name] = await faults(page)
        for width in PAPERS:
            found[name, width] = await on_paper(page, width)
        found[name, "from right to left"] = await from_right_to_left(page)

    assert {where: said for where, said in found.items() if said} == {}


async def from_right_to_left(page: Page) -> list[str]:
    """Return what is too wide, leaves its panel or lies over something else on a phone."""
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.emulate_media(media="screen", color_scheme="light")
    found = await page.evaluate(CROWDED)
    await page.evaluate("document.documentElement.dir = 'rtl'")
    return [*found, *(await page.evaluate(CROWDED))]


async def on_paper(page: Page, width: int) -> list[str]:
    """Return what is dark, cut off or a control on the paper of somebody whose scheme is dark."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(media="print", color_scheme="dark")
    body = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = await page.evaluate("getComputedStyle(document.body).color")
    dark = [one for one in (body, ink) if one not in ("rgb(255, 255, 255)", "rgb(22, 32, 29)")]
    return dark + [one for asked in (OUTSIDE, CUT, CONTROLS) for one in await page.evaluate(asked)]


@pytest.mark.parametrize("width", [1280, 768, 360])
async def test_the_readout_says_the_step_above_the_line_by_pointer_and_by_keys(
    stage: Stage, site: Site, new_profile: NewProfile, width: int
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}", width)
    await page.locator("[data-chart]").scroll_into_view_if_needed()
    chart, readout = page.locator("[data-chart]"), page.locator("#readout")
    key = await readout.inner_text()
    box = await chart.bounding_box()
    above = await readout.bounding_box()
    assert box
    assert above
    assert above["y"] + above["height"] <= box["y"]

    await page.mouse.move(box["x"] + 1, box["y"] + 50)
    first = await readout.inner_text()
    assert re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \w{3} \d+", first)
    assert re.search(r"\d+ visitors", first)
    assert "in the period before" in first
    assert await page.locator("[data-chart] .cross").count() == 1
    assert await chart.bounding_box() == pytest.approx(box, abs=0.5)
    await page.mouse.move(5, 5)
    assert await readout.inner_text() == key
    assert await page.locator("[data-chart] .cross").count() == 0

    await chart.focus()
    await page.keyboard.press("ArrowRight")
    last = await readout.inner_text()
    assert "so far" in last
    await page.keyboard.press("ArrowLeft")
    assert await chart.get_attribute("aria-valuenow") == "28"
    assert "so far" not in await readout.inner_text()
    await page.keyboard.press("Home")
    assert await readout.inner_text() == first
    said = await chart.get_attribute("aria-valuetext")
    assert said
    assert said.startswith(first.split("\n")[0])
    await page.keyboard.press("Escape")
    assert await readout.inner_text() == key


async def test_an_overview_loads_two_small_scripts_and_nothing_after_them(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    loaded: dict[str, int] = {}
    page = await opened(stage, new_profile, "/?all")
    page.on("response", lambda answer: loaded.update({answer.url: answer.status}))
    await page.goto(f"{stage.base}/sites/{site.key}", wait_until="networkidle")
    await page.hover("[data-chart]")
    scripts = [url for url in loaded if ".js" in url]

    names = sorted(url.split("?")[0].rsplit("/", 1)[1] for url in scripts)
    assert names == ["dashboard.js", "keys.js"]
    assert sum([len(await (await page.request.get(one)).body()) for one in scripts]) < 12_000
    assert not [url for url in loaded if not url.startswith(stage.base)]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
async def test_a_tab_of_a_card_shows_its_list(
    stage: Stage, site: Site, new_profile: NewProfile, javascript: bool
) -> None:
    path = f"/sites/{site.key}?period=90d"
    page = await opened(stage, new_profile, path, java_script_enabled=javascript)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/sites/" in one.url else None)
    card = page.locator("#card-pages")
    assert await card.locator("caption").all_text_contents() == ["Pages"]
    await card.locator("nav >> text=Exit").click()

    await expect(card.locator("caption")).to_have_text("Exit pages")
    await expect(card.locator("nav [aria-current]")).to_have_text("Exit")
    assert len(asked) == 1
    assert ("card=pages" in asked[0]) is javascript
    await page.locator("#card-people nav >> text=Languages").click()
    await expect(page.locator("#card-people caption")).to_have_text("Languages")
    for chosen in ("pages=exit-pages", "people=languages", "period=90d"):
        assert chosen in page.url
    await expect(card.locator("caption")).to_have_text("Exit pages")


async def test_a_whole_list_shows_five_figures_on_wide_screens_and_the_chosen_one_on_phones(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    path = f"/sites/{site.key}?period=90d&show=pages"
    page = await opened(stage, new_profile, path)
    heads = page.locator(".figures-of thead th:visible")
    assert await heads.count() == 8
    await page.set_viewport_size({"width": 360, "height": 800})
    assert [text.split()[0] for text in await heads.all_inner_texts()] == [
        "Page",
        "Views",
        "Change",
    ]
    await page.click(".measures summary")
    await page.click(".measures >> text=Engaged")

    assert [text.split()[0] for text in await heads.all_inner_texts()] == [
        "Page",
        "Engaged",
        "Change",
    ]
    assert "sort=engaged" in page.url


UNSEEN = """() => [...document.querySelectorAll("main td")].filter((cell) =>
  cell.innerHTML.trim() && !cell.closest("details:not([open])") && !cell.checkVisibility()
).map((cell) => cell.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("path", ["/goals", "/requests"])
async def test_on_phones_a_table_hides_no_figure_and_gives_a_name_the_whole_width(
    stage: Stage, site: Site, new_profile: NewProfile, path: str
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}{path}?period=90d", 360)
    names = page.locator(".phone-cards tbody th:visible")
    widths = await names.evaluate_all("all => all.map((it) => it.clientWidth)")

    assert await page.evaluate(UNSEEN) == []
    assert widths
    assert min(widths) > 250


async def test_on_paper_a_table_has_all_its_columns_but_that_of_buttons(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}/records", 688)
    heads = """() => [...document.querySelectorAll('main thead th')]
      .filter((one) => one.getClientRects().length).map((one) => one.innerText)"""
    on_screen = await page.evaluate(heads)
    await page.emulate_media(media="print")

    assert await page.evaluate(heads) == on_screen[:-1]
    assert on_screen[-1] == "Whose"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_in_forced_colours_what_is_current_and_every_bar_is_seen(
    stage: Stage, site: Site, new_profile: NewProfile, scheme: str
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}", color_scheme=scheme)
    await page.emulate_media(forced_colors="active", color_scheme=scheme)
    outlined = """(what) => [...document.querySelectorAll(what)]
      .filter((one) => one.getClientRects().length)
      .map((one) => getComputedStyle(one.closest('.figure') || one).outlineStyle)"""
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    colours = """(what) => [...document.querySelectorAll(what)].map((one) => {
      const { fill, stroke } = getComputedStyle(one);
      return stroke === 'none' ? fill : stroke;
    })"""

    current = await page.evaluate(outlined, "main [aria-current], .tabs > [aria-current]")
    assert len(current) >= 6
    assert set(current) == {"solid"}
    for drawn in (".stripe rect", ".list .lane rect", ".draw .now", ".draw .was", ".draw .base"):
        seen = await page.evaluate(colours, drawn)
        assert seen, drawn
        assert ground not in seen, drawn
    assert len(set(await page.evaluate(colours, ".stripe rect"))) == 3
    assert len(set(await page.evaluate(colours, ".grades rect"))) == 3


async def test_a_menu_closes_when_the_focus_leaves_it(
    stage: Stage, site: Site, new_profile: NewProfile
) -> None:
    page = await opened(stage, new_profile, f"/sites/{site.key}")
    menu = page.locator("details.menu.site")
    await menu.locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await menu.get_attribute("open") is not None
    for _ in range(await menu.locator("a").count()):
        await page.keyboard.press("Tab")

    assert await menu.get_attribute("open") is None

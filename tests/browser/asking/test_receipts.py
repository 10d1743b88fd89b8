"""A visitor's receipt in Chromium: shown, saved as a file, and checked offline."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from consent.receipts.certificate import certificate
from consent.receipts.site_keys import SiteKeys
from consent.rights.erasure import ErasureReceipt
from consent.rights.parts import OneVisit
from server.startup.keys import load_seed
from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """tags => axe.run(document, {
  runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  .then(found => found.violations.map(({ id, nodes }) => [id, nodes.map(one => one.html)]))"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


def address(shop: Shop, path: str, query: str = "") -> str:
    return f"http://127.0.0.1:{shop.ports['server']}{path}/{shop.site.key}{query}"


async def accept(page: Page, shop: Shop) -> None:
    await page.goto(address(shop, "/choice"))
    await page.click("button[value=accept_all]")


async def download(page: Page, shop: Shop) -> str:
    await page.goto(address(shop, "/receipt"))
    async with page.expect_download() as waiting:
        await page.click(".actions button")
    kept = await (await waiting.value).path()
    return await asyncio.to_thread(kept.read_text, "utf-8")


def certificate_of(shop: Shop) -> str:
    seed = load_seed(shop.services.settings.data_folder)
    receipt = ErasureReceipt("0" * 32, 1_790_000_000_000, 1, part=OneVisit("a"))
    return json.dumps(certificate(receipt, shop.site, SiteKeys(seed)))


async def check(page: Page, text: str) -> str:
    # Typing a long text through DevTools takes seconds, so it is set at once as by pasting.
    await page.eval_on_selector("#receipt", "(area, text) => { area.value = text }", text)
    await page.click(".paste button")
    await page.wait_for_selector(".verdict:not(:empty)")
    return await page.inner_text("#verdict")


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_receipt_is_shown_kept_and_checked_with_and_without_javascript(
    shop: Shop, new_profile: NewProfile, javascript: bool
):
    page = await (await new_profile(java_script_enabled=javascript)).new_page()
    await accept(page, shop)
    text, erased = await download(page, shop), certificate_of(shop)
    for pasted, verdict in (
        (text, "The signature is right: this receipt"),
        (erased, "The signature is right: this certificate"),
        (erased.replace('"visit"', '"everything"', 1), "The signature is wrong"),
        (text.replace("statistics", "everything", 1), "The signature is wrong"),
        ('{"proof": {}}', "The signature is wrong"),
        ("no receipt", "This is not a receipt"),
    ):
        await page.goto(address(shop, "/verify"))
        assert (await check(page, pasted)).startswith(verdict)


async def test_a_receipt_is_checked_in_the_browser_while_it_is_offline(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await profile.new_page()
    await accept(page, shop)
    text = await download(page, shop)
    await page.goto(address(shop, "/verify"))
    await profile.set_offline(True)
    seen: list[str] = []
    # The browser may ask for the page's icon at any time; that is not part of the check.
    icon = await page.get_attribute("link[rel=icon]", "href")
    page.on("request", lambda request: request.url.endswith(icon) or seen.append(request.url))
    assert (await check(page, text)).startswith("The signature is right")
    assert await page.evaluate("document.activeElement.id") == "verdict"
    for name in ("proofValue", "verificationMethod", "dct:created", "dpv:hasName"):
        changed = text.replace(f'"{name}": "', f'"{name}": "z', 1)
        assert changed != text
        await page.evaluate("document.getElementById('verdict').textContent = ''")
        assert (await check(page, changed)).startswith("The signature is wrong"), name
    assert seen == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_requirement_33_axe_finds_nothing_on_the_pages_of_receipts(
    shop: Shop, new_profile: NewProfile, scheme: str, language: str
):
    """Every state is checked at 320 CSS pixels, where nothing may scroll sideways either."""
    viewport = {"width": 320, "height": 640}
    page = await (await new_profile(color_scheme=scheme, viewport=viewport)).new_page()
    await page.goto(address(shop, "/receipt", f"?lang={language}"))
    await is_clean(page)
    await accept(page, shop)
    await page.goto(address(shop, "/receipt", f"?lang={language}"))
    await is_clean(page)
    await page.goto(address(shop, "/verify", f"?lang={language}"))
    await is_clean(page)
    await check(page, "no receipt")
    await is_clean(page)


async def is_clean(page: Page) -> None:
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    assert await page.evaluate(VIOLATIONS, RULES) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    for box in [await one.bounding_box() for one in await page.query_selector_all("button")]:
        assert box["height"] >= 44

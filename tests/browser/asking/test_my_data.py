"""The visitor's own page in Chromium: each state of it, its languages, and its file offline."""

import io
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop
from tests.browser.walking import is_clean

OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


def address(shop: Shop, path: str, query: str = "") -> str:
    return f"http://127.0.0.1:{shop.ports['server']}{path}/{shop.site.key}{query}"


async def agreed(page: Page, shop: Shop, query: str = "") -> None:
    """Say yes by the form, and open the page, which the cookie opens."""
    await page.goto(address(shop, "/choice"))
    await page.click("button[value=accept_all]")
    await page.goto(address(shop, "/my-data", query))


async def visits(page: Page, shop: Shop) -> None:
    """Read a page of the website, whose events are shipped, and come back."""
    await page.goto(shop.page())
    for _ in range(50):
        if await shop.rows():
            break
        await page.wait_for_timeout(100)
    await page.goto(address(shop, "/my-data"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 320), ("dark", 1280)])
async def test_requirement_33_axe_finds_nothing_on_the_page_in_any_of_its_states(
    shop: Shop, new_profile: NewProfile, scheme: str, width: int
):
    language = "ar" if scheme == "dark" else "en"
    viewport = {"width": width, "height": 640}
    page = await (await new_profile(color_scheme=scheme, viewport=viewport)).new_page()
    await page.goto(address(shop, "/my-data", f"?lang={language}"))
    await is_clean(page, width)
    await page.fill("#code", "7K2PM-0XQ4T-9WZ1B-C3D5E")
    await page.click(".code button")
    await is_clean(page, width)
    await agreed(page, shop, f"?lang={language}")
    if language == "en":
        await visits(page, shop)
        await page.evaluate(OPEN_ALL)
        await page.evaluate("document.querySelector('.correct').noValidate = true")
        await page.click("button[value=correct] >> nth=0")
        await is_clean(page, width)
    await page.evaluate(OPEN_ALL)
    await is_clean(page, width)
    await page.click("button[value=erase] >> nth=0")
    await is_clean(page, width)


async def test_the_language_of_the_page_changes_without_losing_whose_it_is(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile()).new_page()
    await agreed(page, shop)
    code = await page.inner_text(".own-code")
    await page.click(".languages summary")
    await page.click(".languages button[lang=de]")

    assert await page.get_attribute("html", "lang") == "de"
    assert await page.inner_text(".own-code") == code


async def test_law_6_the_file_is_saved_and_opens_without_a_network(
    shop: Shop, new_profile: NewProfile, tmp_path: Path
):
    profile = await new_profile()
    page = await profile.new_page()
    await agreed(page, shop)
    async with page.expect_download() as waiting:
        await page.click("button[value=take]")
    saved = await waiting.value
    kept = tmp_path / "mine.zip"
    await saved.save_as(kept)
    with zipfile.ZipFile(io.BytesIO(kept.read_bytes())) as folder:
        folder.extract("page.html", tmp_path)
    await profile.set_offline(True)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    await page.goto((tmp_path / "page.html").as_uri())

    assert re.fullmatch(r"my-data-[0-9a-f]+-\d{4}-\d\d-\d\d\.zip", saved.suggested_filename)
    await expect(page.locator("h2#manifest")).to_be_visible()
    assert seen == [(tmp_path / "page.html").as_uri()]

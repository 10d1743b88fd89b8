"""Without JavaScript a page requests nothing of us, and a choice is made on the form page."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

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


def form_page(shop: Shop, host: str = "127.0.0.1", query: str = "") -> str:
    return f"http://{host}:{shop.ports['server']}/choice/{shop.site.key}{query}"


def asked_of_us(page: Page, shop: Shop) -> list[str]:
    seen: list[str] = []
    port = f":{shop.ports['server']}/"

    def note(request: Any) -> None:
        if port in request.url:
            seen.append(f"{request.method} /{request.url.split(port)[1].partition('?')[0]}")

    page.on("request", note)
    return seen


async def press(page: Page, button: str) -> str | None:
    await page.click(f"button[value={button}]")
    return await page.get_attribute("[data-state]", "data-state")


async def cookies(page: Page) -> list[str]:
    return [cookie["value"] for cookie in await page.context.cookies()]


async def test_requirement_52_a_page_without_javascript_asks_us_for_nothing(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile(java_script_enabled=False)).new_page()
    seen = asked_of_us(page, shop)
    for path in ("/", "/articles/knots"):
        await page.goto(shop.page(path))
        await page.wait_for_timeout(200)
    assert seen == []
    assert await cookies(page) == []


async def test_requirement_52_the_form_gives_refuses_and_withdraws_without_javascript(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile(java_script_enabled=False)).new_page()
    seen, before = asked_of_us(page, shop), await shop.rows()
    await page.goto(form_page(shop))
    assert await page.get_attribute("[data-state]", "data-state") == "none"
    assert await cookies(page) == []

    assert await press(page, "refuse") == "refused"
    assert await cookies(page) == ["no"]
    assert await press(page, "accept_all") == "granted"
    (token,) = await cookies(page)
    assert shop.services.tokens.read(token).site_id == shop.site.id
    assert await press(page, "withdraw") == "withdrawn"
    assert await cookies(page) == ["no"]
    assert await press(page, "erase") == "erased"

    path = f"/choice/{shop.site.key}"
    own = {f"GET {path}", f"POST {path}", "GET /static/css/public.css", "GET /static/icon.svg"}
    assert set(seen) <= own
    assert await shop.rows() == before


async def test_requirement_52_the_script_keeps_to_the_choice_of_the_form(
    shop: Shop, new_profile: NewProfile
):
    """With JavaScript, pages obey the form: a yes records without asking, a no records nothing."""
    before = len(await shop.rows())
    plain = await new_profile(java_script_enabled=False)
    form = await plain.new_page()
    await form.goto(form_page(shop))
    await press(form, "accept_all")

    page = await (await new_profile(storage_state=await plain.storage_state())).new_page()
    async with page.expect_response("**/event") as sent:
        await page.goto(shop.page())
    assert (await sent.value).status == 202
    assert await page.query_selector("#askfirst-banner") is None

    await press(form, "withdraw")
    page = await (await new_profile(storage_state=await plain.storage_state())).new_page()
    await page.goto(shop.page())
    await page.wait_for_selector("#askfirst-control")
    assert await page.query_selector("#askfirst-banner") is None
    assert len(await shop.rows()) == before + 1


async def test_on_a_foreign_host_the_page_says_where_to_choose(shop: Shop, new_profile: NewProfile):
    page = await (await new_profile(java_script_enabled=False)).new_page()
    await page.goto(form_page(shop, "askfirst.elsewhere.test"))
    assert await page.query_selector("form") is None
    assert "on another host" in await page.inner_text(".notice")


async def test_on_a_host_of_the_same_domain_the_visitors_page_is_known_by_the_link(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile(java_script_enabled=False)).new_page()
    origin = shop.page("", "cousin")
    await page.goto(form_page(shop, "askfirst.shop.test"), referer=f"{origin}/")
    assert await press(page, "refuse") == "refused"
    (cookie,) = await page.context.cookies()
    assert (cookie["domain"], cookie["value"]) == (".shop.test", "no")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_requirement_33_axe_finds_nothing_on_the_form_page(
    shop: Shop, new_profile: NewProfile, scheme: str, language: str
):
    """Before and after a yes, at 320 CSS pixels, where nothing may scroll sideways either."""
    viewport = {"width": 320, "height": 640}
    page = await (await new_profile(color_scheme=scheme, viewport=viewport)).new_page()
    await page.goto(form_page(shop, query=f"?lang={language}"))
    for button in (None, "accept_all", "withdraw"):
        if button:
            await press(page, button)
        await page.evaluate(AXE.read_text(encoding="utf-8"))
        assert await page.evaluate(VIOLATIONS, RULES) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        for box in [await one.bounding_box() for one in await page.query_selector_all("button")]:
            assert box["height"] >= 44

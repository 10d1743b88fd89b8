"""A server under a path in Chromium: setup, choice, report, receipt and withdrawal."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, Route, expect

from reports.sites.setup import make_setup_link
from tests.browser.conftest import NewProfile
from tests.browser.stage import ACCEPT, BANNER, WITHDRAW, Stage, open_stage

BASE = "/askfirst"
OWNER = {"email": "owner@example.org", "password": "a quiet river by the old mill"}
SITE = {
    "name": "Harbour",
    "hosts": "127.0.0.1",
    "controller": "Harbour",
    "contact": "a@harbour.test",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("path"), path=BASE) as opened:
        yield opened


class Watched:
    """A page, and those of its requests to the server that failed or lie outside the path."""

    def __init__(self, stage: Stage, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self._base = stage.base
        page.on("request", self._asked)
        page.on("response", lambda one: one.status >= 400 and self.wrong.append(one.url))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self._base}/", "data:", f"{self._origin}/shop")):
            self.wrong.append(request.url)

    @property
    def _origin(self) -> str:
        return self._base.removesuffix(BASE)


async def test_all_that_people_do_works_under_a_path(stage: Stage, new_profile: NewProfile) -> None:
    origin = stage.base.removesuffix(BASE)
    staff = Watched(stage, await (await new_profile()).new_page())
    page = staff.page
    await page.goto(
        f"{stage.base}{await make_setup_link(stage.services.ledger, stage.services.clock)}"
    )
    for name, value in {**OWNER, **SITE}.items():
        await page.fill(f"[name={name}]", value)
    await page.click("button[type=submit]")
    await expect(page.locator("#first-visit")).to_contain_text("Waiting for the first visit")
    tag = await page.input_value("#snippet")
    assert f'src="{stage.base}/tag.js"' in tag

    async def shop(route: Route) -> None:
        html = f"<!doctype html><html lang=en><title>Shop</title>{tag}<h1>Shop</h1>"
        await route.fulfill(body=html, content_type="text/html")

    profile = await new_profile()
    await profile.route(f"{origin}/shop", shop)
    visitor = Watched(stage, await profile.new_page())
    await visitor.page.goto(f"{origin}/shop")
    policy = visitor.page.locator(f"{BANNER} a")
    assert (await policy.first.get_attribute("href") or "").startswith(f"{stage.base}/policy/")
    async with visitor.page.expect_response("**/event") as recorded:
        await visitor.page.click(ACCEPT)
    assert (await recorded.value).status == 202
    (cookie,) = await profile.cookies()
    assert cookie["path"] == "/"

    await expect(page.locator("#first-visit")).to_contain_text("Visits are being recorded")
    await stage.services.shipper.ship_all()
    await page.click("text=Open the overview")
    await expect(page.locator("[data-chart]")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await page.click("nav >> text=Visitors")
    await page.click(".people-box a, main a[href*='/visitors/']")
    await expect(page.locator("h1")).to_be_visible()
    assert "/shop" in await page.inner_text("main")

    key = page.url.split("/sites/")[1].split("/")[0]
    receipt = Watched(stage, await profile.new_page())
    await receipt.page.goto(f"{stage.base}/receipt/{key}")
    async with receipt.page.expect_download() as kept:
        await receipt.page.click(".actions button")
    with (await (await kept.value).path()).open(encoding="utf-8") as file:
        assert f"{stage.base}/choice" in json.dumps(json.load(file))

    async with visitor.page.expect_response("**/consent") as withdrawn:
        await visitor.page.click(WITHDRAW)
    assert (await withdrawn.value).status == 200
    assert staff.wrong == visitor.wrong == receipt.wrong == []

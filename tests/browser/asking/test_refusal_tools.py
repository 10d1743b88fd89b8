"""Tools that refuse for the visitor run our rules in Chromium, autoconsent by its own engine."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop

PACKAGE = Path(__file__).parents[3] / "node_modules" / "@duckduckgo" / "autoconsent"
ENGINE = PACKAGE / "dist" / "autoconsent.playwright.js"
BANNER = "#askfirst-banner"
QUIET = dict.fromkeys(
    ("lifecycle", "rulesteps", "detectionsteps", "evals", "errors", "messages", "waits"), False
)
CONFIG = {
    "enabled": True,
    "autoAction": "optOut",
    "disabledCmps": [],
    "enablePrehide": False,
    "enableCosmeticRules": False,
    "enableGeneratedRules": False,
    "enableHeuristicDetection": False,
    "detectRetries": 40,
    "isMainWorld": True,
    "prehideTimeout": 2000,
    "logs": QUIET,
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


class Tool:
    """A refusal tool in a page; it answers the engine as the browser extension does."""

    def __init__(
        self,
        page: Page,
        rules: dict[str, Any],
        action: str,
        config: dict[str, Any] | None = None,
    ) -> None:
        self._page = page
        self._rules = rules
        self._config = {**CONFIG, "autoAction": action, **(config or {})}
        self.results: dict[str, Any] = {}
        self.done = asyncio.Event()

    async def install(self) -> None:
        await self._page.expose_function("autoconsentSendMessage", self.hear)
        await self._page.add_init_script(path=ENGINE)

    async def hear(self, message: dict[str, Any]) -> None:
        """Handle a message from the engine; `done` is set once it has acted or given up."""
        kind = message["type"]
        if kind == "init":
            await self.tell({"type": "initResp", "config": self._config, "rules": self._rules})
        if kind == "eval":
            result = await self._page.evaluate(message["code"])
            await self.tell({"type": "evalResp", "id": message["id"], "result": result})
        if kind.endswith("Result"):
            self.results[kind] = message["result"]
        gave_up = kind == "report" and message["state"]["lifecycle"] == "nothingDetected"
        if gave_up or kind in ("autoconsentDone", "optInResult", "autoconsentError"):
            self.done.set()

    async def tell(self, message: dict[str, Any]) -> None:
        await self._page.evaluate("message => window.autoconsentReceiveMessage(message)", message)


async def used(shop: Shop, page: Page, rules: dict[str, Any], action: str = "optOut") -> Tool:
    tool = Tool(page, rules, action)
    await tool.install()
    await page.goto(shop.page())
    async with asyncio.timeout(60):
        await tool.done.wait()
    return tool


async def served(page: Page, shop: Shop, name: str) -> Any:
    answer = await page.request.get(f"http://127.0.0.1:{shop.ports['server']}/rules/{name}.json")
    return await answer.json()


async def cookies(page: Page) -> list[str]:
    return [cookie["value"] for cookie in await page.context.cookies()]


async def test_requirement_50_autoconsent_refuses_with_our_rule(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile()).new_page()
    rule = await served(page, shop, "autoconsent")
    tool = await used(shop, page, {"autoconsent": [rule]})

    assert tool.results["optOutResult"] is True
    await page.wait_for_selector(BANNER, state="detached")
    assert await cookies(page) == ["no"]
    await tool.tell({"type": "selfTest"})
    assert tool.results["selfTestResult"] is True
    assert await shop.rows() == []
    assert set(await shop.tally()) == {"refused"}


SHOWS = """({ presentMatcher, showingMatcher }) => {
  const found = ({ type, target }) => {
    const element = type === "css" && document.querySelector(target.selector);
    return element && (!target.displayFilter || element.offsetHeight > 0);
  };
  return presentMatcher.every(found) && showingMatcher.every(found);
}"""
ACT = """({ type, target }) => {
  const element = document.querySelector(target.selector);
  if (type === "hide") element.style.opacity = "0";
  if (type === "click") element.click();
}"""


async def test_requirement_50_consent_o_matics_rule_refuses(shop: Shop, new_profile: NewProfile):
    """The steps follow Consent-O-Matic's README, as it is published as an extension only."""
    page = await (await new_profile()).new_page()
    rule = (await served(page, shop, "consent-o-matic"))["askfirst"]
    await page.goto(shop.page())
    await page.wait_for_selector(BANNER)
    (detector,) = rule["detectors"]
    assert await page.evaluate(SHOWS, detector)

    for method in rule["methods"]:
        await page.evaluate(ACT, method["action"])

    await page.wait_for_selector(BANNER, state="detached")
    assert await cookies(page) == ["no"]
    await page.reload()
    await page.wait_for_selector("#askfirst-control")
    assert not await page.evaluate(SHOWS, detector)


async def test_requirement_51_a_rule_that_clicks_accept_gets_no_yes(
    shop: Shop, new_profile: NewProfile
):
    page = await (await new_profile()).new_page()
    rule = await served(page, shop, "autoconsent")
    accept = f"{BANNER} [data-askfirst=accept]"
    rule = {**rule, "optIn": [{"waitForThenClick": accept}]}
    await used(shop, page, {"autoconsent": [rule]}, action="optIn")

    await page.wait_for_timeout(300)
    assert await page.is_visible(BANNER)
    assert await cookies(page) == []
    assert set(await shop.tally()) <= {"refused"}

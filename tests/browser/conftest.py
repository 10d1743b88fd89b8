"""A real Chromium for the browser tests: one browser per session, a fresh profile per test."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.stage import Stage, open_stage

HERE = Path(__file__).parent
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
# Hosts that end in .test are this machine, so that a page and a tag can have different hosts;
# every other name is unknown, so that no test can leave the machine.
NAMES_KNOWN = "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
# What a profile says it is does not reach the requests of a page that is being left.
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Safari/537.36"
)
# Chromium heeds the last such list alone, so the first lines are Playwright's own. For each window
# the omnibox loads two pages that nobody sees: a third of what a profile costs.
WITHOUT = (
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
)
FLAGS = [
    f"--disable-features={','.join(WITHOUT)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    f"--host-resolver-rules={NAMES_KNOWN}",
    f"--user-agent={AGENT}",
    "--disable-blink-features=AutomationControlled",  # reports leave out what a program steers
]

# What is expected comes at once; the seconds that Playwright waits pass on a machine at work.
expect.set_options(timeout=60_000)
PATIENCE_MS = 120_000

NewProfile = Callable[..., Awaitable[BrowserContext]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder `browser`, and run them on the event loop of the browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def executable() -> str | None:
    """Return the path of CHROMIUM or of the browser on the PATH; None means Playwright's own."""
    found = (shutil.which(name) for name in EXECUTABLES)
    return os.environ.get("CHROMIUM") or next(filter(None, found), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Yield the running Chromium."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_profile(browser: Browser) -> AsyncIterator[NewProfile]:
    """Yield a function that opens a fresh profile: no cookie, no storage, no cache.

    It takes Playwright's context options and looks like a current desktop Chrome.
    """
    opened: list[BrowserContext] = []
    user_agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{browser.version.partition('.')[0]}.0.0.0 Safari/537.36"
    )

    async def open_profile(**options: Any) -> BrowserContext:
        profile = await browser.new_context(**{"user_agent": user_agent, **options})
        profile.set_default_timeout(PATIENCE_MS)
        opened.append(profile)
        return profile

    yield open_profile
    for profile in opened:
        await profile.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_profile: NewProfile) -> Page:
    """Return a page in a fresh profile."""
    profile = await new_profile()
    return await profile.new_page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Yield one running server, on which each test creates its own site."""
    async with open_stage(tmp_path_factory.mktemp("stage")) as opened:
        yield opened

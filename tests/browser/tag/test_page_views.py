"""Page views in Chromium: each is recorded once, whatever happens to the page meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, Response, Route, expect

from askfirst.sites import Site
from tests.browser.conftest import FLAGS, NewProfile, executable
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    BOX,
    CONTROL,
    ERASURE,
    PATHS,
    REFUSE,
    SAVE,
    WITHDRAW,
    Shown,
    Stage,
)
from tests.browser.website import Website, open_website

SENDER = "**/granted.js*"
HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  dispatchEvent(new Event("visibilitychange"));
  delete document.hidden;
}"""


async def accepted(stage: Stage, new_profile: NewProfile, **look: str) -> Shown:
    """Return the pages of a site that the visitor has accepted on `/stage/one`."""
    shown = await stage.show(await new_profile(), **look)
    page = await shown.granted()
    await page.close()
    return shown


async def viewed(shown: Shown) -> list[str]:
    """Return the paths of the site's page views, oldest first."""
    return await views_of(shown.stage, shown.site)


async def views_of(stage: Stage, site: Site) -> list[str]:
    return [row["path"] for row in await stage.rows(site) if row["kind"] == "page_view"]


async def test_a_view_that_was_sent_by_a_hidden_page_and_again_by_the_sender_is_one_row(
    stage: Stage, new_profile: NewProfile
):
    shown = await accepted(stage, new_profile)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await shown.profile.route(SENDER, hold, times=1)
    page = await shown.page("two", until="commit")
    await expect(page.locator(WITHDRAW)).to_be_visible()
    for _ in range(2):
        async with page.expect_response("**/event"):
            await page.evaluate(HIDE)
    async with page.expect_response("**/event"):
        held.set()

    assert await viewed(shown) == ["/stage/one", "/stage/two"]


async def test_where_the_sender_is_blocked_nothing_is_recorded_and_the_control_still_withdraws(
    stage: Stage, new_profile: NewProfile
):
    shown = await accepted(stage, new_profile, body=PATHS.format("next"))
    faults: list[str] = []
    await shown.profile.route(SENDER, lambda route: route.abort())
    page = await shown.page("two")
    page.on("pageerror", lambda error: faults.append(str(error)))
    await expect(page.locator(WITHDRAW)).to_be_visible()
    await page.wait_for_load_state()
    shown.requests.clear()
    await page.evaluate("history.pushState({}, '', '/stage/three')")
    await page.click("a[href='/stage/next']")
    await page.wait_for_url("**/next")
    async with page.expect_response("**/consent") as withdrawing:
        await page.click(WITHDRAW)

    assert (await withdrawing.value).ok
    assert await viewed(shown) == ["/stage/one"]
    assert "POST /event" not in shown.requests
    assert faults == []


LINKS = "".join(f"<p><a href='/{name}'>{name}</a></p>" for name in ("one", "two", "three"))
NAMES = ("one", "two", "three")


@asynccontextmanager
async def website(stage: Stage, site: Site, script: str = "") -> AsyncIterator[Website]:
    """Serve three pages straight to the browser, without interception."""
    pages = {
        f"/{name}": (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stage</title>'
            f'<link rel="icon" href="data:,"><script async src="/tag.js" data-site="{site.key}">'
            f"</script></head><body><main><h1>{name}</h1>{LINKS}</main>{script}</body></html>"
        )
        for name in NAMES
    }
    async with open_website(stage.base, pages) as served:
        yield served


def viewing(response: Response) -> bool:
    return "page_view" in (response.request.post_data or "")


async def accept(page: Page) -> None:
    async with page.expect_response(viewing):
        await page.click(ACCEPT)


async def test_a_link_that_is_clicked_before_the_sender_is_there_costs_no_page_view(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, site) as served:
        await page.goto(f"{served.base}/one")
        await accept(page)
        held = served.held["/granted.js"] = asyncio.Event()
        client = await page.context.new_cdp_session(page)
        await client.send("Network.setCacheDisabled", {"cacheDisabled": True})
        await page.goto(f"{served.base}/two", wait_until="commit")
        await expect(page.locator(WITHDRAW)).to_be_visible()
        await page.click("a[href='/three']", no_wait_after=True)
        await page.wait_for_url("**/three", wait_until="commit")
        held.set()
        async with page.expect_response(viewing):
            await page.reload()

    assert (await views_of(stage, site))[:2] == ["/one", "/two"]
    assert (await views_of(stage, site)).count("/two") == 1


FILTERS = """() => {
  for (const q of ["?q=b", "?q=bo", "?q=book"]) history.replaceState({}, "", q);
  history.pushState({}, "", "?page=2");
  history.pushState({}, "", location.pathname);
  location.hash = "below";
}"""
WITHOUT_NAVIGATION = "Object.defineProperty(window, 'navigation', { value: undefined })"
# Routers as written for the Navigation API: one leaves everything to the browser, one also writes
# the history itself, and one listens to clicks and to the browser.
ROUTERS = {
    "intercepts": """<script>
      navigation.addEventListener("navigate", (event) => event.intercept({
        async handler() { document.querySelector("h1").textContent = location.pathname.slice(1) },
      }));
    </script>""",
    "intercepts and replaces the state": """<script>
      navigation.addEventListener("navigate", (event) => {
        if (event.navigationType === "replace") return;
        event.intercept({
          async handler() {
            history.replaceState({ shown: 1 }, "", location.href);
            document.querySelector("h1").textContent = location.pathname.slice(1);
          },
        });
      });
    </script>""",
    "intercepts and pushes": """<script>
      navigation.addEventListener("navigate", (event) => event.intercept({
        async handler() { document.querySelector("h1").textContent = location.pathname.slice(1) },
      }));
      addEventListener("click", (event) => {
        if (!event.target.href) return;
        event.preventDefault();
        history.pushState({}, "", event.target.href);
      });
    </script>""",
}


@pytest.mark.parametrize("router", ROUTERS)
async def test_a_navigation_that_a_page_intercepts_is_one_view(
    stage: Stage, new_profile: NewProfile, router: str
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, site, ROUTERS[router]) as served:
        await page.goto(f"{served.base}/one")
        await accept(page)
        for name in ("two", "three"):
            async with page.expect_response(viewing):
                await page.click(f"a[href='/{name}']")
            await expect(page.locator("h1")).to_have_text(name)
        async with page.expect_response(viewing):
            await page.evaluate("history.back()")
        await expect(page.locator("h1")).to_have_text("two")
        await page.evaluate(FILTERS)
        async with page.expect_response(viewing):
            await page.evaluate("navigation.navigate('/one?q=book')")

    assert await views_of(stage, site) == ["/one", "/two", "/three", "/two", "/one"]


@pytest.mark.parametrize("navigation", [True, False])
async def test_a_changed_query_is_no_view_and_a_changed_path_is_one(
    stage: Stage, new_profile: NewProfile, navigation: bool
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    if not navigation:
        await page.add_init_script(WITHOUT_NAVIGATION)
    async with website(stage, site) as served:
        await page.goto(f"{served.base}/one?utm_source=mail")
        await accept(page)
        await page.evaluate("history.replaceState({}, '', '/one')")
        await page.evaluate(FILTERS)
        async with page.expect_response(viewing):
            await page.evaluate("history.pushState({}, '', '/two?q=book')")
        async with page.expect_response(viewing):
            await page.evaluate("history.go(-1)")
        rows = [row for row in await stage.rows(site) if row["kind"] == "page_view"]

    assert [(row["path"], row["utm_source"]) for row in rows] == [
        ("/one", "mail"),
        ("/two", ""),
        ("/one", ""),
    ]


async def test_a_page_that_is_loaded_anew_is_a_new_view(stage: Stage, new_profile: NewProfile):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, site) as served:
        await page.goto(f"{served.base}/one")
        await accept(page)
        async with page.expect_response(viewing):
            await page.reload()

    assert await views_of(stage, site) == ["/one", "/one"]


@asynccontextmanager
async def remembering(browser: Browser) -> AsyncIterator[Page]:
    """Yield a page of a Chromium that has its back/forward cache on."""
    started = await browser.browser_type.launch(
        executable_path=executable(),
        args=FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    version = browser.version.partition(".")[0]
    agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{version}.0.0.0"
    page = await started.new_page(user_agent=f"{agent} Safari/537.36")
    try:
        yield page
    finally:
        await started.close()


async def go_back(page: Page) -> None:
    """Go back to a page, and check that it comes from the back/forward cache."""
    await page.evaluate("setTimeout(() => history.back())")
    await page.wait_for_function("window.left === true")


async def go_on(page: Page, name: str) -> None:
    await page.evaluate("window.left = true")
    await page.click(f"a[href='/{name}']")
    await expect(page.locator("h1")).to_have_text(name)


async def accept_go_on_and_withdraw(page: Page, served: Website) -> None:
    """Accept on the first page, be recorded on the second, and withdraw there."""
    await page.goto(f"{served.base}/one")
    await accept(page)
    async with page.expect_response(viewing):
        await go_on(page, "two")
    async with page.expect_response("**/consent"):
        await page.click(WITHDRAW)


async def test_a_page_that_was_left_unanswered_counts_once_when_one_comes_back_with_a_yes(
    stage: Stage, browser: Browser
):
    site = await stage.site()
    async with website(stage, site) as served, remembering(browser) as page:
        await page.goto(f"{served.base}/one")
        await expect(page.locator(BANNER)).to_be_visible()
        await go_on(page, "two")
        await accept(page)
        async with page.expect_response(viewing):
            await go_back(page)
        await expect(page.locator(WITHDRAW)).to_be_visible()
        async with page.expect_response(viewing):
            await go_on(page, "three")
        async with page.expect_response(viewing):
            await go_back(page)

    assert await views_of(stage, site) == ["/two", "/one", "/three", "/one"]


async def test_law_5_a_page_from_the_memory_knows_of_a_withdrawal_and_sends_nothing(
    stage: Stage, browser: Browser
):
    site = await stage.site()
    async with website(stage, site) as served, remembering(browser) as page:
        await accept_go_on_and_withdraw(page, served)
        await go_back(page)
        await expect(page.locator(WITHDRAW)).to_have_count(0)
        await page.evaluate("history.pushState({}, '', '/three')")
        await page.evaluate("new Promise((done) => setTimeout(done, 100))")

    assert await views_of(stage, site) == ["/one", "/two"]


async def test_a_page_from_the_memory_erases_no_yes_that_was_withdrawn_and_kept_meanwhile(
    stage: Stage, browser: Browser
):
    site = await stage.site()
    async with website(stage, site) as served, remembering(browser) as page:
        await accept_go_on_and_withdraw(page, served)
        await page.click(f"{ERASURE} [data-askfirst=keep]")
        await page.click(CONTROL)
        await page.check(BOX.format("statistics"))
        async with page.expect_response(viewing):
            await page.click(SAVE)
        async with page.expect_response(viewing):
            await go_back(page)
        await page.wait_for_timeout(1500)  # longer than the interval of `tabs.js`

    assert await views_of(stage, site) == ["/one", "/two", "/two", "/one"]


async def test_law_1_a_page_from_the_memory_sends_nothing_after_a_refusal_elsewhere(
    stage: Stage, browser: Browser
):
    site = await stage.site()
    async with website(stage, site) as served, remembering(browser) as page:
        await page.goto(f"{served.base}/one")
        await expect(page.locator(BANNER)).to_be_visible()
        await go_on(page, "two")
        await page.click(REFUSE)
        await go_back(page)
        await expect(page.locator(BANNER)).to_have_count(0)

    assert await views_of(stage, site) == []

"""What happens on a page in Chromium: reading, links, forms, own events, frames, delivery."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Response, expect

from askfirst.sites import Site
from tests.browser.conftest import NewProfile
from tests.browser.stage import ACCEPT, WITHDRAW, Stage
from tests.browser.website import Website, open_website, page_of

MOMENT = 600  # milliseconds, in which events are sent that are sent together

THINGS = """
<p><a id="next" href="/next">Next</a> <a id="mail" href="mailto:a@b.example?subject=x">Mail</a></p>
<p><svg width="90" height="30"><a href="/drawn"><text id="drawn" y="20">Drawn</text></a></svg></p>
<div id="shadow"></div>
<button id="own" data-askfirst-event="signup" data-askfirst-prop-plan="free">Own</button>
<form id="newsletter"><input name="mail" value="a@b.example"><button id="send">Send</button></form>
<script>
  shadow.attachShadow({ mode: "open" }).innerHTML = '<a href="/files/a.pdf">Shadow</a>';
  for (const name of ["click", "auxclick"])
    addEventListener(name, (event) => {
      if (!/^(next|send)$/.test(event.target.id)) event.preventDefault();
    });
  newsletter.addEventListener("submit", (event) => event.preventDefault());
</script>"""
TALL = '<div style="height: 4000px"></div>'
FRAME = f'{TALL}<iframe src="/framed" title="Framed"></iframe>'
FRAMED = "<!doctype html><title>Framed</title><script async src='/tag.js' data-site='{}'></script>"


@asynccontextmanager
async def website(stage: Stage, site: Site) -> AsyncIterator[Website]:
    """Serve the pages of these tests straight to the browser, without interception."""
    bodies = {"/start": THINGS, "/next": "Next", "/tall": TALL, "/frame": FRAME}
    pages = {path: page_of(site, body) for path, body in bodies.items()}
    pages["/framed"] = FRAMED.format(site.key)
    async with open_website(stage.base, pages) as served:
        yield served


def viewing(response: Response) -> bool:
    return "page_view" in (response.request.post_data or "")


async def accept(page: Page, address: str) -> None:
    await page.goto(address)
    async with page.expect_response(viewing):
        await page.click(ACCEPT)


async def rows_of(stage: Stage, site: Site, *kinds: str) -> list[dict[str, Any]]:
    return [row for row in await stage.rows(site) if row["kind"] in kinds]


BUSY = """() => document.querySelector('#own').addEventListener('click', () => {
  const until = performance.now() + 60;
  while (performance.now() < until);
})"""
"""Makes a click take so long that the browser measures it: those under 16 ms it does not tell."""


async def test_every_kind_of_link_a_form_and_an_own_event_are_recorded_once_though_sent_twice(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, site) as served:
        await accept(page, f"{served.base}/start")
        await page.evaluate(BUSY)
        await page.click("#own")
        await page.click("#newsletter button")
        await page.click("#drawn")
        await page.click("#mail")
        await page.click("#shadow a", button="middle")
        await page.focus("#next")
        async with page.expect_response(viewing) as resending:
            await page.keyboard.press("Enter")
        again = (await resending.value).request.post_data or ""
        await page.wait_for_timeout(MOMENT)
        rows = await rows_of(stage, site, "link_click", "form_submit", "custom_event")

    assert '"link_click"' in again
    found = [row["form"] or row["event_name"] or row["link_url"].rpartition("/")[2] for row in rows]
    assert sorted(zip((row["kind"] for row in rows), found, strict=True)) == [
        ("custom_event", "signup"),
        ("form_submit", "newsletter"),
        ("link_click", "a.pdf"),
        ("link_click", "drawn"),
        ("link_click", "mailto:a@b.example"),
        ("link_click", "next"),
    ]
    view, *_ = await rows_of(stage, site, "page_view")
    vitals, *_ = await rows_of(stage, site, "web_vitals")
    assert (view["status"], view["screen"]) == (200, "1280x720")
    assert vitals["path"] == "/start"
    assert {
        name: vitals[name] for name in ("lcp_ms", "inp_ms", "ttfb_ms") if vitals[name] <= 0
    } == {}
    assert await page.evaluate("localStorage.length") == 0


async def test_a_page_that_is_read_for_six_minutes_and_left_is_six_minutes(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    await page.clock.install()
    async with website(stage, site) as served:
        await accept(page, f"{served.base}/tall")
        await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await page.clock.run_for("06:00")
        async with page.expect_response(viewing):
            await page.goto(f"{served.base}/next")
        views = await rows_of(stage, site, "page_view")
        reading = await rows_of(stage, site, "engagement")

    assert [(row["path"], row["title"]) for row in views] == [
        ("/tall", "Stage"),
        ("/next", "Stage"),
    ]
    assert 360_000 <= sum(row["engaged_ms"] for row in reading) < 370_000
    assert [row["scroll"] for row in reading][-1] == 100


async def test_a_page_in_a_frame_counts_when_the_frame_comes_into_sight(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, site) as served:
        await accept(page, f"{served.base}/next")
        async with page.expect_response(viewing):
            await page.goto(f"{served.base}/frame")
        await expect(page.frame_locator("iframe").locator(WITHDRAW)).to_be_attached()
        await page.wait_for_timeout(MOMENT)
        before = [row["path"] for row in await rows_of(stage, site, "page_view")]
        async with page.expect_response(viewing):
            await page.locator("iframe").scroll_into_view_if_needed()
        after = [row["path"] for row in await rows_of(stage, site, "page_view")]

    assert before == ["/next", "/frame"]
    assert after == ["/next", "/frame", "/framed"]


async def test_what_happens_offline_is_recorded_once_when_the_network_is_back(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    profile = await new_profile()
    page = await profile.new_page()
    async with website(stage, site) as served:
        await accept(page, f"{served.base}/start")
        await profile.set_offline(True)
        await page.click("#mail")
        await page.wait_for_function("localStorage.length === 1")
        async with page.expect_response("**/event"):
            await profile.set_offline(False)
        await page.wait_for_function("localStorage.length === 0")
        rows = await rows_of(stage, site, "link_click")

    assert [row["link_kind"] for row in rows] == ["mail"]


@pytest.mark.parametrize("where", ["here", "in another tab"])
async def test_law_5_a_withdrawal_erases_what_waits_in_the_browser(
    stage: Stage, new_profile: NewProfile, where: str
):
    site = await stage.site()
    profile = await new_profile()
    page = await profile.new_page()
    async with website(stage, site) as served:
        await accept(page, f"{served.base}/start")
        other = await profile.new_page()
        async with other.expect_response(viewing):
            await other.goto(f"{served.base}/next")
        await page.route("**/event", lambda route: route.abort())
        await page.click("#mail")
        await page.wait_for_function("localStorage.length === 1")
        await (page if where == "here" else other).click(WITHDRAW)
        await asyncio.gather(
            *(expect(it.locator(WITHDRAW)).to_have_count(0) for it in (page, other))
        )

        assert await page.evaluate("localStorage.length") == 0
        assert await rows_of(stage, site, "link_click") == []

"""The tag in a real Firefox: asking, what happens on a page, delivery, its own settings."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from askfirst.sites import Site
from tests.browser.firefox.driver import PATIENCE, Firefox, Tab
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    CLOSE,
    CONTROL,
    DIALOG,
    ERASURE,
    REFUSE,
    WITHDRAW,
    Stage,
)
from tests.browser.website import Website, open_website, page_of

THINGS = """
<p><a id="mail" href="mailto:a@b.example?subject=x">Mail</a> <a id="file" href="/a.pdf">File</a></p>
<button id="own" data-askfirst-event="signup" data-askfirst-prop-plan="free">Own</button>
<form id="newsletter"><input name="mail" value="a@b.example"><button id="send">Send</button></form>
<p><a id="next" href="/next">Next</a> <a id="route" href="#/users/5">Route</a></p>
<script>
  for (const name of ["click", "auxclick", "submit"])
    addEventListener(name, (event) => {
      if (!/^(next|route|send)$/.test(event.target.id)) event.preventDefault();
    });
</script>"""
TALL = '<div style="height: 4000px"></div>'
FRAME = f'{TALL}<iframe src="/framed" title="Framed"></iframe>'
FRAMED = "<!doctype html><title>Framed</title><script async src='/tag.js' data-site='{}'></script>"
STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src 'nonce-abc'; connect-src 'self'; "
    "img-src data:; require-trusted-types-for 'script'; trusted-types askfirst"
}
OFFLINE = """void (Services.io.offline = true,
  Services.obs.notifyObservers(null, "net:prune-all-connections"))"""
GPC = "void Services.prefs.setBoolPref('privacy.globalprivacycontrol.enabled', {})"
ONLINE = "void (Services.io.offline = false)"
WAITING = "performance.getEntriesByType('resource').some(({name}) => name.includes('/unseen.js'))"


@asynccontextmanager
async def website(
    stage: Stage, site: Site, headers: dict[str, str] | None = None
) -> AsyncIterator[Website]:
    bodies = {"/start": THINGS, "/next": "Next", "/tall": TALL, "/frame": FRAME}
    pages = {path: page_of(site, body) for path, body in bodies.items()}
    pages["/app"] = pages["/start"].replace("data-site", 'data-routes="hash" data-site')
    pages["/framed"] = FRAMED.format(site.key)
    pages["/strict"] = pages["/next"].replace("<script", '<script nonce="abc"')
    async with open_website(stage.base, pages, headers) as served:
        yield served


@asynccontextmanager
async def new_tab(firefox: Firefox, profile: str | None = None) -> AsyncIterator[Tab]:
    tab = await firefox.tab(profile or await firefox.profile())
    yield tab
    await tab.close()


async def wait_for_rows(
    stage: Stage, site: Site, kind: str, number: int = 1
) -> list[dict[str, Any]]:
    """Return the rows of a kind, oldest first, once there are so many."""
    end = time.monotonic() + PATIENCE
    while True:
        found = [row for row in await stage.rows(site) if row["kind"] == kind]
        if len(found) >= number or time.monotonic() > end:
            return sorted(found, key=lambda row: row["time"])
        await asyncio.sleep(0.1)


async def paths(stage: Stage, site: Site, number: int) -> list[str]:
    return [row["path"] for row in await wait_for_rows(stage, site, "page_view", number)]


async def accept(stage: Stage, site: Site, tab: Tab, address: str) -> None:
    await tab.goto(address)
    await tab.click(ACCEPT)
    await wait_for_rows(stage, site, "page_view")


async def test_law_1_firefox_keeps_and_sends_nothing_before_a_yes_and_after_a_no(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    kept = "[document.cookie, localStorage.length, sessionStorage.length]"
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await tab.goto(f"{served.base}/start")
        await tab.see(BANNER)
        before = await tab.run(kept)
        await tab.click("#own")
        await tab.click(REFUSE)
        await tab.see(CONTROL)
        await tab.click("#next")
        await tab.until("location.pathname === '/next'")
        await tab.see(CONTROL)
        after = await tab.run(kept)

    assert before == ["", 0, 0]
    assert after == [f"askfirst_{site.key}=no", 0, 0]
    assert served.sent == []
    assert await stage.rows(site) == []


async def test_what_happens_in_firefox_is_recorded_and_a_page_from_the_memory_counts_again(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await accept(stage, site, tab, f"{served.base}/start")
        await tab.run("void (window.kept = true)")
        await tab.click("#own")
        await tab.click("#send")
        await tab.click("#file", button=1)
        await tab.run("document.querySelector('#next').focus()")
        await tab.press("Enter")
        await paths(stage, site, 2)
        await tab.run("void setTimeout(() => history.back())")
        await tab.until("window.kept && location.pathname === '/start'")
        viewed = await paths(stage, site, 3)
        links = await wait_for_rows(stage, site, "link_click", 2)
        (form,) = await wait_for_rows(stage, site, "form_submit")
        (own,) = await wait_for_rows(stage, site, "custom_event")
        vitals, *_ = await wait_for_rows(stage, site, "web_vitals")
        reading, *_ = await wait_for_rows(stage, site, "engagement")

    assert viewed == ["/start", "/next", "/start"]
    assert [(it["link_url"].rpartition("/")[2], it["link_kind"]) for it in links] == [
        ("a.pdf", "download"),
        ("next", "internal"),
    ]
    assert form["form"] == "newsletter"
    assert (own["event_name"], own["event_props"]) == ("signup", '{"plan":"free"}')
    assert (vitals["path"], vitals["lcp_ms"] > 0) == ("/start", True)
    assert (reading["path"], reading["engaged_ms"] > 0) == ("/start", True)
    assert {row["browser"] for row in links} == {"Firefox"}


async def test_a_page_that_firefox_closes_says_how_long_and_how_far_it_was_read(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    async with website(stage, site) as served:
        async with new_tab(firefox) as tab:
            await accept(stage, site, tab, f"{served.base}/tall")
            await tab.wheel(4000)
            await tab.until("scrollY === scrollMaxY")
            await tab.run("new Promise((done) => setTimeout(done, 1000))")  # in sight, it was seen
        (reading,) = await wait_for_rows(stage, site, "engagement")

    assert reading["engaged_ms"] > 0
    assert reading["scroll"] > 90


async def test_routes_and_frames_are_views_in_firefox(stage: Stage, firefox: Firefox):
    site = await stage.site()
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await accept(stage, site, tab, f"{served.base}/app")
        await tab.click("#route")
        await paths(stage, site, 2)
        await tab.run("history.back()")
        await paths(stage, site, 3)
        await tab.goto(f"{served.base}/frame")
        (frame,) = await tab.frames()
        await frame.until(WAITING)
        before = await paths(stage, site, 4)
        await tab.run("document.querySelector('iframe').scrollIntoView()")
        after = await paths(stage, site, 5)

    assert before == ["/app", "/app/users/5", "/app", "/frame"]
    assert after == [*before, "/framed"]


async def test_what_happens_offline_in_firefox_is_recorded_once_it_is_online_again(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await accept(stage, site, tab, f"{served.base}/start")
        await firefox.chrome(OFFLINE)
        try:
            await tab.click("#mail")
            await tab.until("localStorage.length === 1")
        finally:
            await firefox.chrome(ONLINE)
        await tab.until("localStorage.length === 0")
        found = await wait_for_rows(stage, site, "link_click")

    assert [row["link_url"] for row in found] == ["mailto:a@b.example"]


async def test_law_5_a_withdrawal_in_one_tab_of_firefox_ends_recording_in_the_other(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    profile = await firefox.profile()
    async with website(stage, site) as served, new_tab(firefox, profile) as tab:
        await accept(stage, site, tab, f"{served.base}/start")
        async with new_tab(firefox, profile) as other:
            await other.goto(f"{served.base}/next")
            await other.click(WITHDRAW)
            await other.see(ERASURE)
            await tab.gone(WITHDRAW)
        await tab.activate()
        before = len(served.sent)
        await tab.click("#mail")
        await tab.goto(f"{served.base}/next")
        await tab.see(CONTROL)

    assert len(served.sent) == before


async def test_requirement_49_a_firefox_that_is_set_to_gpc_is_not_asked(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await firefox.chrome(GPC.format("true"))
        try:
            await tab.goto(f"{served.base}/start")
            await tab.see(CONTROL)
            gpc, kept = await tab.run("[navigator.globalPrivacyControl, document.cookie]")
            asked = await tab.run(f"document.querySelectorAll({json.dumps(BANNER)}).length")
        finally:
            await firefox.chrome(GPC.format("false"))

    assert (gpc, kept, asked) == (True, "", 0)
    assert served.sent == []


async def test_a_strict_policy_with_trusted_types_lets_the_tag_work_in_firefox(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    firefox.errors.clear()
    async with website(stage, site, STRICT) as served, new_tab(firefox) as tab:
        await accept(stage, site, tab, f"{served.base}/strict")
        await tab.click(CONTROL)
        await tab.see(DIALOG)
        placed = await tab.run(f"getComputedStyle(document.querySelector('{DIALOG}')).position")
        await tab.click(CLOSE)

    assert placed == "fixed"
    assert [said for said in firefox.errors if "Content-Security-Policy" in said] == []
    assert await paths(stage, site, 1) == ["/strict"]


async def test_a_page_that_firefox_leaves_before_the_sender_is_there_loses_no_view(
    stage: Stage, firefox: Firefox
):
    site = await stage.site()
    async with website(stage, site) as served, new_tab(firefox) as tab:
        await accept(stage, site, tab, f"{served.base}/next")
        served.held["/granted.js"] = asyncio.Event()
        await firefox.chrome("void Services.cache2.clear()")
        await tab.goto(f"{served.base}/start", wait="none")
        await tab.until("location.pathname === '/start'")
        await tab.see(WITHDRAW)
        await tab.click("#next")
        await tab.until("location.pathname === '/next'")
        served.held.pop("/granted.js").set()
        await tab.see(WITHDRAW)
        await tab.goto(f"{served.base}/tall")
        viewed = await paths(stage, site, 4)

    assert sorted(viewed) == ["/next", "/next", "/start", "/tall"]

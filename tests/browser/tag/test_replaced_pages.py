"""Pages whose libraries replace their content, in Chromium: Turbo, htmx, barba and React.

Each library is the real one. Our elements stay as long as their state holds, once each and working
(law 5), and disturb no library.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from askfirst.sites import Site
from tests.browser.conftest import NewProfile
from tests.browser.stage import ACCEPT, BANNER, CLOSE, CONTROL, DIALOG, ERASURE, WITHDRAW, Stage
from tests.browser.website import Website, open_website

OURS = "[id^=askfirst-]:not(#askfirst-status)"  # which disappears by itself
LINKS = "<a href='/one'>One</a> <a href='/two'>Two</a> <a href='/three'>Three</a>"
LIBRARIES = {
    "turbo": '<script defer src="/lib/@hotwired/turbo/dist/turbo.es2017-umd.js"></script>',
    "turbo with the tag in the body": (
        '<script defer src="/lib/@hotwired/turbo/dist/turbo.es2017-umd.js"></script>'
    ),
    "htmx": '<script defer src="/lib/htmx.org/dist/htmx.js"></script>',
    "barba": (
        '<script defer src="/lib/@barba/core/dist/barba.umd.js"></script>'
        "<script>addEventListener('DOMContentLoaded', () => barba.init())</script>"
    ),
}
BODY = {"htmx": 'hx-boost="true"', "barba": 'data-barba="wrapper"'}


def page_of(site: Site, library: str, name: str) -> str:
    """Build the page of this name; it says in `#where` which page it is."""
    tag = f'<script async src="/tag.js" data-site="{site.key}"></script>'
    above, below = ("", tag) if library.endswith("body") else (tag, "")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<link rel="icon" href="data:,">{above}{LIBRARIES[library]}</head>'
        f'<body {BODY.get(library, "")}><main data-barba="container"><h1 id="where">{name}</h1>'
        f"{LINKS}</main>{below}</body></html>"
    )


@asynccontextmanager
async def website(stage: Stage, library: str, site: Site) -> AsyncIterator[Website]:
    """Serve three pages between which a library moves without loading them."""
    pages = {f"/{name}": page_of(site, library, name) for name in ("one", "two", "three")}
    async with open_website(stage.base, pages) as served:
        yield served


async def turn(page: Page, name: str) -> None:
    """Click the link to a page, which the library shows without loading it."""
    await page.evaluate("window.same = true")
    await page.click(f"a[href='/{name}']")
    await expect(page.locator("#where")).to_have_text(name)
    assert await page.evaluate("window.same")


async def back(page: Page, name: str) -> None:
    await page.evaluate("history.back()")
    await expect(page.locator("#where")).to_have_text(name)
    assert await page.evaluate("window.same")


async def shows(page: Page, *ours: str) -> None:
    """Check that exactly these of our elements are on the page, each once."""
    for one in ours:
        await expect(page.locator(one)).to_be_visible()
    await expect(page.locator(f"body > {OURS}")).to_have_count(len(ours))


async def viewed(stage: Stage, site: Site) -> list[str]:
    rows = await stage.rows(site)
    return [row["path"] for row in rows if row["kind"] == "page_view"]


@pytest.mark.parametrize("library", LIBRARIES)
async def test_law_5_banner_and_control_outlive_a_page_that_a_library_replaces(
    stage: Stage, new_profile: NewProfile, library: str
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, library, site) as served:
        await page.goto(f"{served.base}/one")
        await shows(page, BANNER)
        await turn(page, "two")
        await shows(page, BANNER)
        await turn(page, "three")
        async with page.expect_response("**/event"):
            await page.click(ACCEPT)
        async with page.expect_response("**/event"):
            await back(page, "two")  # which the library had cached with the banner in it
        await shows(page, "#askfirst-control")
        await page.click(CONTROL)
        await page.click(CLOSE)
        async with page.expect_response("**/consent"):
            await page.click(WITHDRAW)
        await shows(page, ERASURE)
        await turn(page, "one")
        await shows(page, ERASURE)
        async with page.expect_response("**/consent/erase"):
            await page.click(f"{ERASURE} [data-askfirst=erase]")
        await expect(page.locator("#askfirst-receipt")).not_to_be_empty()

    assert [record["state"] for record in await stage.records(site)] == ["given", "withdrawn"]


@pytest.mark.parametrize("library", LIBRARIES)
async def test_each_page_that_a_library_shows_is_one_view(
    stage: Stage, new_profile: NewProfile, library: str
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with website(stage, library, site) as served:
        await page.goto(f"{served.base}/one")
        async with page.expect_response("**/event"):
            await page.click(ACCEPT)
        for name in ("two", "three"):
            async with page.expect_response(viewing):
                await turn(page, name)
        async with page.expect_response(viewing):
            await back(page, "two")

    assert await viewed(stage, site) == ["/one", "/two", "/three", "/two"]


def viewing(response: object) -> bool:
    request = getattr(response, "request", None)
    return bool(request) and "page_view" in (request.post_data or "")


async def test_an_open_dialog_outlives_a_new_body_and_is_modal_still(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site(videos=True)
    page = await (await new_profile()).new_page()
    async with website(stage, "turbo", site) as served:
        await page.goto(f"{served.base}/one")
        await page.click(f"{BANNER} [data-askfirst=preferences]")
        await page.check("#askfirst-purpose-videos")
        await page.evaluate("Turbo.visit('/two')")
        await expect(page.locator("#where")).to_have_text("two")
        await expect(page.locator(f"{DIALOG}:modal")).to_have_count(1)
        assert await page.is_checked("#askfirst-purpose-videos")
        await page.keyboard.press("Tab")
        inside = f"document.querySelector('{DIALOG}').contains(document.activeElement)"
        assert await page.evaluate(inside)
        await page.keyboard.press("Escape")
        await expect(page.locator(DIALOG)).to_have_count(0)
        await shows(page, BANNER)


SMALLEST = """() => {
  const body = document.createElement("body");
  body.innerHTML = "<main><a href='#here'>First</a></main>";
  document.documentElement.replaceChild(body, document.body);
}"""


async def test_law_5_a_new_body_has_the_control_before_anything_is_painted(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    painted = f"""(async () => {{
      ({SMALLEST})();
      await new Promise(requestAnimationFrame);
      return document.querySelectorAll("#askfirst-control").length;
    }})()"""

    assert await page.evaluate(painted) == 1


async def test_requirement_36_the_first_tab_leads_to_an_answer_in_a_new_body_too(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    await page.evaluate(SMALLEST)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.dataset.askfirst") == "refuse"
    for _ in range(4):
        await page.keyboard.press("Tab")

    assert await page.evaluate("document.activeElement.textContent") == "First"


async def test_requirement_37_a_new_root_has_room_below_the_banner(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    padding = "parseFloat(getComputedStyle(document.documentElement).paddingBottom)"
    before = await page.evaluate(padding)
    await page.evaluate("document.documentElement.replaceWith(document.createElement('html'))")
    await page.evaluate(
        "document.documentElement.append("
        "document.createElement('head'), document.createElement('body'))"
    )
    await expect(page.locator(BANNER)).to_be_visible()

    assert before > 50
    assert abs(await page.evaluate(padding) - before) < 2
    assert await page.evaluate("document.documentElement.getAttribute('style')") is None


REACT = {
    "18": """
      <script src="/lib/react-18/umd/react.development.js"></script>
      <script src="/lib/react-dom-18/umd/react-dom.development.js"></script>
      <script>window.client = ReactDOM</script>""",
    "19": """<script>
      const modules = {};
      const paths = {
        "react": "react/cjs/react.development.js",
        "scheduler": "scheduler/cjs/scheduler.development.js",
        "react-dom": "react-dom/cjs/react-dom.development.js",
        "client": "react-dom/cjs/react-dom-client.development.js",
      };
      for (const name in paths) {
        const asking = new XMLHttpRequest();
        asking.open("GET", `/lib/${paths[name]}`, false);
        asking.send();
        const module = { exports: {} };
        const make = new Function("module", "exports", "require", "process", asking.responseText);
        make(module, module.exports, (it) => modules[it], { env: { NODE_ENV: "development" } });
        modules[name] = module.exports;
      }
      window.React = modules.react;
      window.client = modules.client;
    </script>""",
}
# The page as a React component, and the same page as the server sends it.
APP = """<script>
  const e = React.createElement;
  const App = ({ title }) => {
    const [more, setMore] = React.useState(0);
    window.setMore = setMore;
    const extra = (n) => (more > n ? [e("section", { key: `extra${n}` }, `extra ${n}`)] : []);
    return e("html", { lang: "en" },
      e("head", null, e("title", null, "Stage"),
        e("script", { async: true, src: "/tag.js", "data-site": "KEY" })),
      e("body", null, ...extra(0), e("section", { key: "main" }, e("h1", { id: "where" }, title),
        e("button", { id: "more", onClick: () => setMore(more + 1) }, "More")), ...extra(1)));
  };
  window.hydrate = (title) => client.hydrateRoot(document, e(App, { title }));
</script>"""


def react_page(site: Site, version: str) -> str:
    app = APP.replace("KEY", site.key)
    return (
        '<!doctype html><html lang="en"><head><title>Stage</title>'
        f'<script async="" src="/tag.js" data-site="{site.key}"></script>'
        f'<link rel="icon" href="data:,"/>{REACT[version]}{app}</head>'
        '<body><section><h1 id="where">Harbour</h1><button id="more">More</button></section>'
        "</body></html>"
    )


@asynccontextmanager
async def react(stage: Stage, site: Site, version: str, page: Page) -> AsyncIterator[list[str]]:
    """Open the page and collect the errors that React or the browser reports."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda it: said.append(it.text) if it.type in ("error", "warning") else None)
    async with open_website(stage.base, {"/": react_page(site, version)}) as served:
        await page.goto(served.base)
        yield said


@pytest.mark.parametrize("version", REACT)
@pytest.mark.parametrize("chosen", [False, True])
async def test_react_takes_a_page_over_after_us_without_a_complaint(
    stage: Stage, new_profile: NewProfile, version: str, chosen: bool
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with react(stage, site, version, page) as said:
        await expect(page.locator(BANNER)).to_be_visible()
        if chosen:
            await page.click(ACCEPT)
            await expect(page.locator(WITHDRAW)).to_be_visible()
            await page.reload()
        ours = "#askfirst-control" if chosen else BANNER
        await expect(page.locator(ours)).to_be_visible()
        await page.evaluate("hydrate('Harbour')")
        for n in (1, 2):
            await page.click("#more")
            await expect(page.get_by_text(f"extra {n - 1}")).to_be_visible()
        await shows(page, ours)

    assert said == []


@pytest.mark.parametrize("version", REACT)
async def test_law_5_what_react_throws_away_with_a_page_that_does_not_match_is_there_again(
    stage: Stage, new_profile: NewProfile, version: str
):
    site = await stage.site()
    page = await (await new_profile()).new_page()
    async with react(stage, site, version, page) as said:
        await expect(page.locator(BANNER)).to_be_visible()
        await page.evaluate("hydrate('Another title')")
        await expect(page.locator("#where")).to_have_text("Another title")
        await shows(page, BANNER)
        async with page.expect_response("**/event"):
            await page.click(ACCEPT)
        await page.click("#more")
        await expect(page.get_by_text("extra 0")).to_be_visible()
        await expect(page.locator(WITHDRAW)).to_be_visible()

    assert "Another title" in " ".join(said)  # which React itself reports
    assert await viewed(stage, site) == ["/"]

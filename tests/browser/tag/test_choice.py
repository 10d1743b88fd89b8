"""A visitor's choice in Chromium: no trace before it, then yes, no, withdrawal and erasure."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from askfirst.consents import Claims
from tests.browser.conftest import NewProfile
from tests.browser.shop import Shop, open_shop

BANNER = "#askfirst-banner"
ACCEPT = f"{BANNER} [data-askfirst=accept]"
REFUSE = f"{BANNER} [data-askfirst=refuse]"
CONTROL = "#askfirst-control [data-askfirst=control]"
WITHDRAW = "#askfirst-control [data-askfirst=withdraw]"
ERASURE = "#askfirst-erasure"
STORED = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
WRONG_KEY = """new MutationObserver(() => {
  const tag = document.querySelector("script[data-site]");
  if (tag && tag.dataset.site !== "nobody") tag.dataset.site = "nobody";
}).observe(document, { childList: true, subtree: true })"""
NOTHING = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def shop(opened: Shop) -> Shop:
    await opened.move_to_a_new_site()
    return opened


class Requests:
    """Every request of a profile that goes to Askfirst, as `METHOD path`."""

    def __init__(self, profile: BrowserContext, shop: Shop) -> None:
        self.port = f":{shop.ports['server']}/"
        self.seen: list[str] = []
        profile.on("request", self._note)

    def _note(self, request: Any) -> None:
        if self.port in request.url:
            path = request.url.split(self.port, 1)[1].split("?", 1)[0]
            self.seen.append(f"{request.method} /{path}")


async def claims_of(shop: Shop, profile: BrowserContext) -> Claims:
    (cookie,) = await profile.cookies()
    claims = shop.services.tokens.read(cookie["value"])
    assert claims is not None
    return claims


async def accepted(shop: Shop, profile: BrowserContext, setting: str = "same") -> Page:
    page = await profile.new_page()
    await page.goto(shop.page(setting=setting))
    async with page.expect_response("**/event"):
        await page.click(ACCEPT)
    return page


@pytest.mark.parametrize("setting", ["same", "cousin", "far"])
async def test_law_1_nothing_is_stored_or_sent_before_a_yes(
    shop: Shop, new_profile: NewProfile, setting: str
):
    before = await shop.counts()
    profile = await new_profile()
    requests = Requests(profile, shop)
    page = await profile.new_page()
    for path in ("/", "/articles/knots"):
        await page.goto(shop.page(path, setting))
        await expect(page.locator(BANNER)).to_be_visible()
        await page.mouse.wheel(0, 5000)
        await page.keyboard.press("Escape")
        await page.evaluate("history.pushState({}, '', '/articles')")
        await page.wait_for_timeout(300)
    if setting == "same":  # on the other hosts, which are no secure contexts, there is no Cache API
        assert await page.evaluate(STORED) == NOTHING

    assert await profile.cookies() == []
    assert (await profile.storage_state())["origins"] == []
    key = shop.site.key
    assert set(requests.seen) == {"GET /tag.js", "GET /banner.js", f"GET /wording/{key}.json"}
    assert await shop.counts() == before


async def test_law_1_a_scripted_click_is_not_a_yes(shop: Shop, page: Page):
    await page.goto(shop.page())
    await page.locator(ACCEPT).evaluate("button => button.click()")
    await page.wait_for_timeout(300)

    assert await page.context.cookies() == []
    assert (await shop.counts())["consent_records"] == 0


@pytest.mark.parametrize("setting", ["same", "cousin", "far"])
async def test_law_4_two_who_refuse_end_with_identical_cookies_and_no_trace(
    shop: Shop, new_profile: NewProfile, setting: str
):
    before, kept = await shop.counts(), []
    for _ in range(2):
        profile = await new_profile()
        page = await profile.new_page()
        await page.goto(shop.page(setting=setting))
        async with page.expect_response("**/consent"):
            await page.click(REFUSE)
        await expect(page.locator(BANNER)).to_have_count(0)
        kept.append(await profile.cookies())

    assert kept[0] == kept[1]
    assert [cookie["value"] for cookie in kept[0]] == ["no"]
    assert await shop.counts() == before
    assert await shop.tally() == {"refused": 2}


async def test_law_4_after_a_no_nothing_but_the_tag_is_asked_for(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await profile.new_page()
    await page.goto(shop.page())
    await page.click(REFUSE)
    await expect(page.locator(BANNER)).to_have_count(0)
    requests = Requests(profile, shop)
    await page.goto(shop.page("/articles/knots"))
    await page.click("text=Articles")
    await expect(page.locator(CONTROL)).to_be_visible()
    await page.wait_for_timeout(300)

    assert set(requests.seen) <= {"GET /tag.js"}
    assert await page.locator(BANNER).count() == 0


async def rows_with(shop: Shop, link_kind: str) -> list[dict[str, Any]]:
    """Return the rows once there is such a click: no browser tells of a beacon's answer."""
    async with asyncio.timeout(60):
        while True:
            rows = await shop.rows()
            if any(row["link_kind"] == link_kind for row in rows):
                return rows
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("setting", ["same", "cousin", "far"])
async def test_a_yes_is_remembered_and_each_page_and_click_becomes_a_row(
    shop: Shop, new_profile: NewProfile, setting: str
):
    profile = await new_profile()
    page = await accepted(shop, profile, setting)
    claims = await claims_of(shop, profile)
    for act in ("text=How to read a tide table", "text=Catalogue", "[data-shelf=maps]"):
        async with page.expect_response("**/event"):
            await page.click(act)
        await page.wait_for_timeout(150)
    await page.goto(shop.page("/", setting))
    async with page.expect_download(), page.expect_response("**/event"):
        await page.click("text=reading list")
    await page.close()
    again = await profile.new_page()
    async with again.expect_response("**/event"):
        await again.goto(shop.page("/events", setting))
    assert await again.locator(BANNER).count() == 0
    await again.click("text=Project Gutenberg", no_wait_after=True)
    rows = await rows_with(shop, "outbound")

    views = [row["path"] for row in rows if row["kind"] == "page_view"]
    clicks = sorted(row["link_kind"] for row in rows if row["kind"] == "link_click")
    assert views == [
        "/",
        "/articles/tide-tables",
        "/catalogue",
        "/catalogue/maps",
        "/",
        "/events",
    ]
    assert clicks == ["download", "internal", "internal", "outbound"]
    assert {row["visitor_id"] for row in rows} == {claims.visitor_id}
    assert {row["consent_id"] for row in rows} == {claims.consent_id}
    assert {row["browser"] for row in rows} == {"Chrome"}
    assert len({row["visit_id"] for row in rows}) == 1


async def test_law_2_the_proof_is_on_record_before_the_first_event(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    requests = Requests(profile, shop)
    await accepted(shop, profile)

    assert requests.seen.index("POST /consent") < requests.seen.index("POST /event")
    assert (await shop.counts())["consent_records"] == 1


async def test_law_5_withdrawing_in_one_tab_silences_the_other_at_once(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    first = await accepted(shop, profile)
    second = await profile.new_page()
    async with second.expect_response("**/event"):
        await second.goto(shop.page("/articles"))
    token = (await profile.cookies())[0]["value"]
    async with first.expect_response("**/consent"):
        await first.click(WITHDRAW)
    requests = Requests(profile, shop)
    await second.evaluate("history.pushState({}, '', '/elsewhere')")
    await second.click("text=Five knots worth knowing")
    await second.wait_for_timeout(300)
    rows = len(await shop.rows())
    view = {"id": "A" * 22, "kind": "page_view", "age": 0, "url": shop.page()}
    replayed = await profile.request.post(
        f"http://127.0.0.1:{shop.ports['server']}/event",
        headers={"Content-Type": "text/plain", "Origin": shop.page("").rstrip("/")},
        data={"site": shop.site.key, "token": token, "events": [view]},
    )

    assert "POST /event" not in requests.seen
    assert (await replayed.json())["error"]["code"] == "withdrawn"
    assert [cookie["value"] for cookie in await profile.cookies()] == ["no"]
    assert len(await shop.rows()) == rows


async def test_law_6_after_withdrawing_one_click_erases_every_row(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await accepted(shop, profile)
    claims = await claims_of(shop, profile)
    async with page.expect_response("**/event"):
        await page.click("text=Five knots worth knowing")
    await page.wait_for_timeout(300)
    await page.click(WITHDRAW)
    async with page.expect_response("**/consent/erase") as answering:
        await page.click("[data-askfirst=erase]")
    receipt = (await (await answering.value).json())["receipt"]
    places = await shop.services.personal_data.rows(shop.site.id, claims.visitor_id)

    await expect(page.get_by_text(receipt["receipt_id"])).to_be_visible()
    assert receipt["rows"] > 0
    assert not any(places.values())
    assert await shop.rows() == []


@pytest.mark.parametrize("setting", ["same", "far"])
async def test_law_6_the_offer_to_erase_outlives_a_reload_and_no_other_tab_has_it(
    shop: Shop, new_profile: NewProfile, setting: str
):
    profile = await new_profile()
    page = await accepted(shop, profile, setting)
    async with page.expect_response("**/consent"):
        await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()  # its words come from the server too
    requests = Requests(profile, shop)
    other = await profile.new_page()
    await other.goto(shop.page(setting=setting))
    await expect(other.locator(CONTROL)).to_be_visible()
    assert set(requests.seen) <= {"GET /tag.js"}
    await page.goto(shop.page("/articles", setting))
    await expect(page.locator(ERASURE)).to_contain_text("privacy@shop.test")
    assert not [seen for seen in requests.seen if seen.startswith("POST")]
    async with page.expect_response("**/consent/erase"):
        await page.click("[data-askfirst=erase]")
    await expect(page.locator(ERASURE)).to_contain_text("Receipt number")
    assert await page.evaluate("sessionStorage.length") == 0
    await page.reload()
    await expect(page.locator(CONTROL)).to_be_visible()
    await page.wait_for_timeout(300)

    assert await page.locator(ERASURE).count() == 0
    assert await other.locator(ERASURE).count() == 0
    assert await shop.rows() == []


async def test_law_5_a_second_tab_loses_its_withdraw_button_without_being_looked_at(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    first = await accepted(shop, profile)
    second = await profile.new_page()
    await second.goto(shop.page("/articles"))
    await expect(second.locator(WITHDRAW)).to_be_visible()
    await first.click(WITHDRAW)

    await expect(second.locator(WITHDRAW)).to_have_count(0)
    await expect(second.locator(CONTROL)).to_be_visible()
    assert await second.locator(ERASURE).count() == 0


async def test_a_page_of_an_unlisted_host_is_not_asked_and_its_console_says_why(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await profile.new_page()
    address = shop.page(setting="far").replace("shop.test", "localhost")
    async with page.expect_console_message(lambda said: said.type == "warning") as saying:
        await page.goto(address)
    assert "Askfirst: localhost" in (await saying.value).text
    await expect(page.locator("[id^=askfirst]")).to_have_count(0)

    assert await profile.cookies() == []
    assert await shop.tally() == {"bad_origin": 1}


async def test_a_wrong_key_is_named_on_the_console_and_leaves_nothing_on_the_page(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await profile.new_page()
    await page.add_init_script(WRONG_KEY)
    async with page.expect_console_message(lambda said: "Askfirst: " in said.text) as saying:
        await page.goto(shop.page(setting="far"))
    assert "data-site" in (await saying.value).text
    await expect(page.locator("[id^=askfirst]")).to_have_count(0)


async def test_gpc_is_a_no_without_a_banner_and_a_later_yes_is_recorded_with_it(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile(extra_http_headers={"Sec-GPC": "1"})
    await profile.add_init_script(
        "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
    )
    requests = Requests(profile, shop)
    page = await profile.new_page()
    await page.goto(shop.page())
    await expect(page.locator(CONTROL)).to_be_visible()
    await page.wait_for_timeout(300)

    assert set(requests.seen) == {"GET /tag.js"}
    assert await profile.cookies() == []
    assert await page.locator(BANNER).count() == 0

    await page.click(CONTROL)
    await page.check("#askfirst-preferences input[type=checkbox]")
    async with page.expect_response("**/event"):
        await page.click("[data-askfirst=save]")
    claims = await claims_of(shop, profile)
    places = await shop.services.personal_data.rows(shop.site.id, claims.visitor_id)

    assert places["ledger.consent_records"][0]["signals"] == {"gpc": True}


async def test_law_1_without_javascript_nothing_is_collected(shop: Shop, new_profile: NewProfile):
    before = await shop.counts()
    profile = await new_profile(java_script_enabled=False)
    requests = Requests(profile, shop)
    page = await profile.new_page()
    await page.goto(shop.page())
    await page.click("text=Articles")

    assert requests.seen == []
    assert await profile.cookies() == []
    assert await shop.counts() == before


async def test_a_yes_that_cannot_be_proved_is_not_a_yes(shop: Shop, new_profile: NewProfile):
    profile = await new_profile()
    page = await profile.new_page()
    await page.goto(shop.page())
    await page.route("**/consent", lambda route: route.abort())
    await page.click(ACCEPT)
    await page.wait_for_timeout(300)

    await expect(page.locator(BANNER)).to_be_visible()
    assert await profile.cookies() == []
    assert (await shop.counts())["consent_records"] == 0


async def test_law_7_what_is_sent_shows_in_the_warehouse_within_two_seconds(
    shop: Shop, new_profile: NewProfile
):
    await accepted(shop, await new_profile())
    ask = f"SELECT count(*) AS n FROM events WHERE site = {shop.site.id}"
    async with asyncio.timeout(2 + 58):  # the promise is two seconds; a busy machine gets more
        while (await asyncio.to_thread(shop.services.warehouse.answer, ask))["n"].iloc[0] == 0:  # noqa: ASYNC110 - a warehouse has no event to wait for
            await asyncio.sleep(0.02)

    assert [row["path"] for row in await shop.rows()] == ["/"]


@pytest.mark.parametrize("setting", ["same", "far"])
async def test_a_no_in_one_tab_is_not_undone_by_an_older_yes_of_another(
    shop: Shop, new_profile: NewProfile, setting: str
):
    profile = await new_profile()
    first, second = await profile.new_page(), await profile.new_page()
    for tab in (first, second):
        await tab.goto(shop.page(setting=setting))
        await expect(tab.locator(BANNER)).to_be_visible()
    refused = asyncio.Event()

    async def late(route: Route) -> None:
        await refused.wait()
        await route.continue_()

    await first.route("**/consent", late)
    await first.click(ACCEPT)
    async with second.expect_response("**/consent"):
        await second.click(REFUSE)
    await first.wait_for_timeout(200)
    requests = Requests(profile, shop)
    async with first.expect_response(lambda answer: "withdraw" in (answer.request.post_data or "")):
        refused.set()
    await first.wait_for_timeout(300)

    assert [cookie["value"] for cookie in await profile.cookies()] == ["no"]
    assert "POST /event" not in requests.seen
    assert (await shop.counts())["withdrawals"] == 1


async def test_a_withdrawal_that_was_cut_off_is_told_again_on_the_next_page(
    shop: Shop, new_profile: NewProfile
):
    profile = await new_profile()
    page = await accepted(shop, profile)
    claims = await claims_of(shop, profile)
    await page.route("**/consent", lambda route: route.abort())
    await page.click(WITHDRAW)
    await page.wait_for_timeout(200)
    assert claims.consent_id not in shop.services.withdrawn

    await page.unroute("**/consent")
    async with page.expect_response("**/consent"):
        await page.goto(shop.page("/articles"))

    assert claims.consent_id in shop.services.withdrawn

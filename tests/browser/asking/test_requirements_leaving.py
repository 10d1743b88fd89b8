"""Requirements 21 to 32 in Chromium: a new policy version asks again; withdrawing and erasing."""

import asyncio
import json

from playwright.async_api import Page, expect

from consent.http.cookie import cookie_name
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    BOX,
    CLOSE,
    CONTROL,
    DIALOG,
    ERASURE,
    REFUSE,
    SAVE,
    WITHDRAW,
    Stage,
    policy,
)

STATE = "askfirst.consent.get()"


async def moved(page: Page, path: str = "/stage/next") -> None:
    await page.evaluate(f"history.pushState({{}}, '', '{path}')")


async def test_requirement_21_a_new_purpose_asks_again_and_says_so_and_renews_the_yes(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    old = (await shown.stored())[0]
    await stage.services.book.publish(shown.site, policy(videos=True), asks_again=True)
    await moved(page)
    await expect(page.locator(BANNER)).to_contain_text("New purpose: Videos")
    rows = len(await stage.rows(shown.site))
    await moved(page, "/stage/unseen")
    async with page.expect_request("**/consent") as asking:
        await page.click(ACCEPT)
    asked = json.loads((await asking.value).post_data or "")
    await expect(page.locator(CONTROL)).to_be_visible()

    assert rows == 1  # nothing was recorded under the old yes
    assert asked["token"] == old
    assert asked["purposes"] == ["statistics", "videos"]
    assert [record["state"] for record in await stage.records(shown.site)][-1] == "renewed"


async def test_requirement_22_a_typo_does_not_ask_again_and_new_yeses_have_the_new_words(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    first = await stage.show(await new_profile(), site)
    page = await first.granted()
    content = policy(own={"en": {"banner.title": "May we record this visit?"}})
    await stage.services.book.publish(site, content, asks_again=False)
    async with page.expect_response("**/event") as answering:
        await moved(page)
    assert (await answering.value).status == 202
    assert await page.locator(BANNER).count() == 0
    second = await stage.show(await new_profile(), site)
    await second.granted()
    hashes = [record["notice_hash"] for record in await stage.records(site)]

    assert len(set(hashes)) == 2


async def test_requirement_25_one_click_on_any_page_withdraws(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    await shown.granted()
    page = await shown.page("elsewhere")
    await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()

    assert (await page.evaluate(STATE))["choice"] == "refused"


async def test_requirement_26_looking_at_the_settings_changes_nothing(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile(), await stage.site(videos=True))
    page = await shown.granted()
    before = await page.evaluate(STATE)
    kept = await shown.stored()
    for leave in (CLOSE, "Escape"):
        await page.click(CONTROL)
        await page.uncheck(BOX.format("videos"))
        await (page.keyboard.press(leave) if leave == "Escape" else page.click(leave))
        await expect(page.locator(DIALOG)).to_have_count(0)

    assert await page.evaluate(STATE) == before
    assert await shown.stored() == kept
    assert len(await stage.records(shown.site)) == 1


async def test_requirement_27_a_withdrawal_silences_the_other_tab_and_the_token_at_once(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    first = await shown.granted()
    second = await shown.page("two")
    await expect(second.locator(WITHDRAW)).to_be_visible()
    (token,) = await shown.stored()
    async with first.expect_response("**/consent"):
        await first.click(WITHDRAW)
    shown.requests.clear()
    await moved(second)
    await expect(second.locator(WITHDRAW)).to_have_count(0)
    view = {"id": "A" * 22, "kind": "page_view", "age": 0, "url": f"{stage.base}/stage/two"}
    replayed = await shown.profile.request.post(
        f"{stage.base}/event",
        headers={"Content-Type": "text/plain", "Origin": stage.base},
        data={"site": shown.site.key, "token": token, "events": [view]},
    )

    assert "POST /event" not in shown.requests
    assert (await replayed.json())["error"]["code"] == "withdrawn"


async def test_requirement_28_after_a_withdrawal_only_the_choice_is_left_beside_the_sites_cookies(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    await page.evaluate("document.cookie = 'basket=3; path=/'")
    await page.click(WITHDRAW)
    await page.click("[data-askfirst=keep]")
    kept = {cookie["name"]: cookie["value"] for cookie in await shown.profile.cookies()}

    assert kept == {"basket": "3", cookie_name(shown.site.key): "no"}
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0


async def test_law_6_a_yes_after_a_withdrawal_in_one_tab_and_an_erasure_leave_neither_life(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    (first,) = await shown.stored()
    async with page.expect_response("**/consent"):
        await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_be_visible()
    await page.evaluate("askfirst.consent.show()")
    await page.check(BOX.format("statistics"))
    async with page.expect_response("**/event") as recording:
        await page.click(SAVE)
    assert (await recording.value).status == 202
    (second,) = await shown.stored()
    lives = [stage.services.tokens.read(token).visitor_id for token in (first, second)]
    rows = [row["visitor_id"] for row in await stage.rows(shown.site)]
    await page.click(WITHDRAW)
    async with page.expect_response("**/consent/erase") as erasing:
        await page.click(f"{ERASURE} [data-askfirst=erase]")
    receipt = (await (await erasing.value).json())["receipt"]

    assert lives[0] != lives[1]
    assert sorted(rows) == sorted(lives)
    assert await stage.rows(shown.site) == []
    assert [record["visitor_id"] for record in await stage.records(shown.site)] == [None] * 4
    assert (receipt["identifiers"], receipt["rows"]) == (2, 8)
    await expect(page.locator("#askfirst-receipt")).to_have_text(receipt["receipt_id"])


async def test_requirement_29_withdrawing_offers_erasure_and_says_what_stays(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    assert len(await stage.rows(shown.site)) == 1
    await page.click(WITHDRAW)
    await expect(page.locator(ERASURE)).to_contain_text("privacy@harbour.test")
    await page.click("[data-askfirst=erase]")
    await expect(page.locator("#askfirst-receipt")).not_to_be_empty()

    assert await stage.rows(shown.site) == []


async def test_requirement_32_a_refusal_changes_nothing_of_the_page_but_the_control(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    pictures = []
    for answer in (ACCEPT, REFUSE):
        page = await (await stage.show(await new_profile(), site)).asked()
        await page.click(answer)
        await expect(page.locator(CONTROL)).to_be_visible()
        await page.evaluate("document.activeElement.blur()")
        await page.add_style_tag(content="[id^=askfirst] { display: none !important }")
        pictures.append(await page.screenshot())

    assert pictures[0] == pictures[1]


async def test_the_receipt_of_a_yes_opens_from_the_dialog_and_its_address_holds_no_token(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    (token,) = await shown.stored()
    await page.click(CONTROL)
    async with page.expect_popup() as opening:
        await page.click(f"{DIALOG} [data-askfirst=receipt]")
    receipt = await opening.value
    await receipt.wait_for_load_state()

    assert receipt.url == f"{stage.base}/receipt/{shown.site.key}"
    assert token not in receipt.url
    (record,) = await stage.records(shown.site)
    await expect(receipt.locator("body")).to_contain_text(record["record_id"])


async def test_the_visitors_own_page_opens_from_the_dialog_and_its_address_holds_no_token(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    (token,) = await shown.stored()
    await page.click(CONTROL)
    async with page.expect_popup() as opening:
        await page.click(f"{DIALOG} [data-askfirst=my-data]")
    own = await opening.value
    await own.wait_for_load_state()

    assert own.url == f"{stage.base}/my-data/{shown.site.key}"
    assert token not in own.url
    await expect(own.locator("h2#state")).to_have_text("Your visits are being recorded")


async def test_cookies_cleared_half_way_end_the_recording_and_ask_again(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    await shown.profile.clear_cookies()
    shown.requests.clear()
    await moved(page)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    await expect(page.locator(BANNER)).to_be_visible()
    await asyncio.sleep(0.2)

    assert "POST /event" not in shown.requests

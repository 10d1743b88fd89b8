"""Requirements 1 to 18 and 49 to 55 in Chromium: before the choice, and the choice itself."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from consent.policy.drafts import statistics_columns
from consent.policy.languages import languages, texts_of
from tests.browser.conftest import NewProfile
from tests.browser.stage import (
    ACCEPT,
    BANNER,
    BOX,
    CLOSE,
    CONTROL,
    DETAILS,
    DIALOG,
    LONG,
    ONCE,
    PATHS,
    REFUSE,
    SAVE,
    Stage,
)

STORED = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}
FEATURES = """(() => {
  window.read = [];
  const watch = (owner, name) => {
    const found = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (!found?.configurable) return;
    const note = (original) => function (...given) {
      window.read.push(name);
      return original.apply(this, given);
    };
    const { get, value } = found;
    Object.defineProperty(owner, name, get ? { ...found, get: note(get) }
      : { ...found, value: note(value) });
  };
  for (const name of ["plugins", "mimeTypes", "hardwareConcurrency", "deviceMemory", "platform",
    "userAgent", "userAgentData", "maxTouchPoints", "getBattery", "connection", "vendor",
    "languages", "doNotTrack", "getGamepads"])
    watch(Navigator.prototype, name);
  for (const name of ["width", "height", "availWidth", "colorDepth", "pixelDepth"])
    watch(Screen.prototype, name);
  watch(HTMLCanvasElement.prototype, "getContext");
  watch(HTMLCanvasElement.prototype, "toDataURL");
  watch(window.NavigatorUAData?.prototype, "getHighEntropyValues");
  watch(Intl.DateTimeFormat.prototype, "resolvedOptions");
  watch(window, "AudioContext");
})()"""
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
LOOK = """(button) => {
  const { width, height } = button.getBoundingClientRect();
  const style = getComputedStyle(button);
  const names = ["fontSize", "fontWeight", "color", "backgroundColor", "borderTopWidth",
    "borderTopColor", "borderTopStyle", "borderRadius", "opacity", "textDecorationLine",
    "boxShadow"];
  return { width, height, tag: button.localName, ...Object.fromEntries(
    names.map((name) => [name, style[name]])) };
}"""
POLICY = (
    "default-src 'none'; script-src {base}; connect-src {base}; style-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types askfirst"
)
VIOLATIONS = """(() => {
  window.violations = [];
  document.addEventListener("securitypolicyviolation",
    (event) => window.violations.push(`${event.violatedDirective} ${event.sample}`));
})()"""


# Playwright's `evaluate` counts as a person's gesture; what the page itself runs does not.
OWN_CODE = """document.addEventListener("askfirst:choice", () => setTimeout(() => {
  window.tried = true;
  window.askfirst.consent.set({ statistics: true });
}, 50), { once: true })"""


async def quiet(page: Page) -> None:
    """Wait long enough for a request that should not happen."""
    await page.wait_for_timeout(250)


async def test_requirements_1_2_4_6_nothing_is_stored_or_sent_whatever_a_visitor_does_but_choosing(
    stage: Stage, new_profile: NewProfile
):
    body = PATHS.format("two") + LONG + "<form action='/stage/sent'><button>Send</button></form>"
    shown = await stage.show(await new_profile(), body=body)
    page = await shown.asked()
    await page.mouse.wheel(0, 9000)
    await page.keyboard.press("Escape")
    await page.evaluate("history.pushState({}, '', '/stage/three')")
    await page.click("text=Another page")
    await page.wait_for_url("**/stage/two")
    await page.click("text=Send")
    await page.wait_for_url("**/stage/sent*")
    await expect(page.locator(BANNER)).to_be_visible()
    await quiet(page)

    assert await page.evaluate(STORED) == NOTHING
    assert await shown.stored() == []
    key = shown.site.key
    assert set(shown.requests) == {"GET /tag.js", "GET /banner.js", f"GET /wording/{key}.json"}
    assert await stage.records(shown.site) == []
    assert await stage.rows(shown.site) == []


async def test_requirement_3_no_feature_of_the_device_is_read_before_a_yes(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile()
    await profile.add_init_script(FEATURES)
    page = await (await stage.show(profile)).asked()

    assert await page.evaluate("window.read") == []


async def test_requirement_5_escape_and_close_are_never_a_yes(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.asked()
    for leave in ("Escape", CLOSE):
        await page.click(DETAILS)
        await page.check(BOX.format("statistics"))
        await (page.keyboard.press(leave) if leave == "Escape" else page.click(leave))
        await expect(page.locator(DIALOG)).to_have_count(0)
    await quiet(page)

    assert await page.evaluate("askfirst.consent.get().choice") == "none"
    assert await shown.stored() == []
    assert not [seen for seen in shown.requests if seen.startswith("POST")]


async def test_requirements_7_8_10_refusing_takes_one_click_on_the_first_layer_as_accepting_does(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    for answer, state in ((REFUSE, "refused"), (ACCEPT, "granted")):
        page = await (await stage.show(await new_profile(), site)).asked()
        await expect(page.locator(answer)).to_be_in_viewport()
        await page.click(answer)
        await expect(page.locator(BANNER)).to_have_count(0)
        assert await page.evaluate("askfirst.consent.get().choice") == state


async def test_requirement_9_all_answers_look_alike(stage: Stage, new_profile: NewProfile):
    site = await stage.site(videos=True, only_this_visit=True)
    for scheme, size in (("light", (1280, 800)), ("dark", (360, 740))):
        profile = await new_profile(color_scheme=scheme)
        page = await (await stage.show(profile, site)).asked(size=size)
        accept, refuse, once = [
            await page.locator(button).evaluate(LOOK) for button in (ACCEPT, REFUSE, ONCE)
        ]

        assert abs(accept.pop("width") - refuse.pop("width")) < 1
        once.pop("width")
        assert abs(accept.pop("height") - refuse.pop("height")) < 1
        once.pop("height")
        assert accept == refuse == once


async def test_requirements_10_16_each_language_has_one_label_an_answer_and_none_is_vague():
    vague = {"ok", "okay", "got it", "continue", "yes", "no", "agree", "weiter", "continuer"}
    for tag in languages():
        banner = texts_of(tag)["banner"]
        accepting = {banner[name].lower() for name in ("accept", "accept_all", "accept_once")}
        refusing = {banner[name].lower() for name in ("refuse", "refuse_all")}
        assert not accepting & refusing, tag
        assert not vague & (accepting | refusing), tag


async def test_requirements_11_12_nothing_is_ticked_beforehand_and_a_subset_is_kept_exactly(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile(), await stage.site(videos=True))
    page = await shown.asked()
    await page.click(DETAILS)
    await expect(page.locator(f"{DIALOG} input[type=checkbox]")).to_have_count(2)
    assert await page.locator(f"{DIALOG} input:checked").count() == 0
    await page.click(f"{DIALOG} [data-askfirst=all]")
    assert await page.locator(f"{DIALOG} input:checked").count() == 2
    await page.click(f"{DIALOG} [data-askfirst=none]")
    await page.check(BOX.format("videos"))
    async with page.expect_response("**/consent"):
        await page.click(SAVE)
    (record,) = await stage.records(shown.site)

    assert json.loads(record["purposes"]) == ["videos"]


async def test_requirement_13_who_what_how_long_and_how_to_leave_are_said_before_the_choice(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    for said in ("Harbour Ltd", "Visit statistics", "25 months", "withdraw", "Shared with"):
        await expect(page.locator(BANNER)).to_contain_text(said)
    link = await page.locator(f"{BANNER} a").get_attribute("href")
    assert (await page.request.get(link or "")).status == 200
    await page.click(DETAILS)
    fields = texts_of("en")["fields"]
    told = [fields[name]["title"] for name in statistics_columns()]
    text = await page.locator(DIALOG).inner_text()

    assert not [title for title in told if title not in text]
    assert fields["amount"]["title"] not in text  # no purpose of this site has it


async def test_requirement_14_no_picture_stands_beside_an_answer(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()

    assert await page.locator(f"{BANNER} :is(img, svg, canvas, video, picture)").count() == 0
    assert (await page.locator(BANNER).inner_text()).isascii()


async def test_requirement_15_after_a_refusal_thirty_days_pass_without_a_banner(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile()
    shown = await stage.show(profile)
    page = await shown.asked()
    async with page.expect_response("**/consent"):
        await page.click(REFUSE)
    shown.requests.clear()
    for day in range(0, 30, 3):
        await page.clock.set_system_time(datetime.now(UTC).timestamp() * 1000 + day * 86_400_000)
        await page.reload()
        await expect(page.locator(CONTROL)).to_be_visible()
        assert await page.locator(BANNER).count() == 0

    assert set(shown.requests) == {"GET /tag.js"}


async def test_requirement_16_the_banner_speaks_the_pages_language_and_no_other(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    for lang, spoken in (("ar", "ar"), ("en-GB", "en"), ("tlh", "en")):
        page = await (await stage.show(await new_profile(), site, lang=lang)).asked()
        banner = page.locator(BANNER)
        assert await banner.get_attribute("lang") == spoken
        for key in ("title", "accept", "refuse", "preferences", "policy"):
            await expect(banner).to_contain_text(texts_of(spoken)["banner"][key])
        assert "{" not in await banner.inner_text()


async def test_requirements_17_18_a_choice_lasts_half_a_year_at_most_and_is_asked_for_again(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    for answer in (ACCEPT, REFUSE):
        profile = await new_profile()
        page = await (await stage.show(profile, site)).asked()
        async with page.expect_response("**/consent"):
            await page.click(answer)
        await expect(page.locator(CONTROL)).to_be_visible()
        (cookie,) = await profile.cookies()
        days = (cookie["expires"] - datetime.now(UTC).timestamp()) / 86_400
        assert 178 < days <= 183


async def test_requirement_15_a_no_lasts_as_long_as_the_owner_says_and_says_so(
    stage: Stage, new_profile: NewProfile
):
    site, profile = await stage.site(refusal_days=393), await new_profile()
    page = await (await stage.show(profile, site)).asked()
    async with page.expect_response("**/consent"):
        await page.click(REFUSE)
    await expect(page.locator("#askfirst-status")).to_contain_text("393 days")
    (cookie,) = await profile.cookies()
    days = (cookie["expires"] - datetime.now(UTC).timestamp()) / 86_400
    assert 391 < days <= 393


async def test_requirement_17_a_yes_that_ran_out_by_the_browsers_clock_is_asked_for_again(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.granted()
    await page.clock.set_system_time(datetime.now(UTC).timestamp() * 1000 + 184 * 86_400_000)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
    await expect(page.locator(BANNER)).to_be_visible()

    assert await page.evaluate("askfirst.track('late')") is False


async def test_a_yes_for_this_visit_only_ends_with_the_browser(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile(), await stage.site(only_this_visit=True))
    page = await shown.asked()
    async with page.expect_response("**/event") as answering:
        await page.click(ONCE)
    (cookie,) = await shown.profile.cookies()

    assert (await answering.value).status == 202
    assert cookie["expires"] == -1


async def test_requirement_49_gpc_is_a_no_without_banner_or_storage_and_an_explicit_yes_wins(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile(extra_http_headers={"Sec-GPC": "1"})
    await profile.add_init_script(GPC)
    shown = await stage.show(profile)
    page = await shown.page()
    await expect(page.locator(CONTROL)).to_be_visible()
    await quiet(page)
    assert shown.requests == ["GET /tag.js"]
    assert await page.evaluate(STORED) == NOTHING
    await page.click(CONTROL)
    await expect(page.locator(DIALOG)).to_contain_text("Global Privacy Control")
    await page.check(BOX.format("statistics"))
    async with page.expect_response("**/event"):
        await page.click(SAVE)
    (record,) = await stage.records(shown.site)

    assert json.loads(record["signals"]) == {"gpc": True}


async def test_requirement_51_a_scripted_click_refuses_and_never_accepts(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile()
    await profile.add_init_script(OWN_CODE)
    shown = await stage.show(profile, await stage.site(only_this_visit=True))
    page = await shown.asked()
    await page.wait_for_function("window.tried")
    for button in (ACCEPT, ONCE):
        await page.locator(button).evaluate("button => button.click()")
    await page.locator(DETAILS).evaluate("button => button.click()")
    await page.locator(BOX.format("statistics")).evaluate("box => (box.checked = true)")
    await page.locator(SAVE).evaluate("button => button.click()")
    await quiet(page)
    assert await shown.stored() == []
    await page.locator(CLOSE).evaluate("button => button.click()")
    await page.locator(REFUSE).evaluate("button => button.click()")
    await expect(page.locator(BANNER)).to_have_count(0)

    assert await shown.stored() == ["no"]
    assert await stage.records(shown.site) == []


async def test_requirement_51_a_persons_click_on_the_sites_own_button_may_accept(
    stage: Stage, new_profile: NewProfile
):
    body = "<button id='own'>I accept statistics</button>"
    shown = await stage.show(await new_profile(), body=body)
    page = await shown.asked()
    await page.evaluate(
        "document.getElementById('own').onclick = () => askfirst.consent.set({ statistics: true })"
    )
    async with page.expect_response("**/event"):
        await page.click("#own")
    (record,) = await stage.records(shown.site)

    assert record["method"] == "api"


async def test_requirement_53_the_strictest_policy_with_trusted_types_is_not_violated(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile()
    await profile.add_init_script(VIOLATIONS)
    policy = POLICY.format(base=stage.base)
    shown = await stage.show(profile, headers={"Content-Security-Policy": policy})
    page = await shown.asked()
    await page.click(DETAILS)
    await page.click(CLOSE)
    async with page.expect_response("**/event"):
        await page.click(ACCEPT)
    await page.click("[data-askfirst=withdraw]")
    await expect(page.locator("#askfirst-erasure")).to_be_visible()
    fixed = await page.locator("#askfirst-erasure").evaluate("it => getComputedStyle(it).position")

    assert fixed == "fixed"  # so the style sheets apply
    assert await page.evaluate("window.violations") == []


GATED = """<template data-askfirst-purpose="statistics"><iframe id="film" srcdoc="x"
  title="A film"></iframe><script>window.inFrame = true</script></template>
<script type="text/plain" data-askfirst-purpose="statistics">window.ran = true</script>
<script type="text/plain" data-askfirst-purpose="videos">window.wrong = true</script>"""


async def test_requirement_54_without_our_script_nothing_runs_and_with_a_yes_what_it_covers_does(
    stage: Stage, new_profile: NewProfile
):
    blocked = await stage.show(await new_profile(), body=GATED)
    await blocked.profile.route("**/tag.js", lambda route: route.abort())
    page = await blocked.page()
    await quiet(page)
    assert await page.evaluate("[window.ran, window.inFrame, window.askfirst]") == [None] * 3
    assert await page.locator("#film").count() == 0

    shown = await stage.show(await new_profile(), body=GATED)
    page = await shown.asked()
    assert await page.evaluate("window.ran") is None
    await page.click(ACCEPT)
    await expect(page.locator("#film")).to_have_count(1)
    await page.wait_for_function("window.ran && window.inFrame")
    assert await page.evaluate("window.wrong") is None
    await page.click("[data-askfirst=withdraw]")
    await expect(page.locator("#film")).to_have_count(0)


async def test_gates_open_under_trusted_types_where_the_page_allows_their_policy(
    stage: Stage, new_profile: NewProfile
):
    policy = (
        "script-src 'self' 'unsafe-inline'; require-trusted-types-for 'script'; "
        "trusted-types askfirst askfirst-gates"
    )
    headers = {"Content-Security-Policy": policy}
    shown = await stage.show(await new_profile(), body=GATED, headers=headers)
    page = await shown.asked()
    await page.click(ACCEPT)
    await expect(page.locator("#film")).to_have_count(1)
    await quiet(page)

    assert await page.evaluate("[window.ran, window.inFrame]") == [True, True]


async def test_gates_let_in_under_a_nonce_only_the_scripts_that_carry_it(
    stage: Stage, new_profile: NewProfile
):
    body = """<template data-askfirst-purpose="statistics"><p id="film">A film</p>
      <script nonce="n1">window.ran = true</script><script>window.wrong = true</script></template>
      <script type="text/plain" data-askfirst-purpose="statistics">window.wrong = true</script>"""
    headers = {"Content-Security-Policy": "script-src 'nonce-n1' 'strict-dynamic'"}
    shown = await stage.show(
        await new_profile(), body=body, headers=headers, attributes='nonce="n1"'
    )
    page = await shown.asked()
    await page.click(ACCEPT)
    await expect(page.locator("#film")).to_have_count(1)
    await quiet(page)

    assert await page.evaluate("[window.ran, window.wrong]") == [True, None]


async def test_googles_basic_mode_ends_with_the_page_and_the_withdrawal_arrives(
    stage: Stage, new_profile: NewProfile
):
    site = await stage.site()
    mode = 'data-consent-mode="basic"'
    shown = await stage.show(await new_profile(), site, body=GATED, attributes=mode)
    page = await shown.asked()
    await page.click(ACCEPT)
    await page.wait_for_function("window.ran")
    async with page.expect_event("load"):
        await page.click("[data-askfirst=withdraw]")
    await expect(page.locator("#askfirst-erasure")).to_be_visible()
    await quiet(page)

    assert await page.evaluate("[window.ran, window.dataLayer]") == [None, None]
    assert [record["state"] for record in await stage.records(site)] == ["given", "withdrawn"]


async def test_requirement_55_where_the_proof_cannot_be_stored_the_page_says_so_and_sends_nothing(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    page = await shown.asked()
    await page.route("**/consent", lambda route: route.fulfill(status=503, json={}))
    await page.click(ACCEPT)
    await expect(page.locator(f"{BANNER} [role=alert]")).to_contain_text("could not be saved")
    await quiet(page)

    assert await shown.stored() == []
    assert "POST /event" not in shown.requests
    assert await page.evaluate("askfirst.consent.get().choice") == "none"


async def test_what_would_be_stored_is_what_the_first_event_then_is(
    stage: Stage, new_profile: NewProfile
):
    page = await (await stage.show(await new_profile())).asked()
    await page.click(DETAILS)
    await page.click(f"{DIALOG} summary")
    example: dict[str, Any] = json.loads(await page.locator(f"{DIALOG} pre").inner_text())
    await page.click(CLOSE)
    async with page.expect_request("**/event") as sending:
        await page.click(ACCEPT)
    sent = json.loads((await sending.value).post_data or "")
    del sent["token"]
    for body in (example, sent):
        body["events"][0] |= {"id": "", "age": 0}

    assert example == sent


async def test_two_tabs_that_accept_and_refuse_at_once_end_with_one_choice(
    stage: Stage, new_profile: NewProfile
):
    shown = await stage.show(await new_profile())
    first, second = await shown.asked(), await shown.asked(name="two")
    clicks = [asyncio.create_task(first.click(ACCEPT)), asyncio.create_task(second.click(REFUSE))]
    await asyncio.wait(clicks, return_when=asyncio.FIRST_COMPLETED)
    _, waiting = await asyncio.wait(clicks, timeout=2)  # what the other tab was asked may be gone
    for click in waiting:
        click.cancel()
    await asyncio.gather(*clicks, return_exceptions=True)
    await quiet(first)
    choices = {await page.evaluate("askfirst.consent.get().choice") for page in (first, second)}

    assert len(choices) == 1
    assert len(await shown.stored()) == 1


MANAGER = Path(__file__).parents[3] / "node_modules" / "vanilla-cookieconsent" / "dist"
ITS_CONFIG = """addEventListener("load", () => window.CookieConsent.run({ hideFromBots: false,
  categories: { necessary: { enabled: true, readOnly: true }, analytics: {} },
  language: { default: "en", translations: { en: {
    consentModal: { title: "Asked elsewhere", acceptAllBtn: "All", acceptNecessaryBtn: "None" },
    preferencesModal: { sections: [] },
  } } },
}))"""


async def test_another_managers_yes_and_no_count_here_and_are_marked_as_given_there(
    stage: Stage, new_profile: NewProfile
):
    profile = await new_profile()
    await profile.add_init_script(path=MANAGER / "cookieconsent.umd.js")
    await profile.add_init_script(ITS_CONFIG)
    name = "vanilla-cookieconsent"
    site = await stage.site(manager=name)
    shown = await stage.show(profile, site, attributes=f'data-manager="{name}"')
    page = await shown.page()
    await expect(page.get_by_text("Asked elsewhere")).to_be_visible()
    await quiet(page)
    assert await page.locator(BANNER).count() == 0
    async with page.expect_response("**/event"):
        await page.get_by_role("button", name="All").click()
    (record,) = await stage.records(site)
    assert (record["method"], record["given_by"]) == ("manager", f"manager:{name}")
    await page.evaluate("CookieConsent.acceptCategory([])")
    await expect(page.locator("#askfirst-erasure")).to_be_visible()

    assert await page.evaluate("askfirst.consent.get().choice") == "refused"

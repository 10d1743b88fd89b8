"""Autoconsent without a rule for us: its heuristics find the banner and refuse."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from consent.policy.languages import languages
from tests.browser.asking.test_refusal_tools import ENGINE, Tool
from tests.browser.conftest import NewProfile
from tests.browser.stage import BANNER, Shown, Stage

KNOWN = ("en", "de", "es", "fr", "it", "nl", "pl", "pt", "pt-BR")
"""The languages of ours in which the engine knows a phrase of a banner and a label that
refuses. Of Swedish and Czech it knows labels but no phrase, of the other nineteen neither."""
UNKNOWN = tuple(tag for tag in languages() if tag not in KNOWN)
BOLDEST = "tier2"
"""The mode in which the engine presses “accept” if it finds no way to refuse."""
TRIES = {"heuristicMode": BOLDEST, "detectRetries": 1}  # the second try uses the heuristics
NO_RULES: dict[str, Any] = {"autoconsent": []}


async def used(page: Page, **config: Any) -> Tool:
    """Run the engine on a page that already shows the banner, until it has acted or given up."""
    tool = Tool(page, NO_RULES, "optOut", {**TRIES, **config})
    await page.expose_function("autoconsentSendMessage", tool.hear)
    await page.evaluate(ENGINE.read_text(encoding="utf-8"))
    async with asyncio.timeout(60):
        await tool.done.wait()
    return tool


async def asked(
    stage: Stage, new_profile: NewProfile, tag: str, **facts: Any
) -> tuple[Shown, Page]:
    site = await stage.site(languages=list(languages()), **facts)
    direction = "rtl" if tag in ("ar", "he") else "ltr"
    shown = await stage.show(await new_profile(), site, lang=tag, direction=direction)
    return shown, await shown.asked()


async def nothing_is_recorded(stage: Stage, shown: Shown) -> bool:
    posts = [seen for seen in shown.requests if seen == "POST /event"]
    return not (posts or await stage.records(shown.site) or await stage.rows(shown.site))


@pytest.mark.parametrize("tag", KNOWN)
async def test_requirement_50_without_a_rule_the_banner_is_recognised_and_refused(
    stage: Stage, new_profile: NewProfile, tag: str
):
    shown, page = await asked(stage, new_profile, tag, only_this_visit=True)
    async with page.expect_response("**/consent"):
        tool = await used(page)

    assert tool.results["optOutResult"] is True
    await expect(page.locator(BANNER)).to_have_count(0)
    assert await shown.stored() == ["no"]
    assert await nothing_is_recorded(stage, shown)


@pytest.mark.parametrize("mode", ["reject", "tier1"])
async def test_requirement_50_the_more_careful_modes_refuse_as_well(
    stage: Stage, new_profile: NewProfile, mode: str
):
    shown, page = await asked(stage, new_profile, "en", videos=True)
    async with page.expect_response("**/consent"):
        await used(page, heuristicMode=mode)

    assert await shown.stored() == ["no"]


async def test_requirement_50_a_small_window_hides_nothing_from_the_heuristics(
    stage: Stage, new_profile: NewProfile
):
    shown, page = await asked(stage, new_profile, "de", only_this_visit=True)
    await page.set_viewport_size({"width": 320, "height": 256})
    async with page.expect_response("**/consent"):
        await used(page)

    assert await shown.stored() == ["no"]


@pytest.mark.parametrize("tag", UNKNOWN)
async def test_requirement_51_where_the_tool_does_not_know_the_words_nothing_is_accepted(
    stage: Stage, new_profile: NewProfile, tag: str
):
    shown, page = await asked(stage, new_profile, tag, only_this_visit=True)
    tool = await used(page)

    assert tool.results == {}
    await expect(page.locator(BANNER)).to_be_visible()
    assert await shown.stored() == []
    assert await nothing_is_recorded(stage, shown)


@pytest.mark.parametrize("tag", KNOWN)
async def test_requirement_51_no_mode_accepts_where_the_refusal_is_hidden_from_the_tool(
    stage: Stage, new_profile: NewProfile, tag: str
):
    shown, page = await asked(stage, new_profile, tag)
    await page.locator(f"{BANNER} [data-askfirst=refuse]").evaluate("it => it.remove()")
    await used(page)

    await expect(page.locator(BANNER)).to_be_visible()
    assert await shown.stored() == []
    assert await nothing_is_recorded(stage, shown)


@pytest.mark.parametrize("tag", KNOWN)
async def test_requirement_50_after_a_yes_a_tool_finds_nothing_to_press(
    stage: Stage, new_profile: NewProfile, tag: str
):
    """The control's label for withdrawing is a word of refusal, but the control is no banner."""
    shown, page = await asked(stage, new_profile, tag)
    async with page.expect_response("**/event"):
        await page.click(f"{BANNER} [data-askfirst=accept]")
    tool = await used(page)

    assert tool.results == {}
    assert await page.evaluate("askfirst.consent.get().choice") == "granted"
    assert "no" not in await shown.stored()

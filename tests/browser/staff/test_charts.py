"""An interactive chart in Chromium: Vega draws it under the policy of our pages, without eval."""

from playwright.async_api import expect

from server.demo.generated_visits import VisitGenerator
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import signed_in
from tests.browser.stage import Stage

VISITS = 20


async def test_a_chart_is_drawn_and_read_by_keys_with_no_script_made_out_of_text(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    async for _ in VisitGenerator(stage.services, site, VISITS).days():
        pass
    await stage.rows(site)
    page = await signed_in(stage, await new_profile())
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto(f"{stage.base}/sites/{site.key}?period=7d")
    await page.locator("summary", has_text="Chart as file").first.click()
    assert not [url for url in asked if "/vega/" in url]
    await page.get_by_role("link", name="Open as an interactive chart").first.click()
    readout, plot = page.locator("[data-readout]"), page.locator("[data-plot]")
    await expect(page.locator("[data-drawn] svg .mark-line path").first).to_be_visible(
        timeout=60_000
    )
    rows = await page.locator("tbody tr").all_inner_texts()

    await plot.focus()
    for nth, key in ((0, "ArrowRight"), (1, "ArrowDown"), (0, "ArrowLeft"), (0, "ArrowLeft")):
        await page.keyboard.press(key)
        await expect(readout).to_contain_text(f"{rows[nth].split(chr(9))[0]}: Visitors ")
    line = page.locator("[data-plot] .mark-line path").first
    whole = await line.get_attribute("d")
    await page.keyboard.press("+")
    await expect(line).not_to_have_attribute("d", whole or "")
    await page.keyboard.press("0")
    await expect(line).to_have_attribute("d", whole or "")
    await page.keyboard.press("Escape")
    await expect(readout).to_contain_text("Point at the chart")
    await plot.hover()
    await expect(readout).to_contain_text(": Visitors ")
    assert told == []
    assert all(url.startswith(stage.base) for url in asked)

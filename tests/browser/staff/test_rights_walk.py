"""A walk by keyboard through what staff do for a visitor who writes, and what the visitor sees."""

from datetime import date

import pytest
from playwright.async_api import expect

from askfirst.sites import Site
from reports.formatting.dates import local
from reports.visitor_requests.due_day import due_day
from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import signed_in
from tests.browser.stage import Stage
from tests.browser.walking import HEIGHTS, Walk, is_clean
from tests.reports.garden import EMAIL

COURT = "County Court at Harbour Lane"


async def visitor_of(stage: Stage, new_profile: NewProfile, width: int) -> tuple[Site, Walk, str]:
    """Return a site, its one visitor on the page of their own, and the receipt code there."""
    profile = await new_profile(viewport={"width": width, "height": HEIGHTS[width]})
    shown = await stage.show(profile)
    page = await shown.granted()
    await stage.rows(shown.site)
    await page.goto(f"{stage.base}/my-data/{shown.site.key}?lang=en")
    return shown.site, Walk(page, width), await page.inner_text(".own-code")


async def notes_a_request(walk: Walk, code: str, due: date) -> None:
    """Note what came by post, by the receipt code, and read until when it is to be answered."""
    await walk.press("#note summary")
    await walk.type("#kind", "Take")
    await walk.type("#way", "By post")
    await walk.type("#number", code)
    await walk.type("#identity", "answered from the address that the site knows")
    await is_clean(walk.page, walk.width)
    await walk.go()
    await walk.sees("h1", "Request")
    facts = walk.page.locator(".pairs").first
    await expect(facts).to_contain_text(f"Due{due:%b} {due.day}")
    await expect(facts).to_contain_text("answered from the address")


async def answers_it(walk: Walk) -> None:
    """Take the visitor's file for them, and write down that it was sent."""
    async with walk.page.expect_download() as taking:
        await walk.press("button[formaction$='/export.zip']")
    assert (await taking.value).suggested_filename.endswith(".zip")
    await walk.type("#act", "Answered")
    await walk.type("#said", "Sent the file by post")
    await walk.go()
    await expect(walk.page.locator("[aria-labelledby=log]")).to_contain_text("Sent the file")
    await expect(walk.page.locator(".pairs").first).to_contain_text("StateAnswered")


async def discloses(walk: Walk, day: date) -> None:
    """Enter from the visitor's page what a court received."""
    await walk.go("button[formaction$='/disclosures/start']")
    await walk.type("#to_whom", COURT)
    await walk.type("#ground", "Court")
    await walk.press("input[name=kind_consents]", "Space")
    for field in ("first_day", "last_day"):
        await walk.type(f"#{field}", f"{day:%m%d%Y}")
    await is_clean(walk.page, walk.width)
    await walk.go("main button[type=submit]:not([formaction]):not([aria-label])")
    await walk.sees("main", COURT)
    await expect(walk.page.locator(".session-list")).to_contain_text("The visitor can read it")


async def ends_access(walk: Walk) -> None:
    await walk.go("button[formaction$='/end-access']")
    await walk.sees("h1", "End this visitor")
    await walk.go("button[value=yes]")
    await walk.sees("h1", "Access is ended")


@pytest.mark.parametrize("width", HEIGHTS)
async def test_law_6_by_keyboard_staff_act_for_a_visitor_who_sees_all_that_they_did(
    stage: Stage, new_profile: NewProfile, width: int
) -> None:
    site, visitor, code = await visitor_of(stage, new_profile, width)
    today = local(stage.services.clock(), site.time_zone).date()
    profile = await new_profile(viewport={"width": width, "height": HEIGHTS[width]})
    staff = Walk(await signed_in(stage, profile), width)
    await staff.page.goto(f"{stage.base}/sites/{site.key}/requests")
    await notes_a_request(staff, code, due_day(today))
    await answers_it(staff)
    await staff.go("section[aria-labelledby=visitor] p a")
    person = staff.page.url
    await discloses(staff, today)
    await visitor.page.reload()
    seen = visitor.page.locator("#seen")
    for text in (COURT, "A court order", EMAIL, "took your file"):
        await expect(seen).to_contain_text(text)
    await is_clean(visitor.page, width)

    await staff.page.goto(person)
    await ends_access(staff)
    await visitor.page.reload()
    await visitor.sees("#ended ~ p, [role=status] p", "Harbour ended it")
    await expect(visitor.page.locator(".own-code")).to_have_count(0)

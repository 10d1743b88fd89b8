"""A share link in Chromium: made by the owner, opened by somebody else, with a password."""

from tests.browser.conftest import NewProfile
from tests.browser.staff.test_wordings import TOO_WIDE, axe, signed_in
from tests.browser.stage import Stage

PASSWORD = "horse battery staple"


async def test_a_stranger_opens_a_share_link_with_its_password(
    stage: Stage, new_profile: NewProfile
) -> None:
    site = await stage.site()
    owner = await signed_in(stage, await new_profile())
    await owner.goto(f"{stage.base}/sites/{site.key}/sharing")
    await owner.fill("[name=name]", "The board")
    await owner.fill("[name=password_new]", PASSWORD)
    await owner.click("button:has-text('Make a link')")
    address = await owner.input_value("#address")
    made = await axe(owner)

    stranger = await (await new_profile(viewport={"width": 360, "height": 800})).new_page()
    await stranger.goto(address)
    asked = await axe(stranger)
    await stranger.fill("[name=password]", PASSWORD)
    await stranger.click("button:has-text('Open the report')")
    await stranger.wait_for_selector("h1:has-text('" + site.name + "')")

    assert stranger.url == address
    assert [made, asked, await axe(stranger)] == [[], [], []]
    assert not await stranger.evaluate(TOO_WIDE)
    assert await stranger.locator("header.top").count() == 0

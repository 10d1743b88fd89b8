"""A share link with a password opens its report only where the password was typed."""

from tests.reports.garden import SAME_ORIGIN, Garden
from tests.reports.sharing.links import made

PASSWORD = "horse battery staple"


async def test_a_password_opens_the_report_in_this_browser_for_hours(garden: Garden) -> None:
    app = garden.app()
    path = await made(garden, await garden.signed_in(app), password_new=PASSWORD)
    stranger = garden.client(app)
    asked = await stranger.get(path)
    wrong = await stranger.post(path, data={"password": "x"}, headers=SAME_ORIGIN)
    right = await stranger.post(path, data={"password": PASSWORD}, headers=SAME_ORIGIN)
    opened = await stranger.get(path)
    elsewhere = await garden.client(app).get(path)
    forged = garden.client(app)
    forged.cookies.set("__Host-askfirst_share_1", f"{10**14}.{'0' * 64}", domain="reports.example")
    garden.clock.move(minutes=13 * 60)

    assert "takes a password" in asked.text
    assert "Garden" not in asked.text
    assert wrong.status_code == 401
    assert right.headers["location"] == path
    assert "httponly" in right.headers["set-cookie"].lower()
    assert "Garden" in opened.text
    for other in (elsewhere, await forged.get(path), await stranger.get(path)):
        assert "takes a password" in other.text


async def test_tries_at_a_password_are_limited_and_come_from_its_own_page(garden: Garden) -> None:
    app = garden.app()
    path = await made(garden, await garden.signed_in(app), password_new=PASSWORD)
    stranger = garden.client(app, peer="192.0.2.7")
    foreign = {"Origin": "https://evil.example"}
    tries = [
        await stranger.post(path, data={"password": "x"}, headers=SAME_ORIGIN)
        for _ in range(garden.deps.settings.sign_ins_per_minute + 1)
    ]
    right = await stranger.post(path, data={"password": PASSWORD}, headers=SAME_ORIGIN)
    other = garden.client(app, peer="192.0.2.8")
    forged = await other.post(path, data={"password": PASSWORD}, headers=foreign)
    honest = await other.post(path, data={"password": PASSWORD}, headers=SAME_ORIGIN)

    assert [one.status_code for one in tries[-2:]] == [401, 429]
    assert right.status_code == 429
    assert forged.status_code == 403
    assert honest.status_code == 303

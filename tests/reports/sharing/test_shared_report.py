"""A share link opens one report without an account, and nothing beside it."""

import re

import httpx2
from sqlalchemy import select

from askfirst.store.ledger.tables import share_links
from reports.sharing.shared_report import A_MINUTE, GUESSES
from tests.reports.garden import EMAIL, SAME_ORIGIN, Garden
from tests.reports.reading import Reading

PATH = "/sharing"
PASSWORD = "horse battery staple"


def secret_in(html: str) -> str:
    found = re.search(r"https://reports\.example/share/([A-Za-z0-9_-]{22})<", html)
    assert found, html
    return found[1]


async def made(garden: Garden, client: httpx2.AsyncClient, **fields: str) -> str:
    """Make a link as the owner; return its path."""
    answer = await garden.post(client, PATH, **{"name": "The board", **fields})
    assert answer.status_code == 200, answer.text
    return f"/share/{secret_in(answer.text)}"


def visits(garden: Garden, count: int, first: int = 0, **changes: str) -> None:
    for number in range(first, first + count):
        visitor = f"{number:032x}"
        garden.event("2026-01-01T10:00", visitor_id=visitor, visit_id=f"v{number}", **changes)


async def test_a_stranger_reads_the_report_of_the_link_and_no_small_number(garden: Garden) -> None:
    visits(garden, 23, path="/a", country="DE")
    visits(garden, 9, 23, path="/few", country="FR")
    garden.store()
    owner = await garden.signed_in()
    path = await made(garden, owner)
    answer = await garden.client(garden.app()).get(path)
    page = Reading(answer.text)

    assert answer.status_code == 200
    assert page.figures["Visitors"] == ["30"]
    assert page.tables["Pages"] == [["/a", "20", "20"]]
    assert page.tables["Countries"] == [["Germany", "20"]]
    assert "/few" not in answer.text
    assert "France" not in answer.text
    assert f"/sites/{garden.site.key}" not in answer.text
    assert EMAIL not in answer.text
    assert await garden.acts() == [("share_link_made", EMAIL, garden.site.key)]


async def test_it_is_found_and_framed_by_nobody_and_tells_its_address_to_nobody(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    stranger = garden.client(garden.app())
    alone = (await stranger.get(await made(garden, owner))).headers
    framed = (
        await stranger.get(await made(garden, owner, embedded_in="Example.org\n*.example.net"))
    ).headers

    assert alone["content-security-policy"].endswith("frame-ancestors 'none'")
    assert framed["content-security-policy"].endswith("frame-ancestors example.org *.example.net")
    for headers in (alone, framed):
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


NOT_OFFERED = (
    "where=country,is,DE",
    "on=events",
    "period=today",
    "period=custom&from=2026-01-01&to=2026-01-02",
    "period=all",
    "period=7d&by=hour",
    "metric=secrets",
)


async def test_what_could_tell_small_counts_apart_is_not_offered(garden: Garden) -> None:
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    statuses = [(await stranger.get(f"{path}?{query}")).status_code for query in NOT_OFFERED]
    assert statuses == [400] * len(NOT_OFFERED)


async def test_whole_lists_open_and_other_pages_do_not(garden: Garden) -> None:
    visits(garden, 12, path="/a")
    garden.store()
    path = await made(garden, await garden.signed_in())
    stranger = garden.client(garden.app())
    report = Reading((await stranger.get(path)).text)
    whole = Reading((await stranger.get(report.links["All pages"])).text)

    assert whole.tables["Pages"] == [["/a", "10", "10"]]
    assert (await stranger.get(f"{path}?show=visitors")).status_code == 404
    for beneath in ("/visitors", "/choices", "/filter", ""):
        answer = await stranger.get(f"/sites/{garden.site.key}{beneath}")
        assert answer.headers["location"].startswith("/sign-in")
    assert (await stranger.get(f"{path}/visitors")).status_code == 404


async def test_a_link_of_a_segment_keeps_its_conditions_when_the_segment_changes_or_goes(
    garden: Garden,
) -> None:
    visits(garden, 20, country="DE")
    visits(garden, 40, 20, country="FR")
    garden.store()
    owner = await garden.signed_in()
    await garden.post(owner, "/segments/keep?where=country,is,DE", name="Ours")
    path = await made(garden, owner, segment="1")
    await garden.post(owner, "/segments/keep?where=country,is,FR", replaces="1", name="Ours")
    changed = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    await garden.post(owner, "/segments/delete", id="1")
    gone = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    page = Reading((await garden.client(garden.app()).get(path)).text)

    assert page.figures["Visitors"] == ["20"]
    assert "Ours: Country is Germany" in page.text
    assert "The segment was changed since" in changed
    assert "The segment was deleted since" in gone


async def test_a_link_whose_conditions_the_policy_no_longer_covers_shows_nothing(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    await garden.post(owner, "/segments/keep?where=country,is,DE", name="Ours")
    path = await made(garden, owner, segment="1")
    content = garden.deps.book.policy(garden.site).content
    purposes = [
        {**one, "columns": [name for name in one["columns"] if name != "country"]}
        for one in content["purposes"]
    ]
    await garden.deps.book.publish(garden.site, {**content, "purposes": purposes}, asks_again=False)
    await garden.deps.book.refresh()
    answer = await garden.client(garden.app()).get(path)

    assert answer.status_code == 410
    assert "no longer covers" in answer.text
    assert "no longer covers these" in (await owner.get(f"/sites/{garden.site.key}{PATH}")).text


async def test_a_revoked_and_an_expired_link_say_that_they_are_gone(garden: Garden) -> None:
    app = garden.app()
    owner, stranger = await garden.signed_in(app), garden.client(app)
    revoked, expired = await made(garden, owner), await made(garden, owner, until="2026-01-01")
    opened = await stranger.get(expired)
    await garden.post(owner, f"{PATH}/revoke", id="1")
    garden.clock.move(minutes=11 * 60)
    listed = Reading((await owner.get(f"/sites/{garden.site.key}{PATH}")).text)

    assert opened.status_code == 200
    for path in (revoked, expired):
        answer = await stranger.get(path)
        assert answer.status_code == 410
        assert "does not open anything any more" in answer.text
        assert "Garden" not in answer.text
        assert (await stranger.post(path, headers=SAME_ORIGIN)).status_code == 410
    assert "There is no link yet." in listed.text


async def test_the_secret_is_shown_once_and_only_its_hash_and_day_of_use_are_stored(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    path = await made(garden, owner)
    before = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    await garden.client(garden.app()).get(path)
    after = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    async with garden.deps.ledger.read() as connection:
        row = (await connection.execute(select(share_links))).one()

    secret = path.removeprefix("/share/")
    assert secret not in before
    assert "Never opened." in before
    assert "last opened: today." in Reading(after).text.lower()
    assert secret not in str(row)


async def test_guesses_are_limited_by_address_and_do_not_keep_a_reader_out(garden: Garden) -> None:
    app = garden.app()
    path = await made(garden, await garden.signed_in(app))
    stranger = garden.client(app, peer="192.0.2.7")
    guesses = [await stranger.get(f"/share/{n:022d}") for n in range(GUESSES + 1)]
    again = await stranger.get(path)
    for _ in range(A_MINUTE - GUESSES - 2):
        await stranger.get("/share/no")
    last = await stranger.get(path)

    assert [one.status_code for one in guesses] == [*[404] * GUESSES, 429]
    assert again.status_code == 200
    assert last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert (await garden.client(app, peer="192.0.2.8").get(path)).status_code == 200


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


async def test_a_link_of_another_site_is_not_revoked_from_this_one(garden: Garden) -> None:
    owner = await garden.signed_in()
    path = await made(garden, owner)
    garden.site, garden.other = garden.other, garden.site
    await garden.post(owner, f"{PATH}/revoke", id="1")

    assert (await garden.client(garden.app()).get(path)).status_code == 200


async def test_nothing_is_made_or_revoked_without_the_sessions_secret(garden: Garden) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}{PATH}"
    for where in (path, f"{path}/revoke"):
        forged = await client.post(where, data={"name": "x", "id": "1", "csrf": "x"})
        assert forged.status_code == 403

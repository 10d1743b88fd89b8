"""Another website can open none of our pages so that it leaves an entry, nor take a file out."""

import httpx2
import pytest
from starlette.applications import Starlette

from reports.http.navigation import with_empty_proof
from tests.reports.garden import ANNA, BASE, EMAIL, PASSWORD, SAME_ORIGIN, Garden
from tests.reports.reading import Reading

PATHS = ("/visitors", f"/visitors/{ANNA}")
ELSEWHERE = {
    "another website": {"Sec-Fetch-Site": "cross-site"},
    "another host of the site": {"Sec-Fetch-Site": "same-site"},
    "an older browser, from another website": {"Referer": "https://evil.example/x"},
    "an older browser, from a host that is like ours": {"Referer": f"{BASE}.evil.example/"},
    "an older browser that says nothing": {},
    "something new": {"Sec-Fetch-Site": "elsewhere"},
}
FROM_HERE = {
    "a link of ours": {"Sec-Fetch-Site": "same-origin"},
    "a bookmark": {"Sec-Fetch-Site": "none"},
    "an older browser, by a link of ours": {"Referer": f"{BASE}/sites/x"},
}


async def _anna(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", path="/what-anna-read")
    garden.store()


async def _client(garden: Garden, headers: dict[str, str]) -> httpx2.AsyncClient:
    await _anna(garden)
    client = await garden.signed_in()
    del client.headers["Sec-Fetch-Site"]
    client.headers.update(headers)
    return client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", ELSEWHERE)
async def test_law_9_coming_from_elsewhere_shows_nobody_and_leaves_no_entry(
    garden: Garden, where: str, path: str
) -> None:
    client = await _client(garden, ELSEWHERE[where])
    answer = await client.get(f"/sites/{garden.site.key}{path}")

    assert answer.status_code == 200
    assert "One more click" in answer.text
    assert "/what-anna-read" not in answer.text
    assert ANNA not in Reading(answer.text).text
    assert await garden.entries() == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("where", FROM_HERE)
async def test_law_9_a_click_of_ours_and_a_bookmark_open_the_page_and_leave_an_entry(
    garden: Garden, where: str, path: str
) -> None:
    client = await _client(garden, FROM_HERE[where])
    answer = await client.get(f"/sites/{garden.site.key}{path}")

    assert "One more click" not in answer.text
    assert [who for _, who, _ in await garden.entries()] == [EMAIL]


@pytest.mark.parametrize("path", [*PATHS, "/visitors/find", f"/visitors/{ANNA}/erase"])
@pytest.mark.parametrize("where", ELSEWHERE)
async def test_law_9_a_sign_in_on_the_way_from_elsewhere_opens_nothing_by_itself(
    garden: Garden, where: str, path: str
) -> None:
    """What comes after the form is a redirect of ours, so the browser says `same-origin` then."""
    await _anna(garden)
    link = f"/sites/{garden.site.key}{path}"
    for first in (link, f"/sign-in?next={link}", f"/sign-in?next={link}%23x"):
        client = garden.client(follow_redirects=True)
        form = Reading((await client.get(first, headers=ELSEWHERE[where])).text).fields
        filled = form | {"email": EMAIL, "password": PASSWORD}
        wrong = await client.post("/sign-in", data=form | {"password": "x"}, headers=SAME_ORIGIN)
        again = Reading(wrong.text).fields | {"email": EMAIL, "password": PASSWORD}
        for typed in (filled, again):
            same = {"Sec-Fetch-Site": "same-origin"}
            answer = await client.post("/sign-in", data=typed, headers=same)
            assert "One more click" in answer.text, first
            assert await garden.entries() == []
    opened = await client.get(Reading(answer.text).links["Open the page"])

    assert "One more click" not in opened.text
    assert len(await garden.entries()) == 1


@pytest.mark.parametrize("where", FROM_HERE)
async def test_a_sign_in_on_the_way_from_a_page_of_ours_goes_on_without_a_click(
    garden: Garden, where: str
) -> None:
    await garden.consent(ANNA)
    client = garden.client(follow_redirects=True)
    asked = await client.get(f"/sites/{garden.site.key}/visitors/{ANNA}", headers=FROM_HERE[where])
    filled = Reading(asked.text).fields | {"email": EMAIL, "password": PASSWORD}
    same = {"Sec-Fetch-Site": "same-origin"}
    answer = await client.post("/sign-in", data=filled, headers=same)

    assert "One more click" not in answer.text
    assert len(await garden.entries()) == 1


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "ahead",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
    ],
)
async def test_law_9_a_page_that_is_fetched_ahead_of_a_click_leaves_no_entry(
    garden: Garden, ahead: dict[str, str], path: str
) -> None:
    client = await _client(garden, {"Sec-Fetch-Site": "same-origin"} | ahead)
    answer = await client.get(f"/sites/{garden.site.key}{path}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert await garden.entries() == []


@pytest.mark.parametrize("path", [f"{path}?period=today" for path in PATHS])
async def test_one_more_click_opens_the_page_also_in_a_browser_that_says_nothing(
    garden: Garden, path: str
) -> None:
    client = await _client(garden, {})
    asked = await client.get(f"/sites/{garden.site.key}{path}")
    link = Reading(asked.text).links["Open the page"]
    answer = await client.get(link)

    assert "period=today" in link
    assert "One more click" not in answer.text
    assert len(await garden.entries()) == 1


async def test_the_proof_of_one_page_opens_no_other_and_that_of_one_session_not_anothers(
    garden: Garden,
) -> None:
    client = await _client(garden, {"Sec-Fetch-Site": "cross-site"})
    list_page = await client.get(f"/sites/{garden.site.key}/visitors")
    proof = Reading(list_page.text).links["Open the page"].partition("?")[2]
    other = await garden.signed_in()
    other.headers["Sec-Fetch-Site"] = "cross-site"

    for browser, path in ((client, f"/visitors/{ANNA}"), (other, "/visitors")):
        answer = await browser.get(f"/sites/{garden.site.key}{path}?{proof}")
        assert "One more click" in answer.text
    assert await garden.entries() == []


@pytest.mark.parametrize("ending", ["json", "zip", "xlsx", "html"])
async def test_law_9_a_link_takes_no_file_out(garden: Garden, ending: str) -> None:
    client = await _client(garden, {"Sec-Fetch-Site": "same-origin"})
    path = f"/sites/{garden.site.key}/visitors/{ANNA}/export.{ending}"

    assert (await client.get(path)).status_code == 405
    assert (await client.post(path, data={"csrf": "guessed"})).status_code == 403
    assert (await client.post(path)).status_code == 403
    assert await garden.entries() == []
    assert await garden.acts() == []


async def test_law_9_no_page_of_a_site_leaves_anything_when_another_website_opens_it(
    garden: Garden,
) -> None:
    client = await _client(garden, {"Sec-Fetch-Site": "cross-site"})
    app = garden.app()
    await client.get(f"/sites/{garden.site.key}")  # loads the later pages
    for path in _pages_of(app, garden):
        await client.get(path)

    assert await garden.entries() == []
    assert await garden.acts() == []


async def test_law_9_no_page_of_a_site_leaves_anything_after_a_sign_in_that_another_website_led_to(
    garden: Garden,
) -> None:
    client = await _client(garden, {"Sec-Fetch-Site": "same-origin"})
    client.follow_redirects = True
    app = garden.app()
    await client.get(f"/sites/{garden.site.key}")
    for path in _pages_of(app, garden):
        if path != "/sign-in":
            await client.get(f"/sign-in?next={path}", headers={"Sec-Fetch-Site": "cross-site"})
            await client.get(with_empty_proof(path))

    assert await garden.entries() == []
    assert await garden.acts() == []


def _pages_of(app: Starlette, garden: Garden) -> list[str]:
    """Return the addresses of every page that takes GET, with the values of this garden."""
    from reports.staff.guard import Guard
    from reports.warehouse_pages import warehouse_routes

    routes = [*app.routes, *warehouse_routes(garden.deps, Guard(garden.deps))]
    found = [one.path for one in routes if "GET" in (getattr(one, "methods", None) or ())]
    values = {"{key}": garden.site.key, "{visitor}": ANNA, "{list}": "pages"}
    for name, value in values.items():
        found = [path.replace(name, value) for path in found]
    assert len(found) > 15
    return [path for path in found if not path.endswith("/now/events")]  # it does not end


async def test_pages_promise_that_the_visitors_file_tells_and_no_page_that_is_not_there(
    garden: Garden,
) -> None:
    await garden.consent(ANNA)
    client = await garden.signed_in()
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    path = f"/sites/{garden.site.key}/visitors"
    pages = [
        await client.get(path),
        await client.get(path, headers=elsewhere),
        await garden.post(client, "/visitors/find", number=ANNA),
    ]
    for page in pages:
        told = " ".join(Reading(page.text).text.split())
        assert "which they get from you on request" in told
        assert "can read it" not in told

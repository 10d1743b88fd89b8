"""Another website can open none of our pages so that it leaves an entry, nor take a file out."""

import pytest
from starlette.applications import Starlette

from tests.reports.garden import ANNA, BASE, EMAIL, Garden
from tests.reports.reading import Reading

PATHS = ("/visitors", f"/visitors/{ANNA}")
ELSEWHERE = {
    "another website": {"Sec-Fetch-Site": "cross-site"},
    "another host of the site": {"Sec-Fetch-Site": "same-site"},
    "another website, by a sign-in that was asked for": {
        "Sec-Fetch-Site": "cross-site",
        "Referer": f"{BASE}/sign-in",
    },
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


async def _client(garden: Garden, headers: dict[str, str]):
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", path="/what-anna-read")
    garden.store()
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


@pytest.mark.parametrize("ending", ["json", "csv"])
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


def _pages_of(app: Starlette, garden: Garden) -> list[str]:
    """Give the addresses of every page that takes GET, with the values of this garden."""
    from reports.access import Access
    from reports.report_pages import report_routes

    routes = [*app.routes, *report_routes(garden.parts, Access(garden.parts))]
    found = [one.path for one in routes if "GET" in (getattr(one, "methods", None) or ())]
    values = {"{key}": garden.site.key, "{visitor}": ANNA, "{list}": "pages"}
    for name, value in values.items():
        found = [path.replace(name, value) for path in found]
    assert len(found) > 15
    return found


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

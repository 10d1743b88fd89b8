"""The wording as JSON and the policy as a page: what they say and what they must not contain."""

import re
from html import unescape

import pytest

from askfirst.errors import NotFound
from consent.pages import contact_url
from consent.wording import default_policy

ORIGIN = "https://www.example.org"


async def policy_page(room):
    answer = await room.browser.get(f"/policy/{room.site.key}")
    assert answer.status_code == 200
    return answer.text


async def test_the_wording_is_readable_from_every_page(room):
    answer = await room.browser.get(f"/wording/{room.site.key}.json?lang=en-GB")
    assert answer.json() == room.shown
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=60"


async def test_the_error_of_a_wrong_key_can_be_read_from_every_page(room):
    answer = await room.browser.get("/wording/nobody.json", headers={"Origin": ORIGIN})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("origin", ["https://elsewhere.test", "https://example.net", "null", ""])
async def test_law_8_a_page_of_another_host_gets_no_wording_and_is_tallied(room, origin):
    path = f"/wording/{room.site.key}.json"
    answer = await room.browser.get(path, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "bad_origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Origin"
    assert await room.tally() == {"bad_origin": 1}


@pytest.mark.parametrize("origin", [ORIGIN, "http://a.example.net:8000"])
async def test_pages_of_the_sites_hosts_get_the_wording_and_no_tally(room, origin):
    path = f"/wording/{room.site.key}.json?lang=en"
    answer = await room.browser.get(path, headers={"Origin": origin})
    assert answer.json() == room.shown
    assert answer.headers["vary"] == "Origin"
    assert await room.tally() == {}


@pytest.mark.parametrize("path", ["/wording/nobody.json", "/policy/nobody"])
async def test_there_is_no_page_of_an_unknown_site(room, path):
    answer = await room.browser.get(path)
    assert answer.status_code == 404
    assert answer.json() == NotFound("There is no such site.").body()


async def test_the_policy_page_says_everything_that_the_wording_says(room):
    text = re.sub(r"\s+", " ", unescape(await policy_page(room)))
    shown = room.shown
    said = [shown["controller"]["name"], shown["retention"], shown["recipients"], shown["hash"]]
    said += [purpose["text"] for purpose in shown["purposes"]]
    said += [part for field in shown["fields"] for part in (field["name"], field["text"])]
    said += shown["rights"]
    said += ["Version 1", "21 September 2026", "180 days", shown["texts"]["withdraw"]]
    for words in said:
        assert words in text
    assert 'href="mailto:privacy@example.org"' in text


async def test_the_policy_page_runs_no_script_and_asks_nobody_else(room):
    page = await policy_page(room)
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


async def test_the_policy_page_names_its_icon_so_that_no_other_is_asked_for(room):
    assert re.search(r'<link rel="icon" href="/static/icon\.svg', await policy_page(room))


async def test_what_the_owner_wrote_is_escaped_on_the_policy_page(room):
    hostile = "<script>alert(1)</script>"
    content = default_policy(hostile, hostile, hostile, "https://example.org/?a=1&b=%22")
    await room.parts.book.publish(room.site, content, asks_again=False)
    page = await policy_page(room)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://example.org/?a=1&amp;b=%22"' in page


async def test_the_page_shows_the_newest_version(room):
    content = default_policy("Example", "Renamed Ltd", "post box 1", "")
    await room.parts.book.publish(room.site, content, asks_again=True)
    page = await policy_page(room)
    assert "Version 2" in page
    assert "Renamed Ltd" in page
    assert "Example Ltd" not in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("privacy@example.org", "mailto:privacy@example.org"),
        ("https://example.org/contact", "https://example.org/contact"),
        ("a?bcc=x@example.org", "mailto:a%3Fbcc%3Dx@example.org"),
        ("javascript:alert(1)", ""),
        ("Street 1, 1000 Town", ""),
        ("", ""),
    ],
)
def test_only_e_mail_and_web_addresses_become_links(contact, link):
    assert contact_url(contact) == link

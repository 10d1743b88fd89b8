"""The policy as a page: what it says and what it must not contain."""

import re

import pytest

from askfirst.errors import NotFound
from consent.policy.languages import languages, long_date
from consent.policy.policy_page import contact_url
from consent.policy.wording import default_policy
from tests.consent.public_pages import plain, policy_page, republish


@pytest.mark.parametrize(
    "path", ["/wording/nobody.json", "/wording/nobody/control.json", "/policy/nobody"]
)
async def test_there_is_no_page_of_an_unknown_site(room, path):
    answer = await room.browser.get(path)
    assert answer.status_code == 404
    assert answer.json() == NotFound("There is no such site.").body()


async def test_the_policy_page_says_everything_that_the_wording_says(room):
    text = plain(await policy_page(room))
    shown = room.shown
    said = [shown["controller"]["name"], shown["retention"], shown["recipients"], shown["hash"]]
    said += [purpose["text"] for purpose in shown["purposes"]]
    said += [
        part
        for purpose in shown["purposes"]
        for field in purpose["fields"]
        for part in (field["name"], field["text"])
    ]
    said += shown["rights"]
    said += ["Version 1", "September 21, 2026", "180 days", shown["texts"]["withdraw"]]
    for words in said:
        assert words in text
    assert 'href="mailto:privacy@example.org"' in await policy_page(room)


async def test_the_policy_page_claims_no_empty_browser_after_a_no_whose_cookie_it_names(room):
    text = plain(await policy_page(room))
    assert "Before you choose, nothing is stored in your browser" in text
    assert "Your choice is kept in one cookie" in text


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
    await room.deps.book.publish(room.site, content, asks_again=False)
    page = await policy_page(room)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://example.org/?a=1&amp;b=%22"' in page


async def test_the_page_shows_the_newest_version(room):
    content = default_policy("Example", "Renamed Ltd", "post box 1", "")
    await room.deps.book.publish(room.site, content, asks_again=True)
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


async def test_requirement_16_the_policy_is_wholly_in_its_language(room):
    for tag in languages():
        page = await policy_page(room, f"?lang={tag}")
        assert f'<html lang="{tag}" dir="{"rtl" if tag in ("ar", "he") else "ltr"}">' in page
        assert_one_language(tag, page, room)


def assert_one_language(tag, page, room):
    words = plain(re.sub(r'<nav class="languages".*?</nav>', "", page, flags=re.S))
    assert " ".join(long_date(room.clock(), tag).split()) in words
    assert not re.search(r"\{\w+\}", words)
    if tag != "en":
        english = room.shown["page"].values()
        assert [said for said in english if len(said) > 20 and said in words] == []


async def test_every_language_links_to_the_page_in_it(room):
    page = await policy_page(room)
    for tag in languages():
        assert f'href="/policy/{room.site.key}?lang={tag}" hreflang="{tag}" lang="{tag}"' in page


async def test_requirement_20_every_older_version_stays_readable_with_the_hash_of_its_proofs(room):
    await room.token()
    [record] = room.rows("consent_records")
    await republish(room, controller={"name": "New Ltd", "address": "", "contact": "n@example.org"})
    newest, oldest = await policy_page(room), await policy_page(room, "/1")
    assert record["notice_hash"] in oldest
    assert record["notice_hash"] not in newest
    assert "Example Ltd" in plain(oldest)
    assert "This is an older version." in plain(oldest)
    assert "This is an older version." not in plain(newest)
    assert f'href="/policy/{room.site.key}/1?lang=en"' in newest


async def test_an_older_version_may_be_kept_for_long_and_the_newest_not(room):
    await republish(room)
    older = await room.browser.get(f"/policy/{room.site.key}/1")
    newest = await room.browser.get(f"/policy/{room.site.key}/2")
    assert "immutable" in older.headers["cache-control"]
    assert newest.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("version", ["0", "2", "x", "01", "-1", "99999999999999999999", "%00"])
async def test_a_version_that_never_was_is_not_found(room, version):
    answer = await room.browser.get(f"/policy/{room.site.key}/{version}")
    assert answer.status_code == 404

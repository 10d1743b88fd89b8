"""The wording as JSON and the policy as a page: what they say and what they must not contain."""

import re
from html import unescape

import pytest

from askfirst.errors import NotFound
from consent.policy.drafts import content_of, draft_of
from consent.policy.languages import languages, long_date, texts_of
from consent.policy.pages import contact_url
from consent.policy.wording import default_policy

ORIGIN = "https://www.example.org"


async def policy_page(room, path=""):
    answer = await room.browser.get(f"/policy/{room.site.key}{path}")
    assert answer.status_code == 200
    return answer.text


def plain(page):
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


async def republish(room, asks_again=False, **changes):
    draft = draft_of(room.deps.book.policy(room.site).content) | changes
    return await room.deps.book.publish(room.site, content_of(draft), asks_again=asks_again)


async def test_the_wording_is_readable_from_every_page(room):
    answer = await room.browser.get(f"/wording/{room.site.key}.json?lang=en-GB")
    assert answer.json() == room.shown | {"changes": []}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=60"


async def test_the_error_of_a_wrong_key_can_be_read_from_every_page(room):
    answer = await room.browser.get("/wording/nobody.json", headers={"Origin": ORIGIN})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"


async def control(room, query):
    return await room.browser.get(f"/wording/{room.site.key}/control.json?{query}")


@pytest.mark.parametrize(("wanted", "language"), [("de-AT", "de"), ("ar", "ar"), ("tlh", "en")])
async def test_requirement_16_the_controls_words_are_the_wordings_in_its_best_language(
    room, wanted, language
):
    banner = texts_of(language)["banner"]
    answer = await control(room, f"lang={wanted}")
    assert answer.json() == {
        "version": 1,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "control": banner["control"],
        "withdraw": banner["withdraw"],
    }


async def test_requirement_16_the_controls_words_are_the_owners_own(room):
    own = {"en": {"banner.control": "Your choice", "banner.withdraw": "Take it back"}}
    await republish(room, own=own)
    said = (await control(room, "lang=en")).json()

    assert (said["version"], said["control"], said["withdraw"]) == (
        2,
        "Your choice",
        "Take it back",
    )


async def test_law_4_the_controls_words_are_kept_by_browsers_and_nothing_of_who_asks_is(room):
    """They are asked for after a refusal, too: no cookie, no count, and the same bytes for all."""
    there = {"Origin": ORIGIN, "Cookie": "askfirst=no", "Sec-GPC": "1", "Referer": ORIGIN}
    path = f"/wording/{room.site.key}/control.json?lang=de"
    seen = await room.browser.get(path, headers=there)
    unseen = await room.browser.get(path, headers={"Origin": "https://elsewhere.test"})

    assert seen.content == unseen.content
    assert seen.headers["cache-control"].startswith("public, max-age=3600")
    assert "set-cookie" not in seen.headers
    assert seen.headers["access-control-allow-origin"] == "*"
    assert await room.tally() == {}


@pytest.mark.parametrize("origin", ["https://elsewhere.test", "https://example.net", "null", ""])
async def test_law_8_a_page_of_another_host_gets_no_wording_and_is_tallied(room, origin):
    path = f"/wording/{room.site.key}.json"
    answer = await room.browser.get(path, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "bad_origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Origin" in answer.headers["vary"]
    assert await room.tally() == {"bad_origin": 1}


@pytest.mark.parametrize("origin", [ORIGIN, "http://a.example.net:8000"])
async def test_pages_of_the_sites_hosts_get_the_wording_and_no_tally(room, origin):
    path = f"/wording/{room.site.key}.json?lang=en"
    answer = await room.browser.get(path, headers={"Origin": origin})
    assert answer.json() == room.shown | {"changes": []}
    assert "Origin" in answer.headers["vary"]
    assert await room.tally() == {}


@pytest.mark.parametrize("query", ["", "?layer=first"])
async def test_requirement_47_the_words_tell_a_signal_that_only_the_header_carries(room, query):
    path = f"/wording/{room.site.key}.json{query}"
    plain = await room.browser.get(path)
    signalled = await room.browser.get(path, headers={"Sec-GPC": "1"})
    other = await room.browser.get(path, headers={"Sec-GPC": "true"})
    assert "Sec-GPC" in plain.headers["vary"]
    assert signalled.json() == {**plain.json(), "gpc": True}
    assert "gpc" not in plain.json()
    assert other.json() == plain.json()


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


async def test_the_differences_of_two_versions_are_marked_by_words(room):
    own = {"en": {"purposes.ads.title": "Shop", "purposes.ads.text": "To sell."}}
    content = room.deps.book.policy(room.site).content
    [first] = content["purposes"]
    purposes = [
        {"id": first["id"], "columns": [c for c in first["columns"] if c != "country"]},
        {"id": "ads", "columns": ["country"]},
    ]
    await republish(room, own=own, purposes=purposes, retention_months=12, recipients=["Eve & Co"])
    page = await policy_page(room, "/compare?from=1&to=2")
    assert "<del>25 months</del>" in page
    assert "<ins>12 months</ins>" in page
    assert "<ins>Eve &amp; Co</ins>" in page
    assert "<del>nobody</del>" in page
    assert "<ins>To sell.</ins>" in page
    assert re.search(r"<del>Visit statistics: Country\.", page)
    assert re.search(r"<ins>Shop: Country\.", page)
    assert "Removed: 25 months" in plain(page).replace(" :", ":")
    assert "Example Ltd" not in re.sub(r"<footer.*", "", page, flags=re.S)


async def test_versions_that_do_not_differ_say_so(room):
    await republish(room)
    assert "do not differ" in await policy_page(room, "/compare")
    assert "do not differ" in await policy_page(room, "/compare?from=2&to=2&lang=en")
    assert "do not differ" not in await policy_page(room, "/compare?lang=de")


@pytest.mark.parametrize("query", ["from=x", "to=0", "from=-1", "to=1.5", "from=1'"])
async def test_a_version_number_that_is_none_is_refused(room, query):
    answer = await room.browser.get(f"/policy/{room.site.key}/compare?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


async def test_differences_are_shown_in_a_language_that_both_versions_have(room):
    await republish(room, languages=["fr", "de"], default_language="fr")
    page = await policy_page(room, "/compare?from=1&to=2&lang=en")
    assert '<html lang="fr"' in page


async def changes(room, query):
    answer = await room.browser.get(f"/wording/{room.site.key}.json?{query}")
    assert answer.status_code == 200
    return answer.json()["changes"]


async def test_requirement_21_who_accepted_before_is_told_what_is_new_in_their_language(room):
    await republish(room, recipients=["Eve"])
    await republish(room, asks_again=True, recipients=["Eve", "Mallory"], retention_months=25)
    assert await changes(room, "since=1&lang=en") == [
        "New recipient: Eve",
        "New recipient: Mallory",
    ]
    assert await changes(room, "since=2&lang=de&layer=first") == ["Neuer Empfänger: Mallory"]


async def test_requirement_22_other_words_are_no_change_to_tell(room):
    await republish(room, own={"en": {"banner.title": "May we note your visit?"}})
    assert await changes(room, "since=1") == []


@pytest.mark.parametrize("since", ["", "0", "2", "-1", "x", "01", "99999999999", "1;"])
async def test_a_version_that_nobody_can_have_accepted_tells_no_change(room, since):
    await republish(room, recipients=["Eve"])
    assert await changes(room, f"since={since}") == []

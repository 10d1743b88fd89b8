"""The wording as JSON: who may read it, what it says, and what is new since an older version."""

import pytest

from consent.policy.languages import texts_of
from tests.consent.public_pages import republish

ORIGIN = "https://www.example.org"


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
    """Pages load them after a refusal, too: no cookie, no count, the same bytes for all."""
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

"""The pages that show, hand out and check a receipt: what they say, take and never keep."""

import json
import re
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from consent.requests.cookie import cookie_name


def plain(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


async def post(room, path, body, **headers):
    room.browser.cookies.clear()
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return await room.browser.post(f"{path}/{room.site.key}", content=body, headers=sent)


async def form(room, path, **fields):
    from urllib.parse import urlencode

    return await post(room, path, urlencode(fields))


async def receipt_text(room):
    answer = await form(room, "/receipt", token=await room.token(), download="1")
    assert answer.status_code == 200
    return answer.text


async def test_the_page_says_what_was_agreed_to_and_when(room):
    token = await room.token()
    [record] = room.rows("consent_records")
    answer = await form(room, "/receipt", token=token)
    said = plain(answer.text)
    assert answer.status_code == 200
    for words in (
        "Receipt of your consent",
        "September 21, 2026",
        "March 20, 2027",
        "Given: September 21, 2026",
        "Example Ltd",
        "Visit statistics",
        "25 months",
        record["record_id"],
        record["notice_hash"],
    ):
        assert words in said, words
    assert f'href="/policy/{room.site.key}/1?lang=en"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_cookie_shows_the_receipt_without_a_form(room):
    token = await room.token()
    [record] = room.rows("consent_records")
    address = f"/receipt/{room.site.key}"
    answer = await room.browser.get(
        address, headers={"Cookie": f"{cookie_name(room.site.key)}={token}"}
    )
    assert record["record_id"] in answer.text


@pytest.mark.parametrize("cookie", ["", "askfirst=no", "askfirst_{}=no", "other=1"])
async def test_who_has_not_agreed_is_told_that_there_is_none(room, cookie):
    headers = {"Cookie": cookie.format(room.site.key)} if cookie else {}
    answer = await room.browser.get(f"/receipt/{room.site.key}", headers=headers)
    assert answer.status_code == 200
    assert "There is no consent to write a receipt for." in plain(answer.text)


@pytest.mark.parametrize("token", ["forged", "a.b", "x" * 3000, "<script>alert(1)</script>"])
async def test_a_token_that_is_not_ours_gets_none_and_is_not_repeated(room, token):
    answer = await form(room, "/receipt", token=token)
    assert answer.status_code == 404
    assert "There is no consent to write a receipt for." in plain(answer.text)
    assert token not in answer.text
    download = await form(room, "/receipt", token=token, download="1")
    assert (download.status_code, download.json()["error"]["code"]) == (403, "bad_token")


async def test_the_state_after_a_withdrawal_is_on_the_page(room):
    token = await room.token()
    room.clock.now += DAY_MS
    await room.withdraw(token)
    said = plain((await form(room, "/receipt", token=token)).text)
    assert "Given: September 21, 2026 Withdrawn: September 22, 2026" in said


async def test_the_file_is_the_signed_receipt_to_keep(room):
    token = await room.token()
    [record] = room.rows("consent_records")
    answer = await form(room, "/receipt", token=token, download="1")
    name = f'attachment; filename="receipt-{record["record_id"]}.jsonld"'
    assert answer.headers["content-disposition"] == name
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["proof"]["cryptosuite"] == "eddsa-jcs-2022"


async def test_the_pages_speak_the_visitors_language(room):
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    for path, words in (("/receipt", "Beleg Ihrer Einwilligung"), ("/verify", "Beleg prüfen")):
        answer = await room.browser.get(f"{path}/{room.site.key}", headers=german)
        assert '<html lang="de" dir="ltr">' in answer.text
        assert words in answer.text
        asked = await room.browser.get(f"{path}/{room.site.key}?lang=ar", headers=german)
        assert '<html lang="ar" dir="rtl">' in asked.text


async def test_a_right_receipt_a_changed_one_and_no_receipt_get_their_verdicts(room):
    text = await receipt_text(room)
    changed = text.replace("statistics", "everything", 1)
    verdicts = {
        text: "The signature is right",
        changed: "The signature is wrong",
        '{"proof": {}}': "The signature is wrong",
        "no receipt": "This is not a receipt.",
        "": "This is not a receipt.",
    }
    for pasted, verdict in verdicts.items():
        answer = await form(room, "/verify", receipt=pasted)
        assert answer.status_code == 200
        assert re.search(rf'role="status"[^>]*>{verdict}', answer.text), pasted[:40]


async def test_a_receipt_of_another_site_is_wrong_here(room):
    text = await receipt_text(room)
    content = room.deps.book.policy(room.site).content
    texts = {"en": await room.deps.book.texts(room.deps.book.policy(room.site), "en")}
    room.site = await room.deps.book.add("O", ["o.example"], "UTC", {**content, "texts": texts})
    assert "The signature is wrong" in (await form(room, "/verify", receipt=text)).text


async def test_what_is_pasted_is_shown_as_text_and_kept_nowhere(room):
    before = {name: rows for name, rows in room.dump().items() if name != "tallies"}
    answer = await form(room, "/verify", receipt="</textarea><script>alert(1)</script>")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;/textarea&gt;" in answer.text
    assert {name: rows for name, rows in room.dump().items() if name != "tallies"} == before


async def test_a_duplicated_name_is_no_receipt_for_one_reader_sees_the_other_value(room):
    text = await receipt_text(room)
    doubled = text.replace('"dct:created"', '"dct:created": "2001-01-01", "dct:created"', 1)
    assert "This is not a receipt." in (await form(room, "/verify", receipt=doubled)).text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.text().map(lambda text: f"receipt={text}".encode()))
async def test_any_bytes_get_a_page_or_the_one_error_shape(room, body):
    for path in ("/verify", "/receipt"):
        answer = await post(room, path, body)
        assert answer.status_code in (200, 400, 404), answer.text
        if answer.status_code == 400:
            assert answer.json()["error"]["code"] == "malformed"


async def test_a_form_that_is_too_large_or_too_fast_is_refused(open_room):
    room = await open_room(max_body_bytes=1024, choices_per_minute=1)
    sizes = (2000, *[1] * 10)
    answers = [await post(room, "/verify", b"receipt=" + b"x" * size) for size in sizes]
    assert [answer.status_code for answer in answers] == [413, *[200] * 9, 429]


async def test_no_page_is_made_for_a_site_that_is_not_there(room):
    for address in ("/receipt/nobody", "/verify/nobody", "/.well-known/askfirst/nobody.json"):
        assert (await room.browser.get(address)).status_code == 404


async def test_the_verifying_page_carries_the_key_that_the_well_known_address_gives(room):
    page = (await room.browser.get(f"/verify/{room.site.key}")).text
    [embedded] = re.findall(r'data-keys="([^"]*)"', page)
    served = await room.browser.get(f"/.well-known/askfirst/{room.site.key}.json")
    assert json.loads(unescape(embedded)) == served.json()
    assert served.headers["access-control-allow-origin"] == "*"

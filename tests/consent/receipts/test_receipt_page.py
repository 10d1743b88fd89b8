"""The page that shows a receipt, and what it has in common with the page that checks one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from consent.http.cookie import cookie_name
from tests.consent.public_pages import plain, post, post_form


async def test_the_page_says_what_was_agreed_to_and_when(room):
    token = await room.token()
    [record] = room.rows("consent_records")
    answer = await post_form(room, "/receipt", token=token)
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
    answer = await post_form(room, "/receipt", token=token)
    assert answer.status_code == 404
    assert "There is no consent to write a receipt for." in plain(answer.text)
    assert token not in answer.text
    download = await post_form(room, "/receipt", token=token, download="1")
    assert (download.status_code, download.json()["error"]["code"]) == (403, "bad_token")


async def test_the_state_after_a_withdrawal_is_on_the_page(room):
    token = await room.token()
    room.clock.now += DAY_MS
    await room.withdraw(token)
    said = plain((await post_form(room, "/receipt", token=token)).text)
    assert "Given: September 21, 2026 Withdrawn: September 22, 2026" in said


async def test_the_file_is_the_signed_receipt_to_keep(room):
    token = await room.token()
    [record] = room.rows("consent_records")
    answer = await post_form(room, "/receipt", token=token, download="1")
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


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.text().map(lambda text: f"receipt={text}".encode()))
async def test_any_bytes_get_a_page_or_the_one_error_shape(room, body):
    for path in ("/verify", "/receipt"):
        answer = await post(room, path, body)
        assert answer.status_code in (200, 400, 404), answer.text
        if answer.status_code == 400:
            assert answer.json()["error"]["code"] == "malformed"


async def test_no_page_is_made_for_a_site_that_is_not_there(room):
    for address in ("/receipt/nobody", "/verify/nobody", "/.well-known/askfirst/nobody.json"):
        assert (await room.browser.get(address)).status_code == 404

"""The page that checks a receipt: its verdicts; it stores nothing of what is pasted."""

import json
import re
from html import unescape

from tests.consent.public_pages import post, post_form, receipt_text


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
        answer = await post_form(room, "/verify", receipt=pasted)
        assert answer.status_code == 200
        assert re.search(rf'role="status"[^>]*>{verdict}', answer.text), pasted[:40]


async def test_a_receipt_of_another_site_is_wrong_here(room):
    text = await receipt_text(room)
    content = room.deps.book.policy(room.site).content
    texts = {"en": await room.deps.book.texts(room.deps.book.policy(room.site), "en")}
    room.site = await room.deps.book.add("O", ["o.example"], "UTC", {**content, "texts": texts})
    assert "The signature is wrong" in (await post_form(room, "/verify", receipt=text)).text


async def test_what_is_pasted_is_shown_as_text_and_kept_nowhere(room):
    before = {name: rows for name, rows in room.dump().items() if name != "tallies"}
    answer = await post_form(room, "/verify", receipt="</textarea><script>alert(1)</script>")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;/textarea&gt;" in answer.text
    assert {name: rows for name, rows in room.dump().items() if name != "tallies"} == before


async def test_a_duplicated_name_is_no_receipt_for_one_reader_sees_the_other_value(room):
    text = await receipt_text(room)
    doubled = text.replace('"dct:created"', '"dct:created": "2001-01-01", "dct:created"', 1)
    assert "This is not a receipt." in (await post_form(room, "/verify", receipt=doubled)).text


async def test_a_form_that_is_too_large_or_too_fast_is_refused(open_room):
    room = await open_room(max_body_bytes=1024, choices_per_minute=1)
    sizes = (2000, *[1] * 10)
    answers = [await post(room, "/verify", b"receipt=" + b"x" * size) for size in sizes]
    assert [answer.status_code for answer in answers] == [413, *[200] * 9, 429]


async def test_the_verifying_page_carries_the_key_that_the_well_known_address_gives(room):
    page = (await room.browser.get(f"/verify/{room.site.key}")).text
    [embedded] = re.findall(r'data-keys="([^"]*)"', page)
    served = await room.browser.get(f"/.well-known/askfirst/{room.site.key}.json")
    assert json.loads(unescape(embedded)) == served.json()
    assert served.headers["access-control-allow-origin"] == "*"

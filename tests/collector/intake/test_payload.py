"""The body of POST /event: what is accepted, and how each error names its field."""

import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.columns import COLUMNS
from askfirst.errors import Malformed
from askfirst.text.shown_text import shown_text
from collector.intake.payload import read_payload
from collector.intake.wire_events import LONGEST_URL
from tests.factories import a_view


def body_of(*events: object, **changes: object) -> bytes:
    return msgspec.json.encode({"site": "k", "token": "t", "events": list(events), **changes})


CLICK = {"kind": "link_click", "link_url": "https://a.org/", "link_kind": "internal"}
READ = {"kind": "engagement", "engaged_ms": 5}
PLAY = {"kind": "custom_event", "name": "play"}


def facts_of(**changes: object) -> dict[str, object]:
    return read_payload(body_of(a_view(**changes)), 50).events[0].facts()


def test_each_kind_of_event_has_facts_of_its_own():
    assert facts_of() == {}
    assert facts_of(title=" A \n\u202eb\u0007 ", status=404) == {"title": "A b", "status": 404}
    assert facts_of(canonical="https://{{host}}/x") == facts_of(canonical="/here") == {}
    assert facts_of(canonical="https://a.org/b") == {"canonical": "https://a.org/b"}
    assert facts_of(**CLICK) == {}
    assert facts_of(**READ, scroll=80) == {"engaged_ms": 5, "scroll_from": 0, "scroll": 80}
    assert facts_of(kind="web_vitals", cls=0, ttfb_ms=12) == {"cls": 1, "ttfb_ms": 12}
    assert facts_of(kind="form_submit", form="newsletter") == {"form": "newsletter"}
    assert facts_of(kind="form_submit") == {"form": "-"}
    assert facts_of(**PLAY, props={"b": True, "a": "x\ny", "c": 1.5}) == {
        "event_name": "play",
        "event_props": '{"a":"x y","b":true,"c":1.5}',
    }
    assert facts_of(**PLAY, amount=19.99, currency="EUR") == {
        "event_name": "play",
        "amount": 19_990,
        "currency": "EUR",
    }


def test_every_fact_of_an_event_is_a_column_that_is_stored_from_it():
    stored = {one.attribute for one in COLUMNS if one.thing == "facts"}
    seen = {
        name
        for fields in (
            {"title": "t", "canonical": "https://a.org/", "status": 200},
            {**READ, "scroll": 3},
            {"kind": "web_vitals", "lcp_ms": 1, "inp_ms": 1, "cls": 1, "ttfb_ms": 1},
            {"kind": "form_submit"},
            {**PLAY, "props": {"a": 1}, "amount": 1, "currency": "EUR"},
        )
        for name in facts_of(**fields)
    }

    of_the_request = {"screen", "region", "city", "source", "channel", "click_id"}
    of_the_owner = {"original", "excluded"}
    assert seen | of_the_request | of_the_owner == stored


def test_a_request_says_what_it_knows_of_the_screen_or_nothing():
    assert read_payload(body_of(a_view(), screen="1920x1080", touch=10**9), 50).touches == 256
    assert read_payload(body_of(a_view()), 50).touches is None
    for field, value in (("screen", "wide"), ("screen", "0x1"), ("touch", -1), ("webdriver", 1)):
        with pytest.raises(Malformed) as caught:
            read_payload(body_of(a_view(), **{field: value}), 50)
        assert caught.value.field == field


@given(st.text(max_size=400))
def test_what_is_shown_of_a_text_has_no_control_and_no_mark_of_direction(text: str):
    shown = shown_text(text, 300)

    assert len(shown) <= 300
    assert shown == shown.strip()
    assert not any(unicodedata.category(one) in ("Cc", "Cs") for one in shown)
    assert not set(shown) & set(
        "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    assert shown_text(shown, 300) == shown


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"cut \ud83d here", "cut \ufffd here"),
        (r"\uDE00\uD83D", "\ufffd\ufffd"),
        (r"whole \ud83d\ude00", "whole \U0001f600"),
        (r"no escape \\ud83d", r"no escape \ud83d"),
    ],
)
def test_half_a_character_is_replaced_and_all_else_of_the_request_is_taken(written: str, read: str):
    """A browser writes a text that was cut within an emoji like that; it is no Unicode text."""
    body = body_of(a_view(title="HERE")).replace(b"HERE", written.encode())

    assert read_payload(body, 50).events[0].facts()["title"] == read


def test_a_request_may_carry_several_events():
    payload = read_payload(body_of(a_view(), a_view(age=5)), most_events=50)

    assert [event.age for event in payload.events] == [0, 5]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "short"}, "events[0].id"),
        ({"id": "a" * 23}, "events[0].id"),
        ({"id": "a" * 21 + "\n"}, "events[0].id"),
        ({"id": "a" * 21 + "é"}, "events[0].id"),
        ({"id": "a" * 21 + "\uff11"}, "events[0].id"),
        ({"kind": "purchase"}, "events[0].kind"),
        ({"age": -1}, "events[0].age"),
        ({"age": "1"}, "events[0].age"),
        ({"age": 1.5}, "events[0].age"),
        ({"url": "javascript:alert(1)"}, "events[0].url"),
        ({"url": "https://"}, "events[0].url"),
        ({"url": "https://[broken/"}, "events[0].url"),
        ({"url": "https://example.org/a b"}, "events[0].url"),
        ({"url": "https://example.org/\u0000"}, "events[0].url"),
        ({"url": "https://example.org/" + "a" * LONGEST_URL}, "events[0].url"),
        ({"referrer": "no address"}, "events[0].referrer"),
        ({"referrer": "word"}, "events[0].referrer"),
        ({"referrer": "/a.b/c"}, "events[0].referrer"),
        ({"referrer": "a.example/b c"}, "events[0].referrer"),
        ({"link_url": "https://example.org/"}, "events[0]"),
        ({"link_kind": "internal"}, "events[0]"),
        ({"title": 7}, "events[0].title"),
        ({"canonical": 7}, "events[0].canonical"),
        ({"status": 99}, "events[0].status"),
        ({"status": 404.5}, "events[0].status"),
        ({"kind": "link_click"}, "events[0].link_url"),
        ({"kind": "link_click", "link_url": "https://a.org/"}, "events[0].link_kind"),
        (CLICK | {"link_url": "javascript:alert(1)"}, "events[0].link_url"),
        (CLICK | {"link_kind": "mail"}, "events[0].link_url"),
        (
            CLICK | {"link_kind": "mail", "link_url": "mailto:a@b.org?body=secret"},
            "events[0].link_url",
        ),
        ({"kind": "engagement"}, "events[0].engaged_ms"),
        ({"kind": "engagement", "engaged_ms": -1}, "events[0].engaged_ms"),
        ({"kind": "engagement", "engaged_ms": 86_400_001}, "events[0].engaged_ms"),
        (READ | {"scroll": 101}, "events[0].scroll"),
        (READ | {"scroll_from": 60, "scroll": 50}, "events[0].scroll"),
        ({"kind": "web_vitals"}, "events[0].lcp_ms"),
        ({"kind": "web_vitals", "cls": 0.1}, "events[0].cls"),
        ({"kind": "form_submit", "form": None}, "events[0].form"),
        ({"kind": "form_submit", "value": "secret"}, "events[0]"),
        (PLAY | {"name": ""}, "events[0].name"),
        (PLAY | {"name": "\u202e\u0000"}, "events[0].name"),
        (PLAY | {"name": "a" * 65}, "events[0].name"),
        (PLAY | {"props": {str(n): n for n in range(10_000)}}, "events[0].props"),
        (PLAY | {"props": {"a": "b" * 501}}, "events[0].props[...]"),
        (PLAY | {"props": {"a": "b" * 1_000_000}}, "events[0].props[...]"),
        (PLAY | {"props": {"a": ["b"]}}, "events[0].props[...]"),
        (PLAY | {"props": {"a": None}}, "events[0].props[...]"),
        (PLAY | {"props": {"": 1}}, "events[0].props"),
        (PLAY | {"props": {"\u200f": 1}}, "events[0].props"),
        (PLAY | {"props": {str(n): "b" * 500 for n in range(9)}}, "events[0].props"),
        (PLAY | {"props": {"a": 10**30}}, "events[0].props"),
        (PLAY | {"amount": 1}, "events[0].currency"),
        (PLAY | {"currency": "EUR"}, "events[0].amount"),
        (PLAY | {"amount": 1, "currency": "eur"}, "events[0].currency"),
        (PLAY | {"amount": 1e300, "currency": "EUR"}, "events[0].amount"),
        (PLAY | {"amount": "1", "currency": "EUR"}, "events[0].amount"),
        ({"ip": "192.0.2.1"}, "events[0]"),
        ({"user_agent": "me"}, "events[0]"),
        ({"time": 1}, "events[0]"),
    ],
)
def test_a_fault_in_an_event_is_named_by_its_field(changes: dict[str, object], field: str):
    with pytest.raises(Malformed) as caught:
        read_payload(body_of(a_view(**changes)), 50)

    assert caught.value.field == field


def test_a_fault_in_a_later_event_is_named_by_its_place():
    for changes, field in ({"id": "!" * 22}, "id"), ({"url": "https://"}, "url"):
        with pytest.raises(Malformed) as caught:
            read_payload(body_of(a_view(), a_view(**changes)), 50)

        assert caught.value.field == f"events[1].{field}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"\xff\xfe", None),
        (b"[]", None),
        (b"null", None),
        (b"{}", "site"),
        (b'{"site":"k"}', "events"),
        (b'{"site":1,"events":[]}', "site"),
        (b'{"site":"k","events":[]}', "events"),
        (b'{"site":"k","events":{}}', "events"),
        (b"[" * 100_000, None),
    ],
)
def test_a_fault_in_the_body_is_named(body: bytes, field: str | None):
    with pytest.raises(Malformed) as caught:
        read_payload(body, 50)

    assert caught.value.field == field


def test_more_events_than_allowed_are_refused_whole():
    with pytest.raises(Malformed) as caught:
        read_payload(body_of(a_view(), a_view(), a_view()), most_events=2)

    assert caught.value.field == "events"


@given(st.text(min_size=1).filter(lambda text: len(text) > 3))
def test_an_error_never_repeats_what_was_sent(text: str):
    marked = f"zq{text}zq"

    with pytest.raises(Malformed) as caught:
        read_payload(body_of(a_view(**{marked: 1, "kind": marked})), 50)

    assert marked not in msgspec.json.encode(caught.value.body()).decode()


@given(st.binary())
def test_arbitrary_bytes_are_malformed_and_nothing_else(body: bytes):
    with pytest.raises(Malformed):
        read_payload(body, 50)


def test_texts_that_a_page_need_not_have_never_cost_the_event():
    """A title of a book's length is cut, and a canonical address of that length is none."""
    long = "https://a.org/" + "b" * LONGEST_URL

    assert facts_of(title="T" * 20_000) == {"title": "T" * 300}
    assert facts_of(title=" " * 20_000, canonical=long) == {}
    assert facts_of(kind="form_submit", form="f" * 20_000) == {"form": "f" * 64}

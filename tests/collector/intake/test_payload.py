"""The body of POST /event: what is accepted, and how each error names its field."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.errors import Malformed
from collector.intake.payload import LONGEST_URL, read_payload
from tests.factories import a_view


def body_of(*events: object, **changes: object) -> bytes:
    return msgspec.json.encode({"site": "k", "token": "t", "events": list(events), **changes})


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
        ({"link_url": "https://example.org/"}, "events[0].link_url"),
        ({"link_kind": "internal"}, "events[0].link_kind"),
        ({"kind": "link_click"}, "events[0].link_url"),
        ({"kind": "link_click", "link_url": "https://a.org/"}, "events[0].link_kind"),
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

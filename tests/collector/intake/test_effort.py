"""What a request costs grows with its length alone, whatever is repeated in it."""

import itertools
import random
from contextlib import suppress

import msgspec
import pytest

from askfirst.errors import Malformed
from askfirst.recording_rules import RecordingRules
from collector.enrichment.places.records import Place
from collector.intake.gate import Arrival
from collector.intake.judging import judged
from collector.intake.payload import read_payload
from tests.effort import least_seconds
from tests.factories import CHROME, NOON, a_site, a_view, some_claims

SITE = a_site(rules=RecordingRules(parameters=("q",)))
OUTBOUND = {"kind": "link_click", "link_kind": "outbound"}
MAIL = {"kind": "link_click", "link_kind": "mail"}
FIELDS = (
    ("url", "https://example.org/", {}),
    ("url", "https://example.org/?", {}),
    ("url", "https://example.org/?q=", {}),
    ("url", "https://example.org/?utm_source=", {}),
    ("url", "https://", {}),
    ("referrer", "https://", {}),
    ("referrer", "https:", {}),
    ("referrer", "https://other.test/", {}),
    ("referrer", "android-app://", {}),
    ("canonical", "https://", {}),
    ("canonical", "https://other.test/", {}),
    ("link_url", "https://", OUTBOUND),
    ("link_url", "mailto:", MAIL),
    ("title", "", {}),
    ("form", "", {"kind": "form_submit"}),
)
"""Where a text of a request stands, how it begins there, and what else its event says."""
HEADERS = ("user_agent", "accept_language")
PARTS = (
    *("a", "0", "aB1", "-", "_", "~", "+", "%", "%2B", "%40", "%2540", "%E4", "%C3%A9", "%20eyJ"),
    *("@", "a@", "a@b.", "a.", "0x.", "1.", ".", "..", "-eyJ", "eyJaaaaa", "eyJaaaaa."),
    *("/", "/.", "/..", "\\", "?", "&", "=", "a=&", "q=", "q=a@", "#", ":", "[", "[:", ";q=0."),
    *("en-", "-x-", "Android; ", "Build/", "compatible; ", "+http://", "www.a", "bot", " ", "\t"),
    *("xn--", "xn--a.", "é", "é.", "e\u0301", "\u0316\u0300", "\u00ad", "\u200d", "ß"),
    *("deadbeef-", ",", "\u1100\u1161", "\u05d0", "\u0627", "\u3002", "\uff0e"),
    *("\uff20", "//a:", "%2F%2Fa:", "\u5b57a"),
    *("\U0001f600", "\u202e", "\u2028", ""),
)
"""What is repeated; '' is a row of letters of which each is another one."""
LENGTHS = (60, 250, 2000)
GROWTH = 4
TIMES = 8
"""How much more a text of four times the length may take: it is 16 where the square counts."""
SLACK = 0.001
LETTERS = [chr(number) for number in range(0x4E00, 0x9FA5)]
numbers = itertools.count(1)


def repeated(part: str, length: int) -> str:
    """Return a text that was not seen before, so that no result for it is remembered."""
    text = (part * length)[:length] if part else "".join(random.sample(LETTERS, length))
    return f"{text}{next(numbers)}"


def seconds(facts: dict[str, object], headers: dict[str, str]) -> float:
    body = msgspec.json.encode({"site": SITE.key, "token": "t", "events": [a_view(**facts)]})
    sender = {"user_agent": CHROME, "accept_language": "en", **headers}
    arrival = Arrival(now=NOON, origin="https://example.org", ip="192.0.2.7", **sender)

    def take() -> None:
        with suppress(Malformed):
            judged(read_payload(body, 50), arrival, SITE, some_claims(), lambda _: Place())

    return least_seconds(take, goes=1)


def assert_grows_with_length(field: str, start: str, facts: dict[str, object], part: str) -> None:
    def taken(length: int) -> float:
        text = start + repeated(part, length)
        if field in HEADERS:
            return seconds({}, {field: text})
        return seconds({**facts, field: text}, {})

    for short in LENGTHS:
        for goes in (1, 3, 9):  # something else may run in the first
            few = min(taken(short) for _ in range(goes))
            many = min(taken(short * GROWTH) for _ in range(goes))
            if many < TIMES * few + SLACK:
                break
        assert many < TIMES * few + SLACK, (field, start, part, short)


@pytest.mark.parametrize(("field", "start", "facts"), FIELDS)
def test_no_text_of_an_event_takes_the_square_of_its_length(
    field: str, start: str, facts: dict[str, object]
):
    for part in PARTS:
        assert_grows_with_length(field, start, facts, part)


@pytest.mark.parametrize("field", HEADERS)
def test_no_header_takes_the_square_of_its_length(field: str):
    for part in PARTS:
        assert_grows_with_length(field, "", {}, part)

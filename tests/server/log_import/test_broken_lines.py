"""A line of a log, whatever is broken in it, is taken, counted or said to be broken."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from askfirst.clock import utc_day
from askfirst.consents import Tokens
from askfirst.events import JournalEntry
from collector.enrichment.enrich import Enricher
from collector.enrichment.places.records import Place
from server.log_import.event_ids import EventIds
from server.log_import.formats.reader import LineReader
from server.log_import.formats.times import time_of
from server.log_import.judging import Dependencies, Judge
from server.log_import.line import BrokenLine
from tests.factories import CHROME, KEYS, NOON, a_site, some_claims
from tests.server.log_import import written
from tests.server.log_import.written import CLOUDFRONT_FIELDS, COOKIE, SHOP

SITE, TOKENS = a_site(), Tokens(KEYS)
FIELDS = f"#Fields: {CLOUDFRONT_FIELDS}".encode()
VIEW = structs.replace(
    SHOP, user_agent=CHROME, accept_language="de", token=TOKENS.sign(some_claims())
)
FORMATS = (written.nginx, written.apache, written.nginx_json, written.caddy, written.cloudfront)
JUDGE = Judge(
    Dependencies(
        site=SITE,
        host="example.org",
        now=NOON + 60_000,
        tokens=TOKENS,
        withdrawn=(),
        place_of=lambda _: Place(),
        limits=(),
    )
)
MONTHS = st.sampled_from(("Jan", "Feb", "Dec", "Foo"))
YEARS = st.sampled_from((0, 1, 2, 1969, 1970, 2026, 9998, 9999)) | st.integers(0, 9999)
NUMBERS = st.integers(0, 99)
ZONES = st.sampled_from(("+0000", "+2359", "-2359", "-0001", "+0100", "+2400", "-9999"))
COMMON = st.builds("{:02}/{}/{:04}:{:02}:{:02}:{:02} {}".format, *(NUMBERS, MONTHS, YEARS),
                   *(NUMBERS, NUMBERS, NUMBERS), ZONES)  # fmt: skip
ISO = st.builds(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}".format,
    *(YEARS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    st.sampled_from(("", ".5", ",123456789")),
    st.sampled_from(("Z", "")) | ZONES.map(lambda zone: f"{zone[:3]}:{zone[3:]}"),
)
SECONDS = st.sampled_from(
    ("NaN", "-1", "1e400", "-1e400", "1e99", "0", "1767268800123", "1767268800123456789", "9" * 400)
)
TIMES = COMMON | ISO | SECONDS | st.floats().map(repr) | st.integers().map(str)
PIECES = st.sampled_from(
    (
        *(b"", b'"', b"\\", b" ", b"\t", b"[", b"]", b"{", b"}", b",", b":", b"-", b"\x00"),
        *(b"%ED%A0%80", b"%", b"\\ud800", b"\\x", b"1e400", b"9" * 5000, b"[[", b"://", b"\\\\"),
        *(b"\xff", b"null", b"eyJ"),
    )
)
TIME = re.compile(rb"\[[^\]]*\]|(?<=\"ts\":)[0-9.]+|(?<=\"time\":)\"[^\"]*\"|^[0-9-]+\t[0-9:]+")


def outcome(*lines: bytes) -> object:
    """Return what becomes of the last line: an entry or a reason; None where it is broken."""
    reader = LineReader(COOKIE)
    for line in lines[:-1]:
        reader.read(line)
    try:
        found = reader.read(lines[-1])
        if found is None:
            return ""
        told = JUDGE.entry_of(found, lines[-1], EventIds(b"key", SITE.key))
    except BrokenLine:
        return None
    assert utc_day(found.time)
    return told


def with_time(line: bytes, text: str) -> list[bytes]:
    """Return the line with another time in the forms that stand in one."""
    forms = (f"[{text}]", f'"{text}"', text, text.replace("T", "\t").removesuffix("Z"))
    return [TIME.sub(lambda _, form=form: form.encode(), line, count=1) for form in forms]


@pytest.mark.parametrize("write", FORMATS)
def test_the_line_that_is_broken_in_these_tests_is_one_with_a_yes(write) -> None:
    assert isinstance(outcome(FIELDS, write(VIEW)), JournalEntry)


@given(st.sampled_from(FORMATS), TIMES, st.sampled_from(("/", "/a.png")))
@example(written.nginx, "01/Jan/0001:00:00:00 +2359", "/a.png")
@example(written.nginx, "31/Dec/9999:23:59:59 -2359", "/a.png")
@example(written.nginx_json, "0001-01-01T00:00:00+01:00", "/")
@example(written.nginx_json, "9999-12-31T23:59:59-23:59", "/a.png")
@example(written.cloudfront, "0001-01-01T00:00:00Z", "/")
def test_any_time_is_a_moment_that_was_or_is_broken(write, time: str, target: str) -> None:
    line = write(structs.replace(VIEW, target=target))
    for changed in with_time(line, time):
        outcome(FIELDS, changed)


@given(TIMES)
def test_a_time_that_is_read_has_a_day(text: str) -> None:
    try:
        ms = time_of(text)
    except BrokenLine:
        return
    assert "1970-01-01" <= utc_day(ms) <= "9999-12-31"


@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), PIECES), min_size=1, max_size=3),
)
def test_a_line_with_anything_cut_out_and_put_in_stops_nothing(
    write, changes: Sequence[tuple[int, int, bytes]]
) -> None:
    line = write(VIEW)
    for place, length, piece in changes:
        line = line[:place] + piece + line[place + length :]
    found = outcome(FIELDS, line)
    if isinstance(found, JournalEntry):
        assert len(Enricher({1: SITE}.get).batch([found], ["visit"])) == 1

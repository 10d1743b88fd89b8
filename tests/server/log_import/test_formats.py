"""Lines of each format are read as they were written, and no bytes at all raise another error."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from server.log_import.formats.reader import LineReader
from server.log_import.formats.times import time_of
from server.log_import.line import BrokenLine, LogLine
from tests.factories import NOON
from tests.server.log_import import written
from tests.server.log_import.written import CLOUDFRONT_FIELDS, COOKIE, SHOP

TOKEN = "eyJzIjoxfQ.c2lnbmF0dXJl-_"
VIEW = structs.replace(SHOP, user_agent="Mozilla/5.0 (X11; Linux x86_64)", token=TOKEN)


def read(*lines: bytes) -> LogLine | None:
    """Return what the last of these lines of one file says."""
    reader = LineReader(COOKIE)
    return [reader.read(line) for line in lines][-1]


def test_a_line_of_nginx_says_who_asked_for_what_when_and_with_which_choice() -> None:
    line = (
        b'192.0.2.7 - - [01/Jan/2026:13:00:00 +0100] "GET /shop?utm_source=mail HTTP/2.0" 200 512'
        b' "https://www.google.com/" "Mozilla/5.0 (X11; Linux x86_64)" "' + TOKEN.encode() + b'"'
    )
    assert read(line) == LogLine(**{**_facts(VIEW), "host": ""})


def test_a_whole_cookie_header_is_taken_as_well_as_the_one_cookie() -> None:
    line = b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "%s"'
    found = read(line % f"theme=dark; {COOKIE}={TOKEN}".encode())

    assert found
    assert (found.token, found.cookies) == ("", f"theme=dark; {COOKIE}={TOKEN}")


def test_another_field_at_the_end_is_no_token() -> None:
    """The format `main` of nginx ends with the addresses of proxies."""
    line = b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "%s"'
    for last, token in ((b"192.0.2.1, 10.0.0.1", ""), (b"-", ""), (b"no", "no")):
        found = read(line % last)
        assert found
        assert found.token == token


def test_apache_names_the_virtual_host_first() -> None:
    line = b'example.org:443 192.0.2.7 - jo [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 404 1'
    found = read(line)

    assert found
    assert (found.host, found.ip, found.status) == ("example.org:443", "192.0.2.7", 404)


def test_caddy_tells_headers_as_lists_and_the_time_as_seconds() -> None:
    line = (
        b'{"level":"info","ts":1767268800.123,"request":{"remote_ip":"192.0.2.7","method":"GET",'
        b'"host":"example.org","uri":"/","headers":{"Cookie":["a=b","askfirst_0123456789abcdef=t"],'
        b'"Sec-Ch-Ua-Mobile":["?1"],"Sec-Gpc":["1"],"Sec-Purpose":["prefetch;prerender"],"Sec-Fetch-Dest":["document"]}},'
        b'"status":200}'
    )
    found = read(line)

    assert found
    assert found.time == NOON + 123
    assert found.cookies == f"a=b; {COOKIE}=t"
    assert found.hint_headers == ("", "?1", "")
    assert (found.gpc, found.prefetch, found.asks_for) == (True, True, "document")


@pytest.mark.parametrize("name", ["Sec-Purpose", "Purpose", "X-Moz", "x-purpose"])
def test_each_header_that_says_so_tells_of_fetching_ahead(name: str) -> None:
    caddy = {"ts": 1, "status": 200, "request": {"headers": {name: ["Prefetch;prerender"]}}}
    nginx = {"ts": 1, "status": 200, f"http_{name.lower().replace('-', '_')}": "prefetch"}

    for line in (caddy, nginx):
        found = read(json.dumps(line).encode())
        assert found
        assert found.prefetch == (name != "x-purpose")


def test_headers_that_are_fields_count_as_in_a_request() -> None:
    found = read(
        b'{"ts":1,"status":200,"http_sec_gpc":"1","http_sec_fetch_dest":"image",'
        b'"http_sec_ch_ua_mobile":"?1","http_sec_purpose":"-"}'
    )

    assert found
    assert (found.gpc, found.prefetch, found.asks_for) == (True, False, "image")
    assert found.hint_headers == ("", "?1", "")


def test_cloudfront_names_its_fields_first_and_encodes_user_agents_once_or_twice() -> None:
    agent = "Mozilla/5.0%2520(X11;%2520Linux%2520x86_64)"
    once = written.cloudfront(VIEW)
    twice = once.replace(b"Mozilla/5.0%20(X11;%20Linux%20x86_64)", agent.encode())

    for line in (once, twice):
        found = read(b"#Version: 1.0", f"#Fields: {CLOUDFRONT_FIELDS}".encode(), line)
        assert found
        assert found.user_agent == VIEW.user_agent
        assert found.cookies == f"{COOKIE}={TOKEN}"
        assert (found.time, found.host, found.target) == (NOON, "example.org", VIEW.target)


@pytest.mark.parametrize(
    "line",
    [
        b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "Mozilla',
        b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET / HT',
        b"192.0.2.7 - - [01/Jan/2026:12:0",
        b'192.0.2.7 - - [32/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1',
        b'192.0.2.7 - - [01/Jan/2026:12:00:00 +9900] "GET / HTTP/1.1" 200 1',
        b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a "b" c" "-"x"',
        b'{"ts":1767268800,"request":{"method":"GE',
        b'{"ts":1e400,"status":200}',
        b'{"ts":true,"status":200}',
        b'{"status":200}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x00" * 100,
        "192.0.2.7 - - ".encode("utf-16"),
        b"nothing of the kind",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_a_line_that_is_cut_or_is_none_is_said_to_be_broken(line: bytes) -> None:
    with pytest.raises(BrokenLine) as caught:
        read(line)
    assert str(caught.value).endswith(".")


def test_a_line_of_cloudfront_with_a_field_missing_is_broken() -> None:
    fields = f"#Fields: {CLOUDFRONT_FIELDS}".encode()
    with pytest.raises(BrokenLine):
        read(fields, written.cloudfront(VIEW).rpartition(b"\t")[0])


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("01/Jan/2026:12:00:00 +0000", NOON),
        ("01/Jan/2026:17:45:00 +0545", NOON),
        ("01/Jan/2026:02:30:00 -0930", NOON),
        ("02/Jan/2026:02:00:00 +1400", NOON),
        ("2026-01-01T12:00:00Z", NOON),
        ("2026-01-01T13:00:00.25+01:00", NOON + 250),
        ("1767268800.007", NOON + 7),
    ],
)
def test_times_of_every_zone_are_the_same_moment(text: str, ms: int) -> None:
    assert time_of(text) == ms


def test_bytes_that_are_no_utf_8_are_read_as_latin_1() -> None:
    line = b'192.0.2.7 - - [01/Jan/2026:12:00:00 +0000] "GET /caf\xe9 HTTP/1.1" 200 1 "-" "-" "-"'
    found = read(line)
    assert found
    assert found.target == "/café"


_plain = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40)
_said = _plain.filter(lambda text: text not in ("-", "") and "=" not in text)
_path = st.text("abc/-%.?&=é", max_size=30).map(lambda text: f"/{text}")
_views = st.builds(
    LogLine,
    time=st.integers(0, 4_102_444_800).map(lambda seconds: seconds * 1000),
    method=st.sampled_from(("GET", "POST", "HEAD")),
    target=_path,
    status=st.integers(100, 599),
    host=st.sampled_from(("example.org", "www.example.org:8080")),
    ip=st.ip_addresses().map(str).filter(lambda ip: "::ffff" not in ip),
    referrer=_said,
    user_agent=_said,
    token=st.just(TOKEN),
)
_ZONES = st.integers(-12 * 60, 14 * 60)


@given(_views, _ZONES, st.sampled_from((written.nginx, written.apache)))
def test_a_written_line_of_the_combined_format_reads_back_the_same(
    view: LogLine, east: int, write: Callable[[LogLine, int], bytes]
) -> None:
    assert read(write(view, east)) == view


@given(_views, st.sampled_from((written.nginx_json, written.caddy)))
def test_a_written_line_of_json_reads_back_the_same(
    view: LogLine, write: Callable[[LogLine], bytes]
) -> None:
    assert read(write(view)) == view


@given(_views)
def test_a_written_line_of_cloudfront_reads_back_the_same(view: LogLine) -> None:
    found = read(f"#Fields: {CLOUDFRONT_FIELDS}".encode(), written.cloudfront(view))

    path, _, query = view.target.partition("?")
    assert found
    assert found.target == (f"{path}?{query}" if query not in ("", "-") else path)
    assert (found.time, found.ip, found.host) == (view.time, view.ip, view.host)
    assert (found.referrer, found.cookies) == (view.referrer, f"{COOKIE}={TOKEN}")


_LINES = st.one_of(
    st.binary(max_size=300),
    _views.map(written.nginx),
    _views.map(written.apache),
    _views.map(written.caddy),
    _views.map(written.nginx_json),
    _views.map(written.cloudfront),
)


@given(_LINES, st.integers(0, 400), st.binary(max_size=8))
def test_any_bytes_are_read_or_are_broken(line: bytes, place: int, put_in: bytes) -> None:
    """Whole lines, lines that are cut, and lines with something put into them."""
    for spoiled in (line, line[:place], line[:place] + put_in + line[place:]):
        with suppress(BrokenLine):
            read(f"#Fields: {CLOUDFRONT_FIELDS}".encode(), spoiled)


def _facts(line: LogLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in LogLine.__struct_fields__}

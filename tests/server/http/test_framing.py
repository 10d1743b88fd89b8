"""Message framing: n requests get at most n answers, and no byte of a body is read as a request."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.exchange import Answers, Seen, exchange

MARKED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
HOST = b"Host: x\r\n"
UPGRADE = b"Connection: upgrade\r\nUpgrade: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LAST = b"GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """One message as it is sent, with the answer and the request that it makes, if any."""

    sent: bytes
    status: int
    seen: Seen | None = None
    last: bool = False


def get(path: str, fields: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"GET %b HTTP/%b\r\n%b%b\r\n" % (path.encode(), version, HOST, fields)


def post(path: str, body: bytes, fields: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST %b HTTP/%b\r\n%b%bContent-Length: %d\r\n\r\n%b" % (
        path.encode(),
        version,
        HOST,
        fields,
        len(body),
        body,
    )


def told(start: bytes, *lines: bytes, rest: bytes = MARKED) -> bytes:
    """Return a message with these lines, followed by bytes that must not be read."""
    return b"\r\n".join([start, *lines, b"", rest])


def length(value: bytes) -> bytes:
    return told(b"POST /event HTTP/1.1", b"Host: x", b"Content-Length: " + value)


def coding(*values: bytes, version: bytes = b"1.1") -> bytes:
    lines = [b"Transfer-Encoding: " + value for value in values]
    start = b"POST /event HTTP/" + version
    return told(start, b"Host: x", *lines, rest=b"0\r\n\r\n" + MARKED)


def chunks(*parts: bytes) -> bytes:
    return told(b"POST /event HTTP/1.1", b"Host: x", CHUNKED.strip(), rest=b"".join(parts) + MARKED)


GET = b"GET / HTTP/1.1"
FAULTY = {
    "an upgrade with a body": post("/event", MARKED, UPGRADE),
    "an upgrade to h2c with a body": post("/event", MARKED, UPGRADE.replace(b" x", b" h2c")),
    "an upgrade to a socket with a body": post("/x", MARKED, UPGRADE.replace(b" x", b" websocket")),
    "an upgrade among other options": post(
        "/event", MARKED, b"Connection: keep-alive, Upgrade\r\nUpgrade: a, b\r\n"
    ),
    "an upgrade with chunks": told(
        b"POST /event HTTP/1.1", b"Host: x", (UPGRADE + CHUNKED).strip()
    ),
    "an upgrade in HTTP/1.0 with a body": post("/event", MARKED, UPGRADE, b"1.0"),
    "CONNECT": told(b"CONNECT x:80 HTTP/1.1", b"Host: x:80"),
    "CONNECT with a path": told(b"CONNECT /event HTTP/1.1", b"Host: x", b"Content-Length: 36"),
    "a length and chunks": coding(b"chunked\r\nContent-Length: 36"),
    "chunks and a length": length(b"36\r\nTransfer-Encoding: chunked"),
    "two lengths that differ": length(b"36\r\nContent-Length: 0"),
    "two equal lengths": length(b"36\r\nContent-Length: 36"),
    "a list of lengths": length(b"36, 36"),
    "a signed length": length(b"+36"),
    "a negative length": length(b"-1"),
    "a hexadecimal length": length(b"0x24"),
    "an empty length": length(b""),
    "a length in other digits": length("३६".encode()),
    "a length beyond all numbers": length(b"9" * 40),
    "a blank before the colon": told(b"POST /event HTTP/1.1", b"Host: x", b"Content-Length : 36"),
    "a coding that is not chunked": coding(b"gzip"),
    "chunked not last": coding(b"chunked, gzip"),
    "chunked behind another coding": coding(b"gzip, chunked"),
    "chunked twice": coding(b"chunked, chunked"),
    "two codings on two lines": coding(b"identity", b"chunked"),
    "chunked on two lines": coding(b"chunked", b"chunked"),
    "a coding like chunked": coding(b"xchunked"),
    "a coding in quotes": coding(b'"chunked"'),
    "a coding behind a control character": coding(b"\x0bchunked"),
    "an empty coding": coding(b""),
    "a coding with a parameter": coding(b"chunked;q=1"),
    "a folded coding": coding(b"\r\n chunked"),
    "chunked in HTTP/1.0": coding(b"chunked", version=b"1.0"),
    "a folded field": told(GET, b"Host: x", b"A: b", b" c"),
    "a fold behind the first line": told(GET, b" Host: x"),
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n" + MARKED,
    "a bare line feed behind a field": told(GET, b"Host: x\nA: b"),
    "a bare carriage return": told(GET, b"Host: x\rA: b"),
    "a zero byte in a value": told(GET, b"Host: x", b"A: \0"),
    "a zero byte in a name": told(GET, b"Host: x", b"A\0: b"),
    "a control character": told(GET, b"Host: x", b"A: \x01"),
    "a field without a name": told(GET, b"Host: x", b": b"),
    "a line without a colon": told(GET, b"Host: x", b"b"),
    "no host": told(GET, b"A: b"),
    "two hosts": told(GET, b"Host: x", b"Host: x"),
    "two hosts in HTTP/1.0": told(b"GET / HTTP/1.0", b"Host: x", b"Host: y"),
    "an empty host": told(GET, b"Host:"),
    "a host that is none": told(GET, b"Host: x/y"),
    "a host with a name before it": told(GET, b"Host: me@x"),
    "a list of hosts": told(GET, b"Host: x, y"),
    "a host with a port that is none": told(GET, b"Host: x:y"),
    "a host with a port above the last": told(GET, b"Host: x:65536"),
    "an address in brackets with such a port": told(GET, b"Host: [::1]:99999"),
    "an address of another host": told(b"GET http://y/ HTTP/1.1", b"Host: x"),
    "an address with a name": told(b"GET http://me@x/ HTTP/1.1", b"Host: x"),
    "an address of another port": told(b"GET http://x:81/ HTTP/1.1", b"Host: x"),
    "an address without a host": told(b"GET http:///x HTTP/1.1", b"Host: x"),
    "an address without a path": told(b"GET http://x HTTP/1.1", b"Host: x"),
    "an address of another kind": told(b"GET ftp://x/ HTTP/1.1", b"Host: x"),
    "an address in HTTP/1.0 without a host": told(b"GET http://x/ HTTP/1.0"),
    "an authority": told(b"GET x:80 HTTP/1.1", b"Host: x"),
    "an asterisk": told(b"GET * HTTP/1.1", b"Host: x"),
    "a path that is not ASCII": told(b"GET /\xff HTTP/1.1", b"Host: x"),
    "HTTP/0.9": b"GET /smuggled\r\n" + MARKED,
    "HTTP/0.9 by name": told(b"GET /smuggled HTTP/0.9", b"Host: x"),
    "HTTP/1.2": told(b"GET / HTTP/1.2", b"Host: x"),
    "HTTP/2.0": told(b"GET / HTTP/2.0", b"Host: x"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + MARKED,
    "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00" + MARKED,
    "garbage": b"  " + MARKED,
    "a method that is none": told(b"FOO / HTTP/1.1", b"Host: x"),
    "a chunk that is longer than told": chunks(b"5\r\nhello!\r\n0\r\n\r\n"),
    "a chunk of a signed size": chunks(b"+5\r\nhello\r\n0\r\n\r\n"),
    "a chunk of a size like a number": chunks(b"0x5\r\nhello\r\n0\r\n\r\n"),
    "a chunk of a size without end": chunks(b"F" * 17 + b"\r\n"),
    "a chunk without a size": chunks(b"\r\n"),
    "a blank behind a size": chunks(b"5 \r\nhello\r\n0\r\n\r\n"),
    "a chunk with bare line feeds": chunks(b"5\nhello\n0\n\n"),
    "a bare line feed in an extension": chunks(b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    "a bare carriage return in an extension": chunks(b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    "a faulty trailer": chunks(b"0\r\nA b\r\n\r\n"),
}

BODIES = st.lists(
    st.sampled_from([MARKED, post("/event", b"smuggled"), b"0\r\n\r\n", b"\r\n"]) | st.binary(),
    max_size=3,
).map(b"".join)
PATHS = st.sampled_from(["/event", "/other", "/unread"])
SMALL = st.integers(1, 40)


def taken(sent: bytes, path: str, body: bytes, last: bool = False) -> Message:
    seen = path, b"" if path.startswith("/unread") else body
    return Message(sent, 202 if path == "/event" else 200, seen, last)


@st.composite
def chunked(draw: st.DrawFn) -> Message:
    path, body, size = draw(PATHS), draw(BODIES), draw(SMALL)
    extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="GET /smuggled"']))
    trailer = draw(st.sampled_from([b"", b"X-Forwarded-For: 192.0.2.1\r\n", b"Host: y\r\n"]))
    parts = [body[n : n + size] for n in range(0, len(body), size)]
    framed = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    head = b"POST %b HTTP/1.1\r\n%b%b\r\n" % (path.encode(), HOST, CHUNKED)
    return taken(head + framed + b"0" + extension + b"\r\n" + trailer + b"\r\n", path, body)


@st.composite
def plain(draw: st.DrawFn) -> Message:
    path, body = draw(PATHS), draw(BODIES)
    empty = draw(st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]))  # RFC 9112, 2.2
    return taken(empty + post(path, body), path, body)


@st.composite
def ending(draw: st.DrawFn) -> Message:
    """Return a request that is the last one to be read."""
    path, body = draw(PATHS), draw(BODIES)
    fields, version, has_body = draw(
        st.sampled_from(
            [
                (b"Connection: close\r\n", b"1.1", True),
                (b"", b"1.0", True),
                (b"Connection: keep-alive\r\n", b"1.0", True),
                (b"Expect: 100-continue\r\nX: y\r\n", b"1.1", True),
                (UPGRADE, b"1.1", False),
                (UPGRADE, b"1.0", False),
            ]
        )
    )
    body = (body or b"x") if has_body else b""
    return taken(post(path, body, fields, version), path, body, last=True)


GETS = st.sampled_from(
    [
        taken(get("/page"), "/page", b""),
        taken(get("/page", b"Connection: upgrade\r\n"), "/page", b""),
        taken(get("/page", b"Upgrade: x\r\n"), "/page", b""),
        taken(get("/page", b"Expect: 100-continue\r\n"), "/page", b""),
        taken(post("/page", b"").replace(b"POST", b"GET"), "/page", b""),
        taken(post("/page", MARKED).replace(b"POST", b"GET"), "/page", MARKED),
        taken(get("http://X/page"), "/page", b""),
        taken(get("*").replace(b"GET", b"OPTIONS"), "*", b""),
    ]
)
FAULTS = st.sampled_from(sorted(FAULTY)).map(lambda name: Message(FAULTY[name], 400, None, True))
MESSAGES = st.lists(plain() | chunked() | GETS | ending() | FAULTS, min_size=1, max_size=6)


def expected(messages: list[Message]) -> list[Message]:
    """Return the messages that are read: up to the first that is the last one to be read."""
    found = []
    for message in [*messages, taken(LAST, "/end", b"", last=True)]:
        found.append(message)
        if message.last:
            break
    return found


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Message], list[bytes]]:
    """Draw messages, and the bytes of all of them, cut at arbitrary places."""
    messages = draw(MESSAGES)
    sent = b"".join(message.sent for message in messages) + LAST
    cuts = sorted(draw(st.sets(st.integers(1, len(sent) - 1), max_size=12)))
    ends = [0, *cuts, len(sent)]
    return messages, [sent[a:b] for a, b in pairwise(ends)]


def sent(pieces: list[bytes], workers: bool = False, late: int = 0) -> Answers:
    return asyncio.run(exchange(pieces, workers, late))


@given(streams(), st.integers(0, 4))
def test_each_request_gets_its_answer_in_order_and_no_byte_of_a_body_is_one(
    stream: tuple[list[Message], list[bytes]], late: int
):
    messages, pieces = stream
    read = expected(messages)
    answers = sent(pieces, late=late)

    assert answers.statuses == [message.status for message in read]
    assert answers.seen == [message.seen for message in read if message.seen]


@given(streams(), st.integers(0, 4))
def test_no_byte_of_a_body_is_a_request_when_a_worker_hands_the_connection_over(
    stream: tuple[list[Message], list[bytes]], late: int
):
    messages, pieces = stream
    read = expected(messages)
    answers = sent(pieces, workers=True, late=late)
    wanted = [message.status for message in read]
    anew = 503 in answers.statuses  # a page right behind an event has to be requested again

    assert (answers.statuses[:-1] == wanted[: len(answers.statuses) - 1]) if anew else True
    assert answers.statuses == wanted or anew
    assert len(answers.statuses) <= len(read)
    seen = [message.seen for message in read if message.seen]
    assert answers.seen == seen[: len(answers.seen)]


@pytest.mark.parametrize("workers", [False, True])
@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_message_is_refused_and_nothing_behind_it_is_read(name: str, workers: bool):
    for cut in range(0, len(FAULTY[name]), 20):
        pieces = [FAULTY[name][:cut], FAULTY[name][cut:], MARKED]
        answers = sent([piece for piece in pieces if piece], workers)

        assert answers.statuses == [400]
        assert answers.seen == []
        assert b"connection: close\r\n" in answers.heads[0]


@pytest.mark.parametrize("late", [0, 3])
@pytest.mark.parametrize("name", FAULTY)
def test_what_came_before_a_faulty_message_is_answered_before_it(name: str, late: int):
    before = [post("/event", b"first"), get("/second"), post("/event", b"third")]
    answers = sent([b"".join(before) + FAULTY[name] + MARKED], late=late)

    assert answers.statuses == [202, 200, 202, 400]
    assert answers.seen == [("/event", b"first"), ("/second", b""), ("/event", b"third")]


def test_fields_behind_a_body_are_not_taken_for_the_heads():
    head = b"POST /event HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n" + CHUNKED
    trailer = b"0\r\nX-Forwarded-For: 203.0.113.9\r\nOrigin: https://y\r\n\r\n"
    answers = sent([head + b"\r\n", b"2\r\nhi\r\n", trailer, LAST])

    assert answers.seen == [("/event", b"hi"), ("/end", b"")]
    assert answers.fields[0]["x-forwarded-for"] == "192.0.2.1"
    assert "origin" not in answers.fields[0]


@pytest.mark.parametrize("path", ["/event", "/other", "/unread"])
def test_whoever_waits_to_send_a_body_may_send_it_or_not(path: str):
    whole = post(path, MARKED, b"Expect: 100-continue\r\n")
    head = whole.removesuffix(MARKED)
    asked, unasked = sent([head, MARKED, MARKED]), sent([whole + MARKED])
    body = b"" if path == "/unread" else MARKED

    for answers in (asked, unasked):
        assert answers.seen == [(path, body)]
        assert len(answers.statuses) == 1
        assert b"connection: close\r\n" in answers.heads[0]
    if (
        path == "/unread"
    ):  # nobody asked for the body, so what follows is the body or the next request
        assert sent([head, get("/next"), LAST]).seen == [(path, b"")]


@pytest.mark.parametrize(
    ("fields", "version"),
    [(UPGRADE, b"1.1"), (UPGRADE, b"1.0"), (b"Connection: close\r\n", b"1.1")],
)
@pytest.mark.parametrize("workers", [False, True])
def test_an_upgrade_without_a_body_is_answered_as_if_it_asked_for_none_and_is_the_last(
    fields: bytes, version: bytes, workers: bool
):
    asked = get("/page", fields, version)
    for pieces in ([asked + MARKED], [asked, MARKED], [asked[:9], asked[9:], MARKED]):
        answers = sent(pieces, workers)

        assert (answers.statuses, answers.seen) == ([200], [("/page", b"")])
        assert b"connection: close\r\n" in answers.heads[0]


@pytest.mark.parametrize(
    ("begun", "endless"), [(b"1;", b"a" * 50_000), (b"0\r\n", b"A: b\r\n" * 10_000)]
)
def test_what_is_around_a_body_has_an_end(begun: bytes, endless: bytes):
    head = told(b"POST /other HTTP/1.1", b"Host: x", CHUNKED.strip(), rest=begun)
    answers = sent([head, *[endless] * 30])

    assert (answers.statuses, answers.seen) == ([431], [])

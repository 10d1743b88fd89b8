"""A head that comes again is known by its bytes; whatever differs in one of them is parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http.known_head import known_head

BODIES = st.binary(min_size=1, max_size=300)


def sent(body: bytes, before: bytes = b"Host: x\r\n", behind: bytes = b"Origin: y\r\n") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST /event HTTP/1.1\r\n%b%b%b\r\n%b" % (before, length, behind, body)


@given(BODIES, BODIES, st.sampled_from([b"", b"Origin: y\r\n"]))
def test_the_body_behind_a_known_head_is_the_one_that_was_sent(
    first: bytes, second: bytes, behind: bytes
):
    known = known_head(sent(first, behind=behind), b"POST")

    assert known is not None
    assert known.body(sent(second, behind=behind)) == second


@given(BODIES, st.data())
def test_a_head_that_differs_in_one_byte_is_not_known(body: bytes, data: st.DataObject):
    said = sent(body)
    known = known_head(said, b"POST")
    place = data.draw(st.integers(0, len(said) - len(body) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != said[place]))

    assert known is not None
    assert known.body(said[:place] + bytes([other]) + said[place + 1 :]) is None


@given(BODIES, st.data())
def test_a_part_of_a_request_and_one_with_something_behind_it_are_not_known(
    body: bytes, data: st.DataObject
):
    said = sent(body)
    known = known_head(said, b"POST")
    end = data.draw(st.integers(0, len(said) - 1))

    assert known is not None
    assert known.body(said[:end]) is None
    assert known.body(said + b"\r\n") is None
    assert known.body(said + said) is None


@pytest.mark.parametrize(
    "said",
    [
        b"",
        sent(b"x") + sent(b"x"),
        b"\r\n" + sent(b"x"),
        b"\r\n\r\n" + sent(b"x"),
        sent(b"xy")[:-1],
        sent(b"x").replace(b"POST", b"GET"),
        sent(b"x", before=b"Content-Length: 1\r\n"),
        sent(b"x", behind=b"content-length: 1\r\n"),
        sent(b"x").replace(b"Length: 1", b"Length: 1 "),
        sent(b"x").replace(b"Length: 1", b"Length: 0000000001"),
        sent(b"").replace(b"Content-Length", b"Transfer-Encoding"),
        sent(b"x", before=b"Cookie: %b\r\n" % (b"c" * 2048)),
    ],
)
def test_a_head_that_is_long_or_states_no_single_length_is_not_kept(said: bytes):
    assert known_head(said, b"POST") is None


def test_a_length_that_is_no_number_of_ascii_digits_is_not_known():
    known = known_head(sent(b"x"), b"POST")

    assert known is not None
    for length in (b"", b"-1", b"+1", b" 1", b"1 ", b"1_0", b"\xb9", b"1, 1", b"0" * 9 + b"1"):
        assert known.body(sent(b"x").replace(b"Length: 1", b"Length: " + length)) is None

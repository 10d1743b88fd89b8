"""Whose a request is: the first address, from the nearest on, that is no trusted proxy's."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from server.http.proxies import Proxies

TRUSTED = ("10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48")
LINES = list[tuple[str, str]]
PROXY = st.sampled_from(["10.0.0.1", "10.255.255.255", "192.0.2.7", "2001:db8:1::9"])
CLIENT = st.ip_addresses().map(str).filter(lambda a: not Proxies(TRUSTED).trusts(a))


def scope(peer: str | None, lines: LINES, scheme: str = "http") -> Scope:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in lines]
    client = (peer, 5000) if peer is not None else None
    return {"type": "http", "client": client, "scheme": scheme, "headers": headers}


def client(peer: str, *lists: str, trusted: tuple[str, ...] = TRUSTED) -> str:
    said = scope(peer, [("X-Forwarded-For", value) for value in lists])
    return str(Proxies(trusted).believed(said)["client"][0])


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([], "10.0.0.1"),
        (["203.0.113.9"], "203.0.113.9"),
        (["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, 192.0.2.7"], "203.0.113.9"),
        (["198.51.100.7", "203.0.113.9"], "203.0.113.9"),
        (["198.51.100.7, 203.0.113.9", "10.2.3.4,192.0.2.7"], "203.0.113.9"),
        (["10.2.3.4, 192.0.2.7"], "10.2.3.4"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["[2001:db8:2::9]:4711"], "2001:db8:2::9"),
        (["[2001:db8:2::9]"], "2001:db8:2::9"),
        (["2001:DB8:2::0:9"], "2001:db8:2::9"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
        (["203.0.113.9, , 192.0.2.7,"], "203.0.113.9"),
        (["203.0.113.9, unknown"], "10.0.0.1"),
        (["203.0.113.9, unknown, 192.0.2.7"], "192.0.2.7"),
        (["<script>"], "10.0.0.1"),
        (["\xff"], "10.0.0.1"),
        (["[::1"], "::1"),
        ([""], "10.0.0.1"),
    ],
)
def test_a_chain_is_read_from_its_end_through_trusted_proxies_alone(
    lists: list[str], expected: str
):
    assert client("10.0.0.1", *lists) == expected


@pytest.mark.parametrize("peer", ["203.0.113.1", "192.0.2.8", "2001:db8:2::1", "", "nobody"])
def test_nobody_else_is_believed(peer: str):
    said = scope(peer, [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https")])

    assert Proxies(TRUSTED).believed(said) is said
    assert Proxies(()).believed(said) is said
    nobody = scope(None, [("X-Forwarded-For", "203.0.113.9")])
    assert Proxies(TRUSTED).believed(nobody) is nobody


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["https"], "https"),
        (["http"], "http"),
        (["HTTPS"], "https"),
        (["https, http"], "http"),
        (["http", "https"], "https"),
        (["wss"], "http"),
        (["javascript"], "http"),
        ([""], "http"),
        ([], "http"),
    ],
)
def test_the_nearest_proxy_tells_whether_it_was_asked_over_https(lines: list[str], expected: str):
    said = scope("10.0.0.1", [("X-Forwarded-Proto", value) for value in lines])

    assert Proxies(TRUSTED).believed(said)["scheme"] == expected


@given(CLIENT, st.lists(PROXY, max_size=4), st.text(st.characters(max_codepoint=255)))
def test_what_a_client_writes_itself_never_changes_its_address(
    address: str, proxies: list[str], written: str
):
    chain = ", ".join([written, address, *proxies])
    plain = ipaddress.ip_address(address)
    mapped = getattr(plain, "ipv4_mapped", None)

    assert client("10.0.0.1", chain) == str(mapped or plain)


def test_the_given_scope_is_left_as_it_is():
    said = scope("10.0.0.1", [("X-Forwarded-For", "203.0.113.9")])
    Proxies(TRUSTED).believed(said)

    assert said["client"] == ("10.0.0.1", 5000)

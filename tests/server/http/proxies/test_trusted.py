"""Whose a request is: the first address, from the nearest on, that is no trusted proxy's."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Scope

from server.http.proxies.trusted import Proxies

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


def told(lines: LINES, header: str = "", peer: str = "10.0.0.1") -> tuple[str, str]:
    """Return the client and the scheme that are believed."""
    believed = Proxies(TRUSTED, header).believed(scope(peer, lines))
    return str(believed["client"][0]), str(believed["scheme"])


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


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for=203.0.113.9"], "203.0.113.9"),
        (["For=203.0.113.9;Proto=https;by=10.0.0.1"], "203.0.113.9"),
        (["by=10.0.0.1 ; for=203.0.113.9"], "203.0.113.9"),
        (["for=198.51.100.7, for=203.0.113.9"], "203.0.113.9"),
        (["for=198.51.100.7", "for=203.0.113.9"], "203.0.113.9"),
        (["for=203.0.113.9, for=192.0.2.7;proto=http"], "203.0.113.9"),
        (['for="203.0.113.9:4711"'], "203.0.113.9"),
        (['for="[2001:DB8:2::9]:4711"'], "2001:db8:2::9"),
        (['for="[2001:db8:2::9]"'], "2001:db8:2::9"),
        (["for=[2001:db8:2::9]:4711"], "2001:db8:2::9"),
        (["for=203.0.113.9:_port"], "203.0.113.9"),
        (['for="203.0.113.9";host="a,b;c=d"'], "203.0.113.9"),
        (["for=203.0.113.9, , for=192.0.2.7,"], "203.0.113.9"),
        (["for=unknown"], "10.0.0.1"),
        (["for=_hidden, for=192.0.2.7"], "192.0.2.7"),
        (['for="_SEVKISEK"'], "10.0.0.1"),
        (["for=203.0.113.9, proto=https"], "10.0.0.1"),
        (['for="203.0.113.9'], "10.0.0.1"),
        (['for="198.51.100.7, for=203.0.113.9'], "203.0.113.9"),
        (['for="198.51.100.7, for="203.0.113.9"'], "203.0.113.9"),
        (['for="198.51.100.7\\, for="203.0.113.9";proto="https"'], "203.0.113.9"),
        (['for="203.0.113.\\9"'], "10.0.0.1"),
        (["203.0.113.9"], "10.0.0.1"),
        (["for:203.0.113.9"], "10.0.0.1"),
        (["\xff=\xff"], "10.0.0.1"),
        ([""], "10.0.0.1"),
    ],
)
def test_forwarded_is_read_from_its_end_too(lines: list[str], expected: str):
    said = [("Forwarded", line) for line in lines]
    assert told(said)[0] == expected
    assert told(said, "Forwarded")[0] == expected
    assert told(said, "X-Forwarded-For")[0] == "10.0.0.1"
    assert told(said, peer="203.0.113.1") == ("203.0.113.1", "http")


@pytest.mark.parametrize(
    ("lines", "scheme"),
    [
        ([("Forwarded", "for=203.0.113.9;proto=https")], "https"),
        ([("Forwarded", "for=203.0.113.9;proto=https, for=192.0.2.7;proto=http")], "http"),
        ([("Forwarded", "for=203.0.113.9;proto=HTTPS"), ("X-Forwarded-Proto", "http")], "https"),
        ([("Forwarded", "for=203.0.113.9"), ("X-Forwarded-Proto", "https")], "https"),
        ([("Forwarded", "for=203.0.113.9;proto=javascript")], "http"),
    ],
)
def test_forwarded_tells_the_scheme_of_the_nearest_proxy(lines: LINES, scheme: str):
    assert told(lines)[1] == scheme


def test_a_client_that_writes_the_other_header_changes_nothing():
    listed, forwarded = ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=198.51.100.7")
    spoofed = [forwarded, listed]
    assert told(spoofed)[0] == "203.0.113.9"
    assert told([("Forwarded", "for=1.1.1.1;proto=https"), listed]) == ("203.0.113.9", "http")
    assert told(spoofed, "X-Forwarded-For")[0] == "203.0.113.9"
    assert told(spoofed, "Forwarded")[0] == "198.51.100.7"
    assert told([listed], "Forwarded")[0] == "10.0.0.1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        ([" 2001:DB8:2::9 "], "2001:db8:2::9"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["10.2.3.4"], "10.2.3.4"),
        # where it tells no one address, the list counts
        ([], "198.51.100.7"),
        ([""], "198.51.100.7"),
        (["unknown"], "198.51.100.7"),
        (["203.0.113.9, 203.0.113.8"], "198.51.100.7"),
        (["203.0.113.9", "203.0.113.8"], "198.51.100.7"),
        (["\xff"], "198.51.100.7"),
    ],
)
def test_the_header_of_a_cdn_names_one_client(lines: list[str], expected: str):
    said = [("CF-Connecting-IP", line) for line in lines] + [("X-Forwarded-For", "198.51.100.7")]
    assert told(said, "cf-connecting-ip")[0] == expected
    assert told(said)[0] == "198.51.100.7"
    assert told(said, "CF-Connecting-IP", peer="203.0.113.1")[0] == "203.0.113.1"


HEADERS = ["", "Forwarded", "X-Forwarded-For", "CF-Connecting-IP"]
HOSTILE = st.text('for="\\,;[]:12. \t\xff', max_size=40) | st.text(st.characters(max_codepoint=255))


@given(CLIENT, st.lists(PROXY, max_size=4), HOSTILE, st.booleans(), st.sampled_from(HEADERS[:2]))
def test_what_a_client_writes_before_them_changes_no_element(
    address: str, proxies: list[str], written: str, quoted: bool, header: str
):
    chain = [f"[{one}]" if ":" in one else one for one in (address, *proxies)]
    elements = [
        f'for="{one}";proto=https' if quoted or "[" in one else f"for={one}" for one in chain
    ]
    plain = ipaddress.ip_address(address)
    mapped = getattr(plain, "ipv4_mapped", None)

    said = [("Forwarded", ", ".join([written, *elements]))]
    assert told(said, header)[0] == str(mapped or plain)


@given(st.lists(st.tuples(st.sampled_from(HEADERS[1:]), HOSTILE), max_size=6))
def test_no_header_raises(lines: LINES):
    for header in HEADERS:
        client, scheme = told(lines, header)
        assert ipaddress.ip_address(client)
        assert scheme in ("http", "https")


def test_of_a_line_without_end_only_its_end_is_read():
    element = "for=203.0.113.9"
    for part in ("a", ",", '"', "for=1.1.1.1,", ";"):
        assert told([("Forwarded", part * 60_000 + "," + element)])[0] == "203.0.113.9"
        assert told([("X-Forwarded-For", part * 60_000)])[0] == "10.0.0.1"


def test_the_given_scope_is_left_as_it_is():
    said = scope("10.0.0.1", [("X-Forwarded-For", "203.0.113.9")])
    Proxies(TRUSTED).believed(said)

    assert said["client"] == ("10.0.0.1", 5000)

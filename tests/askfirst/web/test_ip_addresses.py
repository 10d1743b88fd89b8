"""IP addresses: which of them share one limit, and their shortened form."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.ip_addresses import limit_key, plain_address, shortened_address


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_one_holder_of_an_ipv6_network_has_one_key(address, rest):
    other = IPv6Address(int(address) >> 64 << 64 | rest)
    if not address.ipv4_mapped and not other.ipv4_mapped:
        assert limit_key(str(address)) == limit_key(str(other))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_has_one_key_however_it_is_written(address):
    assert limit_key(str(address)) == limit_key(f"::ffff:{address}") == str(address)


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_two_ipv4_addresses_have_two_keys(one, other):
    assert (limit_key(str(one)) == limit_key(str(other))) == (one == other)


@given(st.ip_addresses())
def test_a_shortened_address_names_no_connection(address):
    plain = plain_address(str(address))
    kept = 24 if isinstance(IPv4Address(plain) if "." in plain else address, IPv4Address) else 48
    bits = 32 if kept == 24 else 128
    whole = int(IPv4Address(plain)) if bits == 32 else int(IPv6Address(plain))
    short = shortened_address(str(address))
    number = int(IPv4Address(short)) if bits == 32 else int(IPv6Address(short))
    assert number == whole >> (bits - kept) << (bits - kept)


@pytest.mark.parametrize("text", ["", "unknown", "testclient", "192.0.2.300", "1.2.3", "::g"])
def test_what_is_no_address_has_no_form(text):
    assert (plain_address(text), limit_key(text), shortened_address(text)) == ("", "", "")


def test_a_scope_is_no_part_of_an_address():
    assert limit_key("fe80::1%eth0") == limit_key("fe80::2") == "fe80::/64"

"""Origins: which headers are one, and which domain a page and this server share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.http.origins import read_origin, shared_domain


@pytest.mark.parametrize(
    ("header", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("HTTPS://WWW.Example.org", "https://www.example.org"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://[::1]:8001", "http://[::1]:8001"),
        ("null", None),
        ("", None),
        (None, None),
        ("https://a.example/path", None),
        ("https://user@a.example", None),
        ("https://a.example\r\nX: y", None),
        ("https://a.example\n", None),
        ("ftp://a.example", None),
    ],
)
def test_an_origin_is_a_scheme_a_host_and_a_port(header, origin):
    assert read_origin(header) == origin


@pytest.mark.parametrize(
    ("page", "host", "domain"),
    [
        ("https://example.org", "example.org", ""),
        ("http://localhost:8001", "localhost:8000", ""),
        ("http://127.0.0.1:1", "127.0.0.1:2", ""),
        ("http://[::1]:1", "[::1]:2", ""),
        ("https://www.example.org", "visits.example.org", "example.org"),
        ("https://example.org", "visits.example.org", "example.org"),
        ("https://a.b.example.org", "c.b.example.org", "b.example.org"),
        ("https://example.org", "example.net", None),
        ("https://one.org", "two.org", None),
        ("https://notexample.org", "example.org", None),
        ("http://127.0.0.1", "10.0.0.1", None),
        ("https://example.org", "", None),
        ("https://example.org", "[", None),
        ("https://shop.co.uk", "stats.co.uk", None),
        ("https://www.shop.co.uk", "stats.shop.co.uk", "shop.co.uk"),
        ("https://me.github.io", "you.github.io", None),
        ("https://a.me.github.io", "b.me.github.io", "me.github.io"),
        ("https://shop.xn--55qx5d.cn", "stats.xn--55qx5d.cn", None),
        ("https://shop.kobe.jp", "stats.kobe.jp", None),  # a rule with a star
        ("https://www.city.kobe.jp", "stats.city.kobe.jp", "city.kobe.jp"),  # and its exception
        ("https://shop.example.test", "stats.example.test", "example.test"),  # no known ending
        ("https://github.io", "github.io", ""),
    ],
)
def test_the_shared_domain_is_the_longest_common_parent_that_somebody_holds(page, host, domain):
    assert shared_domain(page, host) == domain


@given(st.text(), st.text())
def test_any_host_header_gives_a_domain_of_the_page_or_none(host, header):
    domain = shared_domain("https://www.example.org", host)
    assert domain in (None, "", "example.org", "www.example.org")
    assert read_origin(header) is None or header.lower().startswith("http")


@pytest.mark.parametrize("host", ["example.org", "[::1]"])
def test_an_origin_has_a_port_that_a_machine_has(host):
    assert read_origin(f"https://{host}:65535") == f"https://{host}:65535"
    assert read_origin(f"https://{host}:65536") is None

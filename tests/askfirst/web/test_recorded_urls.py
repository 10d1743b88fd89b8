"""A URL is recorded in one form, without fragment, unlisted parameters, addresses and tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.recorded_urls import recorded_url

KEPT = frozenset({"utm_source", "page", "filter[a]", "größe"})
NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("url", "recorded"),
    [
        # scheme, host, port
        ("HTTPS://Example.ORG/", "https://example.org/"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org.:443/a", "https://example.org/a"),
        ("http://example.org:80", "http://example.org/"),
        ("http://example.org:0080/", "http://example.org/"),
        ("http://example.org:/", "http://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("http://localhost:08000/", "http://localhost:8000/"),
        ("https://user:secret@example.org/", "https://example.org/"),
        ("https://a@b@example.org/", "https://example.org/"),
        ("https://münchen.de/", "https://xn--mnchen-3ya.de/"),
        ("https://MÜNCHEN.DE./", "https://xn--mnchen-3ya.de/"),
        ("https://m%C3%BCnchen.de/", "https://xn--mnchen-3ya.de/"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),
        ("https://xn--mnchen-3ya.de/", "https://xn--mnchen-3ya.de/"),
        ("https://ex%41mple.org/", "https://example.org/"),
        ("http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        # as browsers read it
        (" \x00https://exam\tple.org/a\nb \x1f", "https://example.org/ab"),
        ("https:\\\\example.org\\a\\b?page=\\", "https://example.org/a/b?page=%5C"),
        ("https:example.org/a", "https://example.org/a"),
        ("https:///user:secret@example.org", "https://example.org/"),
        ("https://example.org\\@evil.example/", "https://example.org/@evil.example/"),
        ("http://f:0000000000000000000000000080/c", "http://f/c"),
        ("http://f:0/c", "http://f:0/c"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0300.168.257./", "http://192.168.1.1/"),
        ("http://i\u2764.example/", "http://xn--i-7iq.example/"),
        ("ftp://300.1.1.1/", "ftp://300.1.1.1/"),
        ("android-app://com.google.android.gm/", "android-app://com.google.android.gm/"),
        # the path
        ("https://example.org/A/b/", "https://example.org/A/b/"),
        ("https://example.org/A/b", "https://example.org/A/b"),
        ("https://example.org//a//b", "https://example.org//a//b"),
        ("https://example.org/%7euser/%41", "https://example.org/~user/A"),
        ("https://example.org/%c3%a9/é", "https://example.org/%C3%A9/%C3%A9"),
        ("https://example.org/a%2fb%3f", "https://example.org/a%2Fb%3F"),
        ("https://example.org/a b|c^d", "https://example.org/a%20b%7Cc%5Ed"),
        ("https://example.org/100%/%zz", "https://example.org/100%25/%25zz"),
        ("https://example.org/a/./b/../c/%2e%2E/", "https://example.org/a/"),
        ("https://example.org/../..", "https://example.org/"),
        ("https://example.org/a/..", "https://example.org/"),
        ("https://example.org/a.b/.c/..d", "https://example.org/a.b/.c/..d"),
        ("https://example.org/\ud800", "https://example.org/%EF%BF%BD"),
        ("https://example.org/\u202e\x00a", "https://example.org/%E2%80%AE%00a"),
        ("https://example.org/u/me@example.org", "https://example.org/u/:email"),
        ("https://example.org/r/0123456789abcdef0", "https://example.org/r/:token"),
        ("https://example.org/r/%30123456789abcdef", "https://example.org/r/:token"),
        # fragment and query
        ("https://example.org/a#b?page=1", "https://example.org/a"),
        ("https://example.org/a?q=secret&page=2#c", "https://example.org/a?page=2"),
        ("https://example.org?page=2&page=3", "https://example.org/?page=2&page=3"),
        ("https://example.org/?Page=2&pages=3&=4&&page", "https://example.org/?page"),
        ("https://example.org/?p%61ge=%c3%a9%41", "https://example.org/?page=%C3%A9A"),
        (
            "https://example.org/?filter[a]=1&filter%5ba%5D=2",
            "https://example.org/?filter%5Ba%5D=1&filter%5Ba%5D=2",
        ),
        ("https://example.org/?gr%C3%B6%C3%9Fe=l", "https://example.org/?gr%C3%B6%C3%9Fe=l"),
        ("https://example.org/?utm_source=me%40x.org", "https://example.org/?utm_source=:email"),
        (
            "https://example.org/?page=0123456789abcdef0",
            "https://example.org/?page=0123456789abcdef0",
        ),
        # links that lead to a person
        ("mailto:Me@example.org?subject=x", "mailto:Me@example.org"),
        ("TEL:+49-30-123", "tel:+49-30-123"),
    ],
)
def test_a_url_has_one_form(url: str, recorded: str):
    assert recorded_url(url, KEPT) == recorded
    assert recorded_url(recorded, KEPT) == recorded


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//example.org/",
        "/a",
        "http:",
        "http://",
        "http:///",
        "http://:80/",
        "https://user@/",
        "javascript:alert(1)",
        "JavaScript:%0aalert(1)",
        "http://../",
        "https://a b.org/",
        "https://[::g]/",
        "https://\u2100.example/",
        "data:text/html,<b>",
        "blob:https://example.org/1",
        "about:srcdoc",
        "file:///home/me/diary",
        "file://server/home/me/diary",
        "javascript://example.org/%0aalert(1)",
        "data://example.org/x",
        "https://example.org:65536/",
        "https://256.1.1.1/",
        "https://1.2.3.4.5/",
        "https://example.08/",
        "https://xn--pokxncvks.example/",
        "mailto:",
        "tel:?x",
    ],
)
def test_what_leads_nowhere_is_not_recorded(url: str):
    assert recorded_url(url, KEPT) == ""


@pytest.mark.parametrize(
    "url",
    [  # kinds that the tests of the URL Standard have
        "http://[::1",
        "http://[www.google.com]/",
        "http://[::127.0.0.1.]",
        "http://a:b@c:29/d",
        "http::@c:29",
        "http://foo:-80/",
        "http://f:999999/c",
        "http://f:00000000000000000080/c",
        "http://f: 21 / b ? d # e ",
        "http://192.168.0.257",
        "http://0x7f.1/",
        "http://%00.com",
        "http://%zz%66%a.com",
        "http://\uff27\uff4f.com",
        "http://a\u3002b/",
        "http://\u2100.example/",
        "http://xn--/",
        "http://xn--zn7c.com/",
        "http://ho\u00adst/",
        "http://a..b/",
        "http://../",
        "http://-/",
        "http://ab--c.com/",
        "http://a_b/",
        "http://[fe80::1%25eth0]/",
        "https:\\\\example.org\\a",
        "https://example.org\\a@evil.test/",
        "https://" + "a" * 300 + ".org/",
        "https://" + "é" * 300 + ".org/",
        "http://example.org/\ud800\udfff",
        "http://\ud800/",
        "ws://a:80/",
        "http://a?%",
    ],
)
def test_no_odd_url_raises(url: str):
    told = recorded_url(url, KEPT)
    assert recorded_url(told, KEPT) == told
    assert told.isascii()
    assert "@" not in told


LONGEST_LABEL = "a" * 63
LONGEST_HOST = f"{LONGEST_LABEL}.{LONGEST_LABEL}.{LONGEST_LABEL}.{'a' * 61}"


@pytest.mark.parametrize("host", [LONGEST_HOST, f"{LONGEST_LABEL}.org", f"{'é' * 57}.org"])
def test_a_host_may_be_as_long_as_name_servers_take_it(host: str):
    recorded = recorded_url(f"https://{host}/", NONE)
    assert recorded.startswith("https://xn--" if "é" in host else f"https://{host}/")
    assert recorded == recorded_url(f"https://{host}./", NONE)


@pytest.mark.parametrize(
    "host", [f"{LONGEST_HOST}a", f"{LONGEST_LABEL}a.org", f"{'é' * 58}.org", "xn--" + "a" * 60]
)
def test_a_longer_one_is_no_host(host: str):
    assert recorded_url(f"https://{host}/", NONE) == ""


PIECES = [
    *(
        "http://",
        "https://",
        "example.org",
        "xn--",
        "::1",
        "80",
        "\u3002",
        "é",
        ".",
        "..",
        "%2E",
        "%00",
    ),
    *("[", "]", ":", "@", "/", "?", "#", "&", "=", "%", "\\", " ", "page", "\ud800"),
]
URLS = st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(URLS | URLS.map("http://a/".__add__) | URLS.map("https://".__add__))
def test_any_text_has_a_form_that_is_its_own(url: str):
    told = recorded_url(url, KEPT)
    assert told.isascii()
    assert told.isprintable()
    assert " " not in told
    assert "#" not in told
    assert recorded_url(told, KEPT) == told
    assert "?" not in recorded_url(url, NONE)


@given(
    st.text(
        st.characters(min_codepoint=33, exclude_characters="/\\?#%!$&'()*+,;=:@", codec="utf-8"),
        max_size=30,
    )
)
def test_a_path_is_one_in_all_its_spellings(path: str):
    octets = (path or "x").encode()
    coded = "".join(f"%{octet:02x}" for octet in octets)
    assert recorded_url(f"http://a/{coded}", NONE) == recorded_url(f"HTTP://A:80/{coded}#x", NONE)
    assert recorded_url(f"http://a/{path or 'x'}", NONE) == recorded_url(f"http://a/{coded}", NONE)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_unlisted_parameter_is_kept(name: str, value: str):
    told = recorded_url(f"https://example.org/a?{name}={value}&page=1", frozenset({"page"}))
    names = [part.partition("=")[0] for part in told.partition("?")[2].split("&")]
    assert set(names) <= {"page", ""}

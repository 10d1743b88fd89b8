"""Enrichment: what is derived from a user agent, a language, an address and a referrer."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.enrichment.agents.device_names import KINDS
from collector.enrichment.enrich import Enricher, address_of, client_of, language_of, shown_ip
from tests.factories import CHROME, GOOGLEBOT, a_site, an_entry

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Instagram 300.0"
)
TABLET = (
    "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)
TELEVISION = (
    "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/88.0.4324.152 Safari/537.36"
)


def row(**changes: object) -> dict[str, object]:
    enricher = Enricher({1: a_site()}.get)
    return enricher.batch([an_entry(**changes)], ["visit"]).to_pylist()[0]


@pytest.mark.parametrize(
    ("user_agent", "browser", "system", "device"),
    [
        (CHROME, "Chrome", "Windows", "desktop"),
        (FIREFOX, "Firefox", "Linux", "desktop"),
        (IPHONE, "Safari", "iOS", "phone"),
        (WEB_VIEW, "Chrome", "Android", "phone"),
        (TABLET, "Chrome", "Android", "tablet"),
        (TELEVISION, "Chrome", "Android TV", "television"),
        ("", "", "", ""),
        ("\x00\xff nonsense", "", "", ""),
    ],
)
def test_a_user_agent_tells_browser_system_and_device(
    user_agent: str, browser: str, system: str, device: str
):
    client = client_of(user_agent)

    assert (client.browser, client.os, client.device) == (browser, system, device)


@pytest.mark.parametrize(
    ("user_agent", "bot"),
    [
        (GOOGLEBOT, True),
        ("curl/8.5.0", True),
        ("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", True),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/142.0.0.0 Safari/537.36", True),
        (CHROME, False),
        (FIREFOX, False),
        (IPHONE, False),
        ("", False),
    ],
)
def test_bots_are_told_from_browsers(user_agent: str, bot: bool):
    assert client_of(user_agent).bot is bot


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.8", "en-GB"),
        ("de", "de"),
        ("DE-at;q=0.9", "de-AT"),
        ("zh-Hans-CN", "zh-CN"),
        ("en;q=0.5, de-at", "de-AT"),
        ("*", ""),
        ("", ""),
        ("<script>", ""),
        ("=cmd|' /C calc'!A0", ""),
    ],
)
def test_a_language_is_a_known_form_or_nothing(header: str, language: str):
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("ip", "mode", "shown"),
    [
        ("81.2.69.142", "whole", "81.2.69.142"),
        ("81.2.69.142", "shortened", "81.2.69.0"),
        ("2001:db8:1:2:3:4:5:6", "shortened", "2001:db8:1::"),
        ("81.2.69.142", "dropped", ""),
        ("", "shortened", ""),
    ],
)
def test_an_address_is_kept_as_the_site_says(ip: str, mode: str, shown: str):
    assert shown_ip(ip, mode) == shown


@given(st.ip_addresses())
def test_a_shortened_address_never_tells_its_last_bits(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
):
    shortened = ipaddress.ip_address(shown_ip(str(ip), "shortened"))
    ip = getattr(ip, "ipv4_mapped", None) or ip  # which is another spelling of IPv4
    hidden = 8 if ip.version == 4 else 80

    assert int(shortened) == int(ip) >> hidden << hidden


def test_of_a_query_only_the_campaign_is_kept():
    found = row(url="https://example.org/a?email=me@example.org&utm_source=news&utm_campaign=may")

    assert (found["path"], found["utm_source"], found["utm_campaign"]) == ("/a", "news", "may")
    assert not any("me@example.org" in str(value) for value in found.values())


def test_a_campaign_has_no_control_characters_and_no_marks_of_direction():
    found = row(url="https://example.org/?utm_source=a%00%0d%0Ab&utm_term=%E2%80%AEx%C2%9F")

    assert (found["utm_source"], found["utm_term"]) == ("a b", "x")


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Google.com/search?q=x", "google.com"),
        ("https://example.org/before", ""),
        ("https://shop.example.org/before", ""),
        ("https://www.example.org/before", ""),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://[broken/", ""),
        ("", ""),
    ],
)
def test_a_referrer_counts_when_it_is_outside_the_site(referrer: str, host: str):
    assert row(referrer=referrer)["referrer_host"] == host


@given(st.text(max_size=300))
def test_any_user_agent_can_be_read(user_agent: str):
    assert client_of(user_agent).device in ("", *KINDS)


@given(st.from_regex(r"https?://[^\x00-\x20\x7f/\[\]?#]+(/[^\x00-\x20\x7f]*)?", fullmatch=True))
def test_any_address_of_the_wire_can_be_taken_apart(url: str):
    assert address_of(url).path

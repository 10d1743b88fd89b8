"""Addresses are shown as people read them, and never so that one could be mistaken for another."""

# ruff: noqa: RUF001, letters that look alike are what is tested
import re
import unicodedata
from urllib.parse import quote

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.rules.corrections import HIDDEN
from askfirst.web.masking import EMAIL, TOKEN
from askfirst.web.shown_addresses import host, machine_host, place

ASCII = "".join(map(chr, range(33, 127)))
PIECES = ["%", "/", "?", "é", "%C3%A9", "%c3%a9", "%E2%80%AE", "%2F", "%00", "%FF", "\u202e", " "]
ADDRESSES = st.text() | st.lists(st.sampled_from(PIECES) | st.characters(), max_size=12).map(
    "".join
)
ESCAPED = st.binary(max_size=12).map(lambda raw: "/" + "".join(f"%{byte:02x}" for byte in raw))
LETTERS = st.sampled_from("aboeıþßäéрасеоһпдяжαολωאבגعربन日本語かカ한국ไท0-")
HOSTS = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=3).map(".".join)


def _sent(address: str) -> str:
    """Encode as a browser does, with every escape in capitals."""
    encoded = quote(address, safe=ASCII, errors="surrogatepass")
    return re.sub("%[0-9A-Fa-f]{2}", lambda one: one[0].upper(), encoded)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("/caf%C3%A9", "/café"),
        ("/%d0%bf%d1%80%d0%be", "/про"),
        ("/%E6%97%A5%E6%9C%AC/%F0%9F%98%80", "/日本/😀"),
        ("/e%CC%81t%C3%A9", "/e\u0301té"),
        ("/a?q=%C3%BC%26b", "/a?q=ü%26b"),
        ("https://xn--mnchen-3ya.de:8080/%C3%BC", "https://münchen.de:8080/ü"),
        ("xn--mnchen-3ya.de/%C3%BC", "münchen.de/ü"),
        ("/plain/path-1_2~x", "/plain/path-1_2~x"),
        ("(other)", "(other)"),
        (HIDDEN, HIDDEN),
        (f"/u/{EMAIL}/{TOKEN}", f"/u/{EMAIL}/{TOKEN}"),
        (f"/{HIDDEN}", "/(hidden%20by%20the%20visitor)"),
        ("", ""),
    ],
)
def test_an_address_is_shown_in_its_own_letters(stored: str, shown: str):
    assert place(stored) == shown


@pytest.mark.parametrize(
    "stored",
    [
        "/a%2Fb",
        "/a%20b",
        "/%00%1F%7F",
        "/%C2%80",
        "/%E2%80%AEgpj.exe",  # turns the writing direction
        "/%E2%81%A6%E2%81%A9",
        "/%E2%80%8B",
        "/%E2%80%8D",
        "/%C2%A0",
        "/%E3%85%A4",  # a letter that shows nothing
        "/%EF%BC%8Fx",  # a wide slash
        "/%E2%88%95x",
        "/%EF%BC%9Fq%EF%BC%9D",
        "/%C3",
        "/%FF%FE",
        "/%ED%A0%80",  # half of a surrogate pair
        "/%C0%AF",  # a slash, overlong
        "/%CC%81",  # a mark without its letter
        "/%25C3%25A9",
        "https://user@xn--mnchen-3ya.de/",
    ],
)
def test_what_cannot_be_read_or_could_mislead_stays_encoded(stored: str):
    assert place(stored) == stored


@pytest.mark.parametrize("stored", ["xn--a\0b.com", "\x1b[1m.xn--p1ai", "xn--\x7f:80"])
def test_a_host_in_punycode_shows_no_controls_either(stored: str):
    for shown in (host(stored), place(f"https://{stored}/a")):
        assert shown.isprintable()


def test_what_was_stored_raw_and_cannot_be_seen_is_encoded():
    assert place("/a b\u202ec\x00") == "/a%20b%E2%80%AEc%00"
    assert host("a\u202eb.example") == "a%E2%80%AEb.example"


@given(ADDRESSES | ESCAPED)
def test_no_control_or_writing_direction_is_ever_shown(address: str):
    for shown in (place(address), host(address)):
        kinds = {unicodedata.category(one) for one in shown.replace(" ", "")}
        assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}
        assert not {unicodedata.bidirectional(one) for one in shown} & {"RLO", "LRO", "RLE", "FSI"}


@given((ADDRESSES | ESCAPED).map("/".__add__))
def test_a_path_that_is_encoded_again_is_the_same_address(address: str):
    assert _sent(place(address)) == _sent(address)


@given((ADDRESSES | ESCAPED).map("/".__add__))
def test_showing_what_is_shown_changes_nothing(address: str):
    assert place(place(address)) == place(address)


@pytest.mark.parametrize(
    "name",
    [
        "münchen.de",
        "пример.рф",
        "пример.com",
        "日本語.jp",
        "カタカナとひらがな.jp",
        "한국.kr",
        "ไทย.com",
        "ελλάδα.gr",
        "क्षत्रिय.भारत",
        "faßbender.de",
        "việtnam.vn",
        "ırmak.com.tr",
        "עברית.קום",
        "*.пример.рф",
        "пример.рф:8443",
    ],
)
def test_a_host_that_resembles_no_other_is_shown_in_its_own_letters(name: str):
    assert host(machine_host(name)) == name
    assert place(f"https://{machine_host(name)}/x") == f"https://{name}/x"


@pytest.mark.parametrize(
    "name",
    [
        "аррӏе.com",  # Cyrillic letters alone, each like a Latin one
        "gооgle.com",  # two scripts
        "раypal.com",
        "ορ.com",
        "ırmak.com",  # an i without its dot, where nobody expects it
        "fạcebook.com",
        "þaypal.com",
        "一.com",
        "1.עברית.קום",  # a digit that would move beside the Hebrew
        "日本語abc.jp",
    ],
)
def test_a_host_that_could_be_taken_for_another_stays_as_machines_spell_it(name: str):
    assert host(machine_host(name)) == machine_host(name)
    assert host(name) == machine_host(name)


@pytest.mark.parametrize(
    "name", ["xn--", "xn--a", "xn--zz--zz.de", "[::1]:8000", "", "xn--ls8h.la", "xn--5dbqzzl."]
)
def test_what_is_no_name_is_left_as_it_is(name: str):
    assert host(name) == name


@given(HOSTS)
def test_a_host_that_is_encoded_again_is_the_same_host(name: str):
    try:
        spelled = machine_host(name)
    except ValueError:
        return
    assert idna.encode(host(spelled)).decode("ascii") == spelled


PARTS = ["xn--5dbqzzl", "xn--mnchen-3ya", "xn--", ".", ":", "/", "*.", "a", "[", "é", "א"]


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
def test_no_host_raises(name: str):
    assert isinstance(host(name), str)
    assert isinstance(place(name), str)

"""`/.well-known/security.txt` names the contact for weaknesses, if one is set (RFC 9116)."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import as_datetime
from askfirst.errors import Misconfigured
from askfirst.settings import load_settings
from server.http.security_txt import PATH, security_txt
from tests.factories import NOON
from tests.world import open_world

MAIL = "mailto:security@example.org"


async def test_the_file_is_there_only_with_the_setting(tmp_path: Path):
    async with open_world(tmp_path) as world:
        assert (await world.client.get(PATH)).status_code == 404
    async with open_world(tmp_path, security_contact=MAIL) as world:
        answer = await world.client.get(PATH)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        f"Contact: {MAIL}",
        "Expires: 2026-04-01T00:00:00Z",
        "Preferred-Languages: en",
    ]


@given(now=st.integers(0, 4 * 10**12))
def test_it_expires_later_than_now_and_less_than_a_year_ahead(now: int):
    text = security_txt(load_settings({"security_contact": MAIL}, {}), now)
    (expires,) = re.findall(r"^Expires: (.+)$", text, re.MULTILINE)
    ahead = datetime.fromisoformat(expires) - as_datetime(now)

    assert 0 < ahead.days < 365


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        ("", ""),
        ("https://ask.example.org", f"Canonical: https://ask.example.org{PATH}\n"),
        ("https://ask.example.org:8443/", f"Canonical: https://ask.example.org:8443{PATH}\n"),
        ("http://ask.example.org", ""),
        ("https://example.org/askfirst", ""),
        ("https://user@example.org", ""),
    ],
)
def test_its_own_address_is_said_where_it_is_known_and_https(public_url: str, said: str):
    settings = load_settings({"security_contact": MAIL, "public_url": public_url}, {})
    text = security_txt(settings, NOON)

    assert text.partition("Preferred-Languages: en\n")[2] == said


@pytest.mark.parametrize(
    "contact",
    [MAIL, "mailto:a+b@x.org?subject=Askfirst", "https://example.org/security", "https://x.org"],
)
def test_a_mail_or_a_web_address_is_taken(contact: str):
    assert load_settings({"security_contact": contact}, {}).security_contact == contact


@pytest.mark.parametrize(
    "contact",
    [
        "security@example.org",
        "http://example.org/security",
        "https://",
        "mailto:",
        "mailto:a b@example.org",
        "javascript:alert(1)",
        f"{MAIL}\nContact: mailto:evil@example.org",
        f"{MAIL}\r",
        "https://example.org/\nExpires: never",
        "https://example.org/\x85x",
        "https://exämple.org/",
        "https://example.org/\x7f",
        "mailto:" + "a" * 300 + "@example.org",
    ],
)
def test_anything_else_stops_the_start_with_a_sentence(contact: str):
    with pytest.raises(Misconfigured, match="security_contact"):
        load_settings({}, {"ASKFIRST_SECURITY_CONTACT": contact})


@given(contact=st.text() | st.text().map(lambda text: f"mailto:{text}@example.org"))
def test_whatever_is_set_each_field_is_one_line(contact: str):
    try:
        settings = load_settings({"security_contact": contact}, {})
    except Misconfigured:
        return
    lines = security_txt(settings, NOON).splitlines() if contact else [""] * 3

    assert len(lines) == 3

"""Consent tokens: only what this server signed is read, complete and unchanged."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.consents import Claims, Tokens

OLD, NEW = b"an old key of a test", b"a new key of a test"
TOKENS = Tokens([OLD, NEW])
CLAIMS = Claims(
    site_id=1,
    visitor_id="0" * 32,
    consent_id="1" * 32,
    policy_version=2,
    purposes=("statistics",),
    given_at=1_789_992_000_000,
    valid_until=1_805_544_000_000,
)
TOKEN = TOKENS.sign(CLAIMS)
claims = st.builds(
    Claims,
    site_id=st.integers(1, 2**31),
    visitor_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    consent_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    policy_version=st.integers(1, 2**31),
    purposes=st.lists(st.text(max_size=20), max_size=5).map(tuple),
    given_at=st.integers(0, 2**53),
    valid_until=st.integers(0, 2**53),
)


@given(claims)
def test_what_is_signed_is_read_again(value):
    assert TOKENS.read(TOKENS.sign(value)) == value


@given(claims)
def test_a_token_has_only_characters_that_a_cookie_and_an_address_take(value):
    token = TOKENS.sign(value)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(st.text())
def test_a_text_that_nobody_signed_is_no_token(text):
    assert TOKENS.read(text) is None


@given(st.integers(0, len(TOKEN) - 1))
def test_a_token_cut_short_is_no_token(length):
    assert TOKENS.read(TOKEN[:length]) is None


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_a_token_with_another_character_says_nothing_else(position, character):
    changed = TOKEN[:position] + character + TOKEN[position + 1 :]
    assert TOKENS.read(changed) in (None, CLAIMS)
    if position < TOKEN.index(".") and changed != TOKEN:
        assert TOKENS.read(changed) is None


@given(claims, claims)
def test_a_signature_is_for_its_own_claims(one, other):
    payload = TOKENS.sign(one).rsplit(".", 1)[0]
    signature = TOKENS.sign(other).rsplit(".", 1)[1]
    if one != other:
        assert TOKENS.read(f"{payload}.{signature}") is None


@given(claims, st.binary(min_size=1))
def test_a_token_of_another_key_is_no_token(value, key):
    if key not in (OLD, NEW):
        assert TOKENS.read(Tokens([key]).sign(value)) is None


def test_the_newest_key_signs_and_every_key_reads():
    assert TOKENS.read(Tokens([OLD]).sign(CLAIMS)) == CLAIMS
    assert Tokens([NEW]).read(TOKEN) == CLAIMS
    assert Tokens([OLD]).read(TOKEN) is None


def test_a_key_that_was_taken_off_the_list_reads_nothing():
    assert Tokens([NEW]).read(Tokens([OLD]).sign(CLAIMS)) is None


def test_the_page_can_read_a_tokens_purposes_and_end():
    payload = TOKEN.split(".")[0]
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said["p"] == ["statistics"]
    assert said["u"] == CLAIMS.valid_until


@pytest.mark.parametrize("said", [b"[]", b"{}", b"7", b'{"s":"x"}', b"\xff", b""])
def test_signed_bytes_that_are_no_claims_are_no_token(said):
    payload = base64.urlsafe_b64encode(said).rstrip(b"=")
    signed = TOKENS._signer.sign(payload).decode()
    assert TOKENS.read(signed) is None

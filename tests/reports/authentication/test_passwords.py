"""A new password is long and not among those that are tried first; nothing else is asked of it."""

import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from askfirst.sign_in.passwords import password_error
from askfirst.store.ledger.tables import staff
from reports.authentication.accounts import Accounts
from tests.effort import least_seconds
from tests.reports.garden import EMAIL, Garden

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "common",
    [
        " " * 12,
        "\u3000" * 12,
        "aaaaaaaaaaaa",
        "\u00fc" * 12,
        "abcabcabcabc",
        "abcdefghijkl",
        "123456789012",
        "987654321098",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "zxcvbnmasdfg",
        "password1234",
        "passwordpassword",
        "iloveyou1234",
        "letmeinletmein",
        "administrator",
        "P@ssw0rd1234",
        "unbelievable12",
        "x" * 200,
        "Sommer2026!!",
        "!!!2026Sommer",
        "mustermann2026",
        "Passwort12345",
        "\u00e9t\u00e9s2026!!!!!!",
        "hallo hallo hallo",
        "Hallo-hallo-HALLO",
        "hallo1hallo2hallo3",
        "hallo hallo welt",
    ],
)
def test_a_common_a_repeated_and_a_sequential_password_is_refused(common):
    assert "easy to guess" in (password_error(common, EMAIL) or "")


@pytest.mark.parametrize(
    "own",
    [
        EMAIL,
        f"{EMAIL} 7 red boats",
        EMAIL.upper() + "!",
        "Askfirst on the 3rd hill",
        "owner-example-org",
        "ownerexample12",
        "Example.Owner!2026",
        "exampleexample",
    ],
)
def test_the_accounts_address_and_the_programs_name_are_refused(own):
    assert "neither your address nor" in (password_error(own, EMAIL) or "")


@pytest.mark.parametrize(
    "good",
    [
        "a long enough password",
        "correct horse battery staple",
        "Xk9$mQ2pLw7z",
        "9f8e7d6c5b4a",
        "\u4e2d\u6587\u5bc6\u7801 boat \u00e9t\u00e9 lamp",
        "two  blanks  in  it",
        "the owner of seven red boats",
        "the boat and the lamp and the hill",
        "mustermannsommerwinter",
        "xkqzvbpwmtra",
        "83920174x66b",
        "kP9!x2=88#1Q",
    ],
)
def test_no_kind_of_character_is_asked_for(good):
    assert password_error(good, EMAIL) is None


@given(st.text(max_size=210))
def test_any_text_is_judged_without_a_fault(text):
    wrong = password_error(text, EMAIL)
    length = len(unicodedata.normalize("NFC", text))
    assert length in range(12, 201) or wrong


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=40))
def test_a_text_is_judged_alike_however_its_letters_are_composed(text):
    composed, taken_apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert password_error(composed) == password_error(taken_apart)


def test_a_text_far_too_long_is_refused_at_once():
    text = "a" + "\u0316\u0300" * 50_000  # to order its marks takes the square of their number
    assert least_seconds(lambda: password_error(text), goes=1) < 1
    assert password_error(text) == "Use at most 200 characters."


PLAIN, APART = "caf\u00e9 boats on a hill", "cafe\u0301 boats on a hill"


@pytest.mark.parametrize("typed", [PLAIN, APART])
async def test_a_password_fits_however_the_keyboard_composes_its_letters(garden: Garden, typed):
    accounts = Accounts(garden.deps.ledger, garden.clock, CHEAP)
    await _set(garden, await accounts.hash(APART))

    assert await accounts.fits(await accounts.find(EMAIL), typed)
    assert not await accounts.fits(await accounts.find(EMAIL), "cafe boats on a hill")


async def test_a_hash_of_a_password_as_it_was_typed_still_fits(garden: Garden):
    accounts = Accounts(garden.deps.ledger, garden.clock, CHEAP)
    await _set(garden, CHEAP.hash(APART))

    assert await accounts.fits(await accounts.find(EMAIL), APART)


async def _set(garden: Garden, password_hash: str) -> None:
    async with garden.deps.ledger.write() as connection:
        await connection.execute(update(staff).values(password_hash=password_hash))

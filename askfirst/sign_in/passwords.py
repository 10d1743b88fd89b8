"""The rules for a new password: long, and not among those that are tried first."""

import re
import unicodedata
from typing import Literal

SHORTEST = 12
LONGEST = 200
_DECOMPOSED = 4  # characters at most of which NFC makes one
_ESTIMATED = 72  # characters; the estimate takes the square of their number in time
_UNGUESSABLE = 3
"""Of zxcvbn's scores 0 to 4: from here on it takes more than 10^8 tries."""
OWN_NAME = "askfirst"
_SHORTEST_PART = 4
"""How many letters make a word, or a part of an address that counts as one."""
_LEAST_BESIDE = 8
"""How many letters and digits a password needs besides parts of the address, if it has any."""
_NO_LETTERS_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_WORD = re.compile(r"[^\W\d_]{3,}")


def plain_password(text: str) -> str:
    """Return a password in the form that is hashed, however a keyboard composed its letters.

    That is Unicode's NFC, as RFC 8265 (section 4.2) prescribes for passwords. A text that is no
    password in any form stays as it is: NFC takes the square of the marks on one letter.
    """
    if len(text) > LONGEST * _DECOMPOSED:
        return text
    return unicodedata.normalize("NFC", text)


Fault = Literal["short", "long", "own", "easy"]
"""Why a password is refused: its length, that it names its owner, or that it is easy to guess."""
_SENTENCES: dict[Fault, str] = {
    "short": f"Use at least {SHORTEST} characters.",
    "long": f"Use at most {LONGEST} characters.",
    "own": "Use a password that is made of neither your address nor the word Askfirst.",
    "easy": (
        "This password is easy to guess: common ones, one word with a year or signs,"
        " repetitions and rows of keys are tried first. Use a few words that have nothing to do"
        " with each other."
    ),
}


def password_error(text: str, email: str = "") -> str | None:
    """Return in English what is wrong with a new password of an account, or None."""
    fault = password_fault(text, email)
    return _SENTENCES[fault] if fault else None


def password_fault(text: str, email: str = "") -> Fault | None:
    """Return what is wrong with a new password of an account, or None.

    Following NIST SP 800-63B (section 3.1.1.2) there are no composition rules, but passwords that
    are common, repetitive or sequential, or that name the account or this program, are refused.
    zxcvbn finds those with the lists that it ships, without the network. The lists are mostly
    English, so one short word with a year or symbols around it is refused in any language, and so
    are repeated words. It takes some hundredths of a second: call this in a thread.
    """
    password = plain_password(text)
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if _is_own(password.casefold(), email.casefold()):
        return "own"
    if _is_one_word(password) or _is_repeated(password) or _score(password, email) < _UNGUESSABLE:
        return "easy"
    return None


def _is_own(password: str, email: str) -> bool:
    """Return whether a password holds the address, or is little else than the address's parts."""
    if OWN_NAME in password or (email and email in password):
        return True
    parts = [part for part in re.split(r"[\W\d_]+", email) if len(part) >= _SHORTEST_PART]
    rest = password
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, " ")
    return rest != password and sum(map(str.isalnum, rest)) < _LEAST_BESIDE


def _is_one_word(password: str) -> bool:
    """Return whether a password is one short word with digits or symbols around, in any script."""
    word = _NO_LETTERS_AROUND.sub("", password)
    return word.isalpha() and _SHORTEST_PART <= len(word) < SHORTEST and word != password


def _is_repeated(password: str) -> bool:
    """Return whether a password is too short once each of its words is counted once."""
    words: set[str] = set()

    def once(found: re.Match[str]) -> str:
        word = found[0].casefold()
        said = word in words
        words.add(word)
        return " " if said else found[0]

    rest = " ".join(_WORD.sub(once, password).split())
    return rest != " ".join(password.split()) and len(rest) < SHORTEST


def _score(password: str, email: str) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 30 ms to load, and few requests need them

    name = email.partition("@")[0]
    known = [part for part in (OWN_NAME, email, name, *re.split(r"\W+", email)) if part]
    return int(zxcvbn(password[:_ESTIMATED], user_inputs=known)["score"])

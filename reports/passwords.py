"""What a new password must be: long, and not among those that are tried first."""

import unicodedata

SHORTEST = 12
LONGEST = 200
_ESTIMATED = 72  # characters; the estimate takes the square of their number in time
_SAFELY_UNGUESSABLE = 3
"""Of zxcvbn's scores 0 to 4: from here on it takes more than 10^8 tries."""
OWN_NAME = "askfirst"


def plain_password(text: str) -> str:
    """Return a password in the one form that is hashed, however a keyboard composed its letters.

    That is Unicode's NFC, as RFC 8265 (section 4.2) prescribes for passwords.
    """
    return unicodedata.normalize("NFC", text)


def password_error(text: str, email: str = "") -> str | None:
    """Say what is wrong with a new password of an account, or return None.

    By NIST SP 800-63B (section 3.1.1.2) there are no rules of composition; what is common, repeated
    or in a row, and what the account or this program is called, is refused. zxcvbn tells that from
    the lists that it brings, without the network. It takes some hundredths of a second: call this
    in a thread.
    """
    password = plain_password(text)
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    lowered = password.casefold()
    if OWN_NAME in lowered or (email and email.casefold() in lowered):
        return "Use a password that contains neither your address nor the word Askfirst."
    if _score(password, email) < _SAFELY_UNGUESSABLE:
        return (
            "This password is easy to guess: common ones, repetitions and rows of keys are tried"
            " first. Use a few words that have nothing to do with each other."
        )
    return None


def _score(password: str, email: str) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 30 ms, and few requests need them

    name, _, domain = email.partition("@")
    known = [part for part in (OWN_NAME, name, *domain.split(".")) if part]
    return int(zxcvbn(password[:_ESTIMATED], user_inputs=known)["score"])

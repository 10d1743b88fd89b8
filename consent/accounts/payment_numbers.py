"""Numbers of cards and bank accounts in a text, which visitors never need to tell a site."""

import re
import unicodedata
from collections.abc import Iterator

_CARD = range(13, 20)
"""How many digits a card's number has (ISO/IEC 7812)."""
_LONG = 16
"""In one run of more digits, a card's number may begin anywhere."""
_IBAN = range(15, 35)
"""How many letters and digits an IBAN has (ISO 13616)."""
_RUN = re.compile(r"\d(?:[\W_]{0,3}\d)*", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_IBAN_BEGINS = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[\W_]?\d{2}", re.ASCII)
_BETWEEN = 2
"""Signs that may stand between two letters or digits of an IBAN."""


def has_payment_number(text: str) -> bool:
    """Return whether a text has the number of a card or an IBAN, however it is grouped.

    A card's number has 13 to 19 digits that pass the Luhn check, an IBAN passes the check of ISO
    7064: so one of ten other numbers as long as a card's counts as one too.
    """
    plain = _plain(text)
    return any(_is_card(one) for one in _numbers(plain)) or _has_iban(plain)


def _plain(text: str) -> str:
    """Return a text in capitals with the digits 0 to 9 for those of any script."""
    normal = unicodedata.normalize("NFKC", text).upper()
    return "".join(str(unicodedata.digit(one, one)) for one in normal)


def _numbers(text: str) -> Iterator[str]:
    """Yield the numbers that may be a card's: groups of digits that follow each other."""
    for run in _RUN.finditer(text):
        groups = _GROUP.findall(run[0])
        for first in range(len(groups)):
            yield from _beginning_with(groups[first:])
        yield from (part for group in groups if len(group) > _LONG for part in _parts(group))


def _beginning_with(groups: list[str]) -> Iterator[str]:
    number = ""
    for group in groups:
        number += group
        if len(number) >= _CARD.stop:
            return
        if len(number) in _CARD:
            yield number


def _parts(digits: str) -> Iterator[str]:
    for size in _CARD:
        yield from (digits[at : at + size] for at in range(len(digits) - size + 1))


def _is_card(number: str) -> bool:
    """Return whether digits pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(one), 10)) for one in number[-2::-2])
    return (sum(int(one) for one in number[-1::-2]) + sum(doubled)) % 10 == 0


def _has_iban(text: str) -> bool:
    starts = (found.start() for found in _IBAN_BEGINS.finditer(text))
    return any(_is_iban(one) for start in starts for one in _ibans_from(text, start))


def _ibans_from(text: str, start: int) -> Iterator[str]:
    """Yield what may be an IBAN from a place on: it ends where no letter or digit follows."""
    found, apart = "", 0
    for at in range(start, len(text)):
        if not (text[at].isascii() and text[at].isalnum()):
            apart += 1
            if apart > _BETWEEN:
                return
            continue
        apart, found = 0, found + text[at]
        if len(found) >= _IBAN.stop:
            return
        if len(found) in _IBAN and not text[at + 1 : at + 2].isalnum():
            yield found


def _is_iban(text: str) -> bool:
    """Return whether letters and digits leave 1 when divided by 97 (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1

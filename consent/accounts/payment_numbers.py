"""Numbers of cards and bank accounts in a text, which visitors never need to tell a site."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from string import ascii_uppercase

_CARD = range(13, 20)
"""How many digits a card's number has (ISO/IEC 7812)."""
_LONG = 16
"""In one run of more digits, a card's number may begin anywhere."""
_IBAN = range(15, 35)
"""How many letters and digits an IBAN has (ISO 13616)."""
_IBAN_BEGINS = re.compile(r"[A-Z]{2}\d{2}", re.ASCII)
_TEN = 10
_DATE = re.compile(
    r"(?<![0-9])(?<![0-9][-./])"
    r"(?:(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0?[1-9]|[12][0-9]|3[01])[./](?:0?[1-9]|[12][0-9]|3[01])[./](?:19|20)[0-9]{2})"
    r"(?![0-9]|[-./][0-9])"
)
"""A day of the years 1900 to 2099, year first or last, that no further digits are tied to."""
_TELEPHONE = re.compile(r"(?<![0-9])\+[0-9](?:[ ()/.\-]{0,2}[0-9]){6,14}(?![ ()/.\-]{0,2}[0-9])")
"""A telephone number of ITU-T E.164, with + and its country: at most 15 digits."""
_LONG_TELEPHONES = ("43", "49", "62", "352", "358", "870", "878", "881", "882", "883")
"""The country codes with telephone numbers of 14 and 15 digits: Austria, Germany, Indonesia,
Luxembourg, Finland, satellites and networks. No card with so many digits begins so."""
_LONG_TELEPHONE = 14
"""From how many digits on no other country has telephone numbers, but cards do: those of American
Express (34, 37), Diners Club (30, 36, 38, 39) and UATP (1) have 14 or 15. Of 13 are the mobile
numbers of China, Brazil, Germany and others, and one of ten of them passes the Luhn check."""
_PARTS = re.compile(r"[0-9]+|[^\W0-9_]+")
"""Groups of digits, and letters."""
_WORDS = re.compile(r"[A-Z0-9]+|[^\W_]")
"""Words of ASCII letters and digits, and other letters."""
_AS_NUMBERS = {ord(letter): str(number) for number, letter in enumerate(ascii_uppercase, _TEN)}
_DOUBLED = [sum(divmod(2 * digit, _TEN)) for digit in range(_TEN)]


def has_payment_number(text: str) -> bool:
    """Return whether a text has the number of a card or an IBAN, however it is grouped.

    A card's number has 13 to 19 digits that pass the Luhn check, an IBAN passes the check of ISO
    7064: so one of ten other numbers as long as a card's counts as one too, but no telephone number
    with + and its country. Any signs but letters may stand between the digits, and digits may be of
    any script. The steps grow with the length.
    """
    plain = _plain(text)
    told = _TELEPHONE.sub(_unless_telephone, _DATE.sub("x", plain))
    return any(_has_card(run) for run in _runs(told)) or _has_iban(plain)


def _unless_telephone(found: re.Match[str]) -> str:
    """Return the digits that look like a telephone number where they are too many for one."""
    digits = "".join(one for one in found[0] if one.isdecimal())
    is_card = len(digits) >= _LONG_TELEPHONE and not digits.startswith(_LONG_TELEPHONES)
    return digits if is_card else "x"


def _plain(text: str) -> str:
    """Return a text in capitals with the digits 0 to 9 for those of any script."""
    return "".join(map(_digit, unicodedata.normalize("NFKC", text).upper()))


def _digit(sign: str) -> str:
    value = unicodedata.numeric(sign, -1)
    return str(int(value)) if value in range(_TEN) else sign


def _runs(text: str) -> Iterator[list[str]]:
    """Yield the groups of digits that follow each other without a letter between."""
    run: list[str] = []
    for found in _PARTS.finditer(text):
        if found[0].isdecimal():
            run.append(found[0])
        elif run:
            yield run
            run = []
    if run:
        yield run


class _Luhn:
    """The Luhn check (ISO/IEC 7812-1, annex B) of any part of some digits, in one step each."""

    def __init__(self, digits: str) -> None:
        values = [int(one) for one in digits]
        doubled = [_DOUBLED[one] for one in values]
        even = [pair[at % 2 == 0] for at, pair in enumerate(zip(values, doubled, strict=True))]
        odd = [pair[at % 2] for at, pair in enumerate(zip(values, doubled, strict=True))]
        self._sums = [list(accumulate(one, initial=0)) for one in (even, odd)]
        """The sums of the digits before each place, those at even or at odd places doubled."""

    def passes(self, start: int, end: int) -> bool:
        """Return whether the digits from `start` to before `end` pass; the last is not doubled."""
        sums = self._sums[end % 2]
        return (sums[end] - sums[start]) % _TEN == 0


def _has_card(groups: Sequence[str]) -> bool:
    """Return whether following groups, or a part of a long one, are the number of a card."""
    luhn = _Luhn("".join(groups))
    ends = list(accumulate(map(len, groups), initial=0))
    return any(
        luhn.passes(start, end)
        for at, start in enumerate(ends[:-1])
        for end in ends[at + 1 : at + _CARD.stop]
        if end - start in _CARD
    ) or any(
        luhn.passes(start, start + size)
        for at, group in enumerate(groups)
        if len(group) > _LONG
        for size in _CARD
        for start in range(ends[at], ends[at + 1] - size + 1)
    )


def _has_iban(text: str) -> bool:
    """Return whether letters and digits, whatever signs are between them, are an IBAN."""
    return any(_begins_iban(one) for one in _words_in_ascii(text))


def _words_in_ascii(text: str) -> Iterator[list[str]]:
    """Yield the words of ASCII letters and digits that follow each other without another letter."""
    words: list[str] = []
    for found in _WORDS.finditer(text):
        if found[0].isascii():
            words.append(found[0])
        else:
            yield words
            words = []
    yield words


def _begins_iban(words: Sequence[str]) -> bool:
    """Return whether an IBAN begins at one of these words, and ends with one that follows."""
    return any(
        _is_iban(one)
        for at, word in enumerate(words)
        if word[:2].isalpha()
        for one in _joined(words[at : at + _IBAN.stop])
    )


def _joined(words: Sequence[str]) -> Iterator[str]:
    """Yield the first words joined, the first two, and so on, where they are as long as an IBAN."""
    found = ""
    for word in words:
        if len(found) + len(word) >= _IBAN.stop:
            return
        found += word
        if len(found) in _IBAN and _IBAN_BEGINS.match(found):
            yield found


def _is_iban(text: str) -> bool:
    """Return whether letters and digits leave 1 when divided by 97 (ISO 7064, MOD 97-10)."""
    return int((text[4:] + text[:4]).translate(_AS_NUMBERS)) % 97 == 1

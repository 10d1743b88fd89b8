"""What can be seen of a text: blank and hidden characters, styled letters, struck-out ones."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

_BLANKS = (
    # The Default_Ignorable_Code_Points of Unicode, which Python's data do not name, ...
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    # ... and the pattern of braille without a dot.
    (0x2800, 0x2800),
)  # fmt: skip
_JOINERS = frozenset("\u200c\u200d\u00ad")  # right inside a word, where scripts join or break
_DIRECTIONS = frozenset("\u200e\u200f\u061c")  # right beside a word of the other direction
_VARIANTS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # chosen for the character before
_CONTROLS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_OVERLAY = 1  # the combining class of what strikes a letter through
_LINES = frozenset("\u0305\u0332\u0333\u033f\u0347")  # drawn along a word, above or below it
_ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_ORDINALS = "ªº"


@lru_cache(maxsize=4096)
def is_blank(sign: str) -> bool:
    """Return whether a character is drawn as nothing, such as U+200D or U+3164; spaces are not."""
    return _within(sign, _BLANKS)


def is_word(text: str) -> bool:
    """Return whether a text has a letter that can be seen."""
    return any(sign.isalpha() and not is_blank(sign) for sign in text)


def is_named(text: str) -> bool:
    """Return whether a text has a letter or a digit that can be seen, as a telephone number has."""
    return any(sign.isalnum() and not is_blank(sign) for sign in text)


def has_hidden(text: str) -> bool:
    """Return whether a character controls, hides or turns text, such as a line break or U+202E.

    Joiners inside a word, one mark of direction, and one variant of a character are not hidden.
    """
    if text.isascii():
        return not text.isprintable()
    padded = f" {text} "
    around = zip(padded, text, padded[2:], strict=False)
    return any(_is_hidden(before, sign, after) for before, sign, after in around)


def _is_hidden(before: str, sign: str, after: str) -> bool:
    if sign in _JOINERS:
        return not (_is_written(before) and _is_written(after))
    if sign in _DIRECTIONS:
        return is_blank(before) or is_blank(after)
    if _within(sign, _VARIANTS):
        return before.isspace() or is_blank(before)
    return is_blank(sign) or unicodedata.category(sign) in _CONTROLS


def _is_written(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM" and not is_blank(sign)


def is_struck(text: str) -> bool:
    """Return whether marks strike letters through, enclose them or draw a line along them."""
    return any(
        unicodedata.combining(sign) == _OVERLAY
        or unicodedata.category(sign) == "Me"
        or sign in _LINES
        for sign in text
    )


def is_styled(text: str) -> bool:
    """Return whether a letter is a styled copy of another, such as a mathematical bold one."""
    return any(_is_copy(sign) for sign in unicodedata.normalize("NFC", text))


@lru_cache(maxsize=4096)
def _is_copy(sign: str) -> bool:
    if not sign.isalnum() or sign in _ORDINALS:
        return False
    small = "LETTER SMALL CAPITAL" in unicodedata.name(sign, "")
    return small or unicodedata.normalize("NFKC", sign) != sign


def is_stacked(text: str) -> bool:
    """Return whether an accent stands where no letter has it, or marks are piled up."""
    composed = unicodedata.normalize("NFC", text)
    return any(_within(sign, _ACCENTS) for sign in composed) or _piled(composed)


def _piled(text: str) -> bool:
    marks = [unicodedata.category(sign) == "Mn" and not is_blank(sign) for sign in text]
    return any(one and other for one, other in pairwise(_pairs(marks)))


def _pairs(marks: list[bool]) -> Iterator[bool]:
    # Arabic writes two marks on a letter and no third.
    return (one and other for one, other in pairwise(marks))


def _within(sign: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(sign) <= last for first, last in ranges)

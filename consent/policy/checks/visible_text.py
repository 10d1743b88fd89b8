"""What a reader sees of a text: blank and hidden characters, letters that are styled or struck.

Styled, struck and stacked letters are refused because they make one of two answers bolder, framed,
crossed out or taller than the other, where accepting and refusing must have equal weight.
"""

import unicodedata
from functools import lru_cache

import regex

_BLANK = regex.compile(r"[\p{Default_Ignorable_Code_Point}\u2800]")  # and braille without a dot
_JOINERS = frozenset("\u200c\u200d\u00ad")  # right inside a word, where scripts join or break
_DIRECTIONS = frozenset("\u200e\u200f\u061c")  # right beside a word of the other direction
_VARIANT = regex.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # for the character before it
_CONTROLS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_STRUCK = regex.compile(
    r"\p{Canonical_Combining_Class=Overlay}|\p{Enclosing_Mark}"
    r"|[\u0305\u0332\u0333\u033f\u0347]"  # lines along a word, above or below it
)
_STACKED = regex.compile(
    r"\p{Block=Combining_Diacritical_Marks}|\p{Block=Combining_Diacritical_Marks_Extended}"
    r"|\p{Block=Combining_Diacritical_Marks_Supplement}"
    r"|\p{Block=Combining_Diacritical_Marks_For_Symbols}|\p{Block=Combining_Half_Marks}"
    r"|[\p{Mn}--\p{Default_Ignorable_Code_Point}]{3}",  # Arabic writes two on a letter
    regex.VERSION1,
)
_ORDINALS = "ªº"


def is_blank(char: str) -> bool:
    """Return whether a character is drawn as nothing, such as U+200D or U+3164; spaces are not."""
    return _BLANK.match(char) is not None


def without_blanks(text: str) -> str:
    """Return a text without the characters that are drawn as nothing."""
    return str(_BLANK.sub("", text))


def has_letter(text: str) -> bool:
    """Return whether a text has a letter that can be seen."""
    return any(map(str.isalpha, without_blanks(text)))


def has_letter_or_digit(text: str) -> bool:
    """Return whether a letter or a digit can be seen: a telephone number is a contact, too."""
    return any(map(str.isalnum, without_blanks(text)))


def has_hidden(text: str) -> bool:
    """Return whether a character controls, hides or turns text, such as a line break or U+202E.

    Joiners inside a word, one mark of direction, and one variant of a character are not hidden.
    """
    if text.isascii():
        return not text.isprintable()
    padded = f" {text} "
    around = zip(padded, text, padded[2:], strict=False)
    return any(_is_hidden(before, char, after) for before, char, after in around)


def _is_hidden(before: str, char: str, after: str) -> bool:
    if char in _JOINERS:
        return not (_is_written(before) and _is_written(after))
    if char in _DIRECTIONS:
        return is_blank(before) or is_blank(after)
    if _VARIANT.match(char):
        return before.isspace() or is_blank(before)
    return is_blank(char) or unicodedata.category(char) in _CONTROLS


def _is_written(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and not is_blank(char)


def is_struck(text: str) -> bool:
    """Return whether marks strike letters through, enclose them or draw a line along them."""
    return _STRUCK.search(text) is not None


def is_styled(text: str) -> bool:
    """Return whether a letter is a styled copy of another, such as a mathematical bold one."""
    return any(map(_is_copy, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def _is_copy(char: str) -> bool:
    if not char.isalnum() or char in _ORDINALS:
        return False
    small_capital = "LETTER SMALL CAPITAL" in unicodedata.name(char, "")
    return small_capital or unicodedata.normalize("NFKC", char) != char


def is_stacked(text: str) -> bool:
    """Return whether an accent stands where no letter has it, or three marks are piled up."""
    return _STACKED.search(unicodedata.normalize("NFC", text)) is not None

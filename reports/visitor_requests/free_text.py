"""What staff write in their own words about a visitor: short, on one line, without a number."""

import re

from askfirst.text.reference_numbers import numbers_in

_HYPHENS = re.compile(r"\b(?:[0-9a-z]{5}-){3}[0-9a-z]{5}\b", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(
    r"\b(?=((?:[0-9a-z]{5} ){3}[0-9a-z]{5}|[0-9a-z]{20})\b)", re.ASCII | re.IGNORECASE
)


def _has_code(text: str) -> bool:
    """Return whether a receipt code is in a text, which would open the visitor's own page.

    Without hyphens it is one where a digit is in two of its groups of five at least, as in 98 of
    100 codes: words and a number of an order are no code.
    """
    if _HYPHENS.search(text):
        return True
    found = (match[1].replace(" ", "") for match in _PLAIN.finditer(" ".join(text.split())))
    return any(_groups_with_digit(letters) > 1 for letters in found)


def _groups_with_digit(letters: str) -> int:
    groups = (letters[at : at + 5] for at in range(0, len(letters), 5))
    return sum(any(one.isdigit() for one in group) for group in groups)


def on_one_line(text: str) -> str:
    """Return a text with single blanks for line breaks and runs of blanks."""
    return " ".join(text.split())


def problem_of(text: str, most: int, *, needed: bool) -> str:
    """Say what is wrong with a text of at most `most` characters; '' where nothing is.

    A number of 32 digits would name the visitor where an erasure does not look for one, and a
    receipt code would open their page.
    """
    if needed and not text:
        return f"Write it down, in 1 to {most} characters."
    if len(text) > most or not text.isprintable():
        return f"Write at most {most} characters, letters and signs that can be seen."
    if numbers_in(text) or _has_code(text):
        return "Leave the visitor’s number and code out. Whom it is about is kept beside the words."
    return ""

"""What staff write in their own words about a visitor: short, on one line, without a number."""

import re

from askfirst.text.reference_numbers import numbers_in

_CODE = re.compile(r"\b(?:[0-9a-z]{5}-){3}[0-9a-z]{5}\b", re.ASCII | re.IGNORECASE)
"""A receipt code, which opens the visitor's own page."""


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
    if numbers_in(text) or _CODE.search(text):
        return "Leave the visitor’s number and code out. Whom it is about is kept beside the words."
    return ""

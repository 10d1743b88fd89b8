"""Texts from outside as they are stored: one line, without what cannot be seen."""

import re

from askfirst.text.text_cache import remembered

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""Signs that are not seen: where a word may be broken or joined, and which way it is written."""
LONGEST_READ = 4096
"""Characters of a text that are read, of which fewer are shown."""
_UNSEEN = re.compile(
    # control characters, lone surrogates, what turns the direction of writing (Unicode TR9), and
    # the line and paragraph separators
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+"
)


@remembered(4096)
def _shown(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def shown_text(text: str, longest: int) -> str:
    """Return a text without control characters and marks of direction, on one line, cut off."""
    return _shown(text[:LONGEST_READ])[:longest].rstrip()

"""Splitting a text from outside as a web address, without ever raising."""

import re
from urllib.parse import SplitResult, urlsplit

PORT = r"(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[0-5]?[0-9]{1,4})"
"""A regular expression for a port, 0 to 65535 (RFC 9293, 3.1: 16 bits), in up to five digits."""
NO_ADDRESS = SplitResult("", "", "", "", "")
_LONGEST_HOST = 512
"""Characters of user, host and port that are read where some are not ASCII.

The library composes them by NFKC, which takes the square of the marks on one letter.
"""
_LONGER = re.compile(rf"[^/?#]*//[^/?#]{{{_LONGEST_HOST + 1}}}")


def split_address(text: str) -> SplitResult:
    """Return the parts of a web address; all are empty where the library cannot read it.

    `urlsplit` raises for an open bracket (`//[`) and for letters in a host that fold to a slash.
    A much longer host than any is not read. The result's `port` may raise later: do not use it for
    a text from outside.
    """
    if len(text) > _LONGEST_HOST and not text.isascii() and _LONGER.match(text):
        return NO_ADDRESS
    try:
        return urlsplit(text)
    except ValueError:
        return NO_ADDRESS

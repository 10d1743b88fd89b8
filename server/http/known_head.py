"""A head that a client sends again: recognised by its bytes, all but the length of the body.

A browser, and a proxy for one browser, begin each event with the same bytes. What the parser found
in them once need not be found again.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})(?=\r\n)", re.IGNORECASE)
_LONGEST = 2048  # bytes: each connection keeps one


class KnownHead(NamedTuple):
    """The bytes of a head before the digits of its length, and those behind them to its end."""

    before: bytes
    after: bytes

    def body(self, data: bytes) -> bytes | None:
        """Return the body where the data are this head and a whole body; None where they differ.

        Only a body of its stated length is one: not a part of it, nor one with something behind it.
        """
        if not data.startswith(self.before):
            return None
        start = len(self.before)
        end = data.find(b"\r", start, start + 10)
        if not data.startswith(self.after, end):  # -1 is the last byte, with which no end begins
            return None
        body = data[end + len(self.after) :]
        return body if body and len(body) == length_of(data[start:end]) else None


def known_head(data: bytes, method: bytes) -> KnownHead | None:
    """Return the head with which a request begins that the parser found whole in these data.

    None where it is long, states no length or several, or if the data are more than one request.
    """
    end = data.find(_END) + len(_END)
    head = data[:end]
    if len(head) > _LONGEST or not head.startswith(method + b" "):
        return None
    lengths = list(_LENGTH.finditer(head))
    if len(lengths) != 1 or length_of(lengths[0][1]) != len(data) - end:
        return None
    return KnownHead(head[: lengths[0].start(1)], head[lengths[0].end(1) :])


@lru_cache(maxsize=4096)
def length_of(length: bytes) -> int:
    """Return the length that a header states, or 0."""
    return int(length) if length.isdigit() and len(length) < 10 else 0

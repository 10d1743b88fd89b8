"""The size that a pattern of RE2 expands to, estimated without compiling it.

RE2 copies what `{n}` repeats, and both its time to compile and its time for each character of a
text grow with the result. The estimate is for patterns that RE2 knows; it refuses others itself.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_REPEATED = 50
"""What the counts of nested `{n}` and `{n,m}` may multiply to."""
LARGEST = 1000
"""The size that a pattern may expand to; a character is 1.

At this size, a pattern of Unicode classes takes 0.05 s to compile, and 0.3 s for 20,000 paths.
"""
_PROPERTY = 20
"""The size of a Unicode class such as `\\pL`, which compiles to hundreds of byte ranges."""
_OPTIONAL = 3
"""What an optional or endless part adds, besides counting twice: each one is another branch."""

_TOKEN = re.compile(
    r"""(?P<quoted>\\Q.*?(?:\\E|\Z))
      | (?P<atom>\\[pPx](?:\{[^}]*\}|.) | \\.
        | \[\^?\]?(?:\[:[^\]]*:\]|\\[pP]\{[^}]*\}|\\.|[^\]\\])*\])
      | (?P<open>\((?:\?(?:P?<\w*>|[A-Za-z-]*:?))?)
      | (?P<close>\))
      | (?:(?P<optional>[*+?])|\{(?P<low>\d+)(?P<range>,(?P<high>\d*))?\})\??
      | .""",
    re.DOTALL | re.VERBOSE,
)
_LARGE_IN_ATOM = re.compile(r"\\([pP])|\\x|[^\x00-\x7f]")


class Size(NamedTuple):
    """What a pattern, or a part of it, expands to."""

    size: int = 1
    repeated: int = 1
    """The largest product of nested counts."""


def is_small(pattern: str) -> bool:
    """Return whether a pattern expands to little enough to be compiled."""
    found = size_of(pattern)
    return found.size <= LARGEST and found.repeated <= MOST_REPEATED


def size_of(pattern: str) -> Size:
    """Return what a pattern expands to, in time proportional to its length."""
    groups: list[list[Size]] = [[]]
    for token in _TOKEN.finditer(pattern):
        parts = groups[-1]
        if token["open"]:
            groups.append([])
        elif token["close"]:
            _close(groups)
        elif token["optional"] or token["low"]:
            parts.append(_repeated(parts.pop() if parts else Size(), token))
        elif token["quoted"]:
            parts.extend([Size()] * len(token["quoted"]))
        else:
            parts.append(Size(_size_of_atom(token["atom"] or "")))
    while len(groups) > 1:
        _close(groups)
    return _together(groups[0])


def _close(groups: list[list[Size]]) -> None:
    """Make the innermost group one part of the group around it."""
    parts = groups.pop()
    if not groups:
        groups.append([])  # a bracket too many, which RE2 refuses
    groups[-1].append(_together(parts))


def _together(parts: list[Size]) -> Size:
    return Size(
        sum(one.size for one in parts) or 1, max((one.repeated for one in parts), default=1)
    )


def _repeated(part: Size, token: re.Match[str]) -> Size:
    """Return what a part is with the quantifier that follows it."""
    if token["optional"]:
        return Size(2 * part.size + _OPTIONAL, part.repeated)
    low, high = int(token["low"][:9]), int((token["high"] or "0")[:9])
    each = 2 * part.size + _OPTIONAL if token["range"] else part.size
    most = max(1, low, high)
    return Size(each * most, part.repeated * most)


def _size_of_atom(atom: str) -> int:
    """Return the size of a character or a class; what is not ASCII counts apart."""
    found = _LARGE_IN_ATOM.findall(atom)
    return 1 + sum(_PROPERTY - 1 if is_property else 1 for is_property in found)

"""Patterns of paths and hosts: a small language of their own, matched in one pass.

In a path, `*` stands for any characters within one segment, and at the very end for all that
follows, further slashes included; `:name` stands for one whole segment that is not empty. A segment
has one `*` at most, so that nothing is ever tried twice. A host is a name, or `*.` before one.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from askfirst.errors import Malformed

LONGEST = 200
"""Characters of a pattern or of a name."""
_NAME = re.compile(r":[A-Za-z_][A-Za-z0-9_]*")
_HOST = re.compile(r"(\*\.)?[a-z0-9._-]{1,253}(:[0-9]{1,5})?")


class _Segment(NamedTuple):
    """One segment: what it begins and ends with where it is `open`, else the text that it is."""

    first: str
    last: str = ""
    is_open: bool = False
    needs_text: bool = False

    def fits(self, text: str) -> bool:
        if not self.is_open:
            return text == self.first
        least = len(self.first) + len(self.last) + self.needs_text
        return len(text) >= least and text.startswith(self.first) and text.endswith(self.last)


class PathPattern(NamedTuple):
    """A pattern that was read; `rest` is what comes before the `*` at its end, or None."""

    segments: tuple[_Segment, ...]
    rest: str | None

    def fits(self, path: str) -> bool:
        """Return whether it fits a path, which begins with a slash."""
        if self.rest is None:
            parts = path.split("/")
            if len(parts) != len(self.segments):
                return False
        else:
            parts = path.split("/", len(self.segments))
            if len(parts) <= len(self.segments) or not parts[-1].startswith(self.rest):
                return False
        return all(one.fits(part) for one, part in zip(self.segments, parts, strict=False))


@lru_cache(maxsize=4096)
def path_pattern(text: str) -> PathPattern:
    """Return a path pattern from its text.

    Raises `Malformed` where it does not begin with a slash, is too long, or has two `*` in one
    segment.
    """
    if not text.startswith("/") or len(text) > LONGEST or not text.isprintable():
        raise Malformed(f"“{_shown(text)}” is no path: it begins with / and has no line break.")
    parts = text.split("/")
    if any(part.count("*") > 1 for part in parts):
        raise Malformed(f"“{_shown(text)}” has more than one * between two slashes.")
    if parts[-1].endswith("*"):
        return PathPattern(tuple(map(_segment, parts[:-1])), parts[-1][:-1])
    return PathPattern(tuple(map(_segment, parts)), None)


def _segment(text: str) -> _Segment:
    if _NAME.fullmatch(text):
        return _Segment("", "", is_open=True, needs_text=True)
    first, star, last = text.partition("*")
    return _Segment(first, last, is_open=bool(star))


def read_host(text: str) -> str:
    """Return a pattern of a host in lower case; raises `Malformed` for what is none."""
    host = text.lower()
    if not _HOST.fullmatch(host):
        raise Malformed(f"“{_shown(text)}” is no host, such as example.org or *.example.org.")
    return host


def host_fits(pattern: str, host: str) -> bool:
    """Return whether a pattern of hosts fits one, with its port if any."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _shown(text: str) -> str:
    return "".join(one for one in text[:60] if one.isprintable())

"""A list of patterns of which the first that is found gives a name, by ua-parser's native matcher.

The matcher looks for the literal texts that a pattern needs and tries only those whose texts are
there, so that a list of 1,500 patterns takes two microseconds. Patterns are those of the Rust crate
`regex`: no look-around, no references back.
"""

from collections.abc import Callable, Iterable

import ua_parser_rs


class Rules:
    """Patterns and their names, in order."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        """Compile rows of a pattern and its name; one that cannot be compiled raises ValueError."""
        given = [(pattern, name, None, None, None, None) for pattern, name in rows]
        self._found = ua_parser_rs.UserAgentExtractor(given).extract

    def name(self, text: str) -> str:
        """Return the name of the first pattern that is found in a text, or ''."""
        found = self._found(text)
        return found.family if found else ""

    def named(self, text: str) -> tuple[str, str]:
        """Return the name, and the version `1.2.3` from the pattern's groups 2 to 4; or ''."""
        found = self._found(text)
        if not found:
            return "", ""
        return found.family, version_of(found)


def finder(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a pattern is found in a text."""
    found = ua_parser_rs.UserAgentExtractor([(pattern, "found", None, None, None, None)]).extract
    return lambda text: found(text) is not None


def version_of(found: object) -> str:
    """Return the version that a match of ua-parser holds, as `1.2.3`, or ''."""
    parts = (getattr(found, name) for name in ("major", "minor", "patch"))
    return ".".join(part for part in parts if part)

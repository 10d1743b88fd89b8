"""The header `Forwarded` (RFC 7239), read from its end, where the nearest proxy has written."""

import re
from collections.abc import Generator, Iterable, Iterator

_LONGEST = 4096
"""Characters at the end of a line that are read."""
_PAIR = re.compile(
    r"[ \t]*(?P<value>\"[^\"\\]*\"|[A-Za-z0-9!#$%&'*+.^_`|~:\[\]-]*)"
    r"=(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]*(?P<then>[;,]|\Z)"
)
"""A pair from its end to its beginning, every character in reverse, and what stands before it."""
_NOTHING = re.compile(r"[ \t]*([;,]|\Z)")

Element = dict[str, str]
"""What one proxy says, by names in lower case: `for`, `proto`, `host`, `by`."""


def forwarded_elements(lines: Iterable[str]) -> Iterator[Element]:
    """Yield the elements of the header's lines, the last first, as far as they can be read.

    Reading begins at the end, so that nothing that a client wrote, such as a quotation mark that
    does not close, changes what a proxy has added to it. Colons and brackets may stand unquoted, as
    some proxies write addresses; a backslash ends the reading, because no address has one.
    """
    for line in lines:
        if not (yield from _elements(line[-_LONGEST:][::-1])):
            return


def _elements(reverse: str) -> Generator[Element, None, bool]:
    """Yield a line's elements and return whether all of it could be read."""
    element: Element = {}
    at = 0
    while at < len(reverse):
        found = _PAIR.match(reverse, at)
        if found:
            element[found["name"][::-1].lower()] = found["value"].strip('"')[::-1]
        elif not (found := _NOTHING.match(reverse, at)):
            return False
        at = found.end()
        if element and (reverse[at - 1] == "," or at == len(reverse)):
            yield element
            element = {}
    return True

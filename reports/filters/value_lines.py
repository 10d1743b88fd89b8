"""The values of `is one of` as the filter form writes and reads them: one a line."""

import re
from collections.abc import Iterable

EMPTY = '""'
"""The line that stands for the empty value, which is what is unknown."""


def lines_of(values: Iterable[str]) -> str:
    """Write values one a line."""
    return "\n".join(value or EMPTY for value in values)


def values_of_lines(text: str) -> tuple[str, ...]:
    """Read values one a line, each once; a line of blanks is none."""
    lines = (line.strip() for line in re.split(r"[\r\n]+", text))
    return tuple(dict.fromkeys("" if line == EMPTY else line for line in lines if line))

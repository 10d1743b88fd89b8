"""Checks that a list of decisions is complete: comments at both ends say how many it holds."""

import re
from collections.abc import Sequence
from pathlib import Path

from askfirst.errors import Misconfigured

_BEGIN = re.compile(rb"begin: ([0-9]{1,12}) decisions")
_END = re.compile(rb"end: ([0-9]{1,12}) decisions")
_UNDONE = "Nothing was done."


def counted(lines: Sequence[str]) -> list[str]:
    """Return the lines between two comments that say how many there are."""
    return [f"# begin: {len(lines)} decisions", *lines, f"# end: {len(lines)} decisions"]


class Counted:
    """Counts the decisions of a file, which may consist of several lists, line by line.

    Lines outside two comments come from an older version or were written by hand: not counted.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said: int | None = None
        self._seen = 0
        self._any = False

    def comment(self, text: bytes, number: int) -> None:
        """Read a comment; raise `Misconfigured` where a list does not end as it began."""
        if begin := _BEGIN.fullmatch(text):
            self._refuse_if_open()
            self._said, self._seen, self._any = int(begin[1]), 0, True
        elif end := _END.fullmatch(text):
            if self._said is None:
                raise Misconfigured(
                    f"Line {number} of {self._path} ends a list whose beginning is missing."
                    f" {_UNDONE}"
                )
            if not self._said == self._seen == int(end[1]):
                self._refuse_if_open()
            self._said = None

    def decision(self) -> None:
        """Count one."""
        self._seen += 1
        self._any = True

    def end(self) -> None:
        """Raise `Misconfigured` where the file ends within a list, or is empty."""
        self._refuse_if_open()
        if not self._any:
            raise Misconfigured(
                f"The file {self._path} is empty: it was cut off, or an older version wrote it when"
                f" there was no decision yet. If so, leave --decisions-from away. {_UNDONE}"
            )

    def _refuse_if_open(self) -> None:
        if self._said is not None:
            raise Misconfigured(
                f"A list in {self._path} is not whole: it says that it holds {self._said}"
                f" decisions, and {self._seen} are there. {_UNDONE}"
            )

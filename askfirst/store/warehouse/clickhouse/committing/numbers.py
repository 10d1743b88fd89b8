"""The numbers of operations: that of the commit, then the place within it."""

from __future__ import annotations

MOST_OPERATIONS = 4096
"""The operations of one commit that can be told from each other."""


def written(number: int, place: int) -> int:
    """Return the number of an operation among all that ever were."""
    return number * MOST_OPERATIONS + place


def after(number: int) -> int:
    """Return the first number that no operation of the commits up to this one has."""
    return written(number + 1, 0)

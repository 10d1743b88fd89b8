"""What a store notes of its summaries: of which dimensions they are, and so whether they still fit.

The note is a checksum, the row `NOTE` of the table `form`. A store without one is of a release that
noted nothing, and its summaries are of the dimensions which that had.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from askfirst.columns import DIMENSIONS, EVENT_TEXTS, Dimension
from askfirst.store.warehouse.tables import TABLES

FORM, NOTE = 1, 2
"""The rows of the table `form`: the version of the form, and the note."""


def checksum(dimensions: Iterable[Dimension]) -> int:
    """Return a number for all that summaries depend on: what is counted, by which number."""
    told = (f"{one.number} {one.column} {one.texts} {one.kept} {one.by}" for one in dimensions)
    return zlib.crc32("\n".join(sorted(told)).encode()) & 0x7FFFFFFF


MADE_OF = checksum(DIMENSIONS.values())
"""The note of summaries that are of the dimensions of this release."""
UNNOTED = 8_699_972
"""What the note of summaries would be that were made before any was."""


def fits(note: int | None) -> bool:
    """Return whether the summaries of a store with this note are of today's dimensions."""
    return (UNNOTED if note is None else note) == MADE_OF


def left_over(visits: Iterable[str]) -> list[str]:
    """Return those columns of a table `visits` that stand for a dimension which is no longer one.

    What they hold is known from the events, and is lost by no deletion of the column.
    """
    return sorted((set(visits) & set(EVENT_TEXTS)) - TABLES["visits"].columns.keys())

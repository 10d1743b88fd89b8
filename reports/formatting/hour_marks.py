"""Hours of the day as the heads of narrow columns: 00, 03, 06, or 12a, 3, 6, 9, 12p."""

import re
from datetime import time
from functools import lru_cache

from babel.dates import format_time

from reports.formatting.readers import Form, reader

_LONGEST = 2
_QUOTED = re.compile(r"'[^']*'")


def hour_mark(hour: int) -> str:
    """Write an hour, 0 to 23, in as few signs as the reader's clock allows.

    Where it has twelve hours, midnight and noon say which half of the day begins.
    """
    halves = _halves(reader())
    if halves is None:
        return f"{hour:02d}"
    number = hour % 12 or 12
    return f"{number}{halves[hour // 12] if number == 12 else ''}"


def hour_head(hour: int) -> str:
    """Write an hour, 0 to 23, as no other is written: 13, or 1p.

    Where a clock has twelve hours and only words for its halves, hours are counted to 23.
    """
    halves = _halves(reader())
    if halves is None or not all(halves):
        return f"{hour:02d}"
    return f"{hour % 12 or 12}{halves[hour // 12]}"


@lru_cache(maxsize=1024)
def _halves(form: Form) -> tuple[str, str] | None:
    """Return what marks the hours before and after noon, or None where a clock has 24.

    Marks that are words are left out, for which a column has no room.
    """
    if "h" not in _QUOTED.sub("", form.patterns["clock"]):
        return None
    written = (format_time(time(hour), "aaaaa", locale=form.locale) for hour in (0, 12))
    before, after = ("".join(filter(str.isalpha, one)) for one in written)
    return (before, after) if max(len(before), len(after)) <= _LONGEST else ("", "")

"""When an alert is sent: what is unusual, against the same weekdays or hours of four weeks."""

from collections.abc import Sequence
from math import sqrt
from statistics import median

WEEKS = 4
"""How many earlier weeks tell what is usual, and of how many there must be figures."""
_LEAST_WEEKS = 3
LEAST_VISITS = 30
"""Usual visits of a day below which their number says little."""
LEAST_LOADS = 100
FALL = 0.10
"""By how much the consent rate has to fall: ten points."""
LEAST_RECEIVED = 10
"""Usual page views in the hours of a silence."""
WEEK_HOURS = 168
LEAST_ERRORS = 20
"""Views a day from which a page that is not found is worth a mail."""
_MORE_THAN_USUAL = 3

Loads = tuple[int, int]
"""Recorded page views, and page loads."""


def usual_visits(visits: int, earlier: Sequence[int]) -> int | None:
    """Return the usual visits of a day where its visits are unusual, else None.

    `earlier` are the visits of the same weekday in the weeks before. Unusual is at most half, or
    at least twice the median, and outside of what the weeks had.
    """
    known = [one for one in earlier if one]
    if len(known) < _LEAST_WEEKS:
        return None
    usual = round(median(known))
    fallen = usual >= LEAST_VISITS and visits * 2 <= usual and visits < min(known)
    risen = visits >= 2 * LEAST_VISITS and visits >= 2 * usual and visits > max(known)
    return usual if fallen or risen else None


def usual_rate(day: Loads, earlier: Sequence[Loads]) -> float | None:
    """Return the usual consent rate where a day's has fallen, else None.

    It has where it is ten points lower, and lower than chance makes it (three standard errors).
    Days with more views than loads, of which no rate is known, do not count.
    """
    known = [one for one in earlier if one[1] >= LEAST_LOADS and one[0] <= one[1]]
    recorded, loads = day
    if len(known) < _LEAST_WEEKS or not loads >= LEAST_LOADS or recorded > loads:
        return None
    usual = sum(one[0] for one in known) / sum(one[1] for one in known)
    chance = 3 * sqrt(usual * (1 - usual) / loads)
    return usual if round(usual - recorded / loads, 9) >= max(FALL, chance) else None


def silent_since(hours: Sequence[int], length: int) -> int | None:
    """Return the index of the last hour with views, where there are none since, unusually.

    `hours` are the views of each hour up to the running one, of four weeks and more; `length` is
    for how many whole hours nothing has come. It is unusual where in the same hours of the weeks
    before there were always some, and usually ten or more.
    """
    if sum(hours[-length - 1 :]) or not any(hours):
        return None
    start = len(hours) - 1 - length
    first = next(number for number, views in enumerate(hours) if views)
    starts = [start - WEEK_HOURS * week for week in range(1, WEEKS + 1)]
    known = [sum(hours[one : one + length]) for one in starts if one >= first]
    if len(known) < _LEAST_WEEKS or not min(known) or median(known) < LEAST_RECEIVED:
        return None
    return max(number for number, views in enumerate(hours) if views)


def many_errors(views: int, visitors: int, earlier: float, smallest: int) -> bool:
    """Return whether views of a page that is not found are worth a mail.

    `earlier` is how many it had a day before; below `smallest` visitors it is not told.
    """
    return views >= LEAST_ERRORS and visitors >= smallest and views > _MORE_THAN_USUAL * earlier

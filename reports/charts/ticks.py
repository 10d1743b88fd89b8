"""The labels under a chart: even ticks at Mondays, firsts of months or every third hour."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reports.formatting.dates import (
    clock_of,
    month_of,
    short_day,
    short_month,
    short_weekday,
    weekday_of,
)
from reports.formatting.readers import moment_of

MOST_TICKS = {"hour": 16, "day": 14, "week": 14, "month": 13}
_LONG_LABELS = 9  # up to here there is room for the weekday too
_ON_PHONES = {True: 3, False: 5}  # long labels, short ones
_EVERY_DAY = 9
_PHONE, _TABLET = 39, 116
"""Characters that fit below a chart of 250 and of 750 pixels."""
_GAP = 2
_SHORT = 9

Fits = Callable[[datetime], bool]
Rule = tuple[Fits, str]
"""Which steps have a tick, and how it is written: `clock`, `day` or `month`."""


@dataclass(frozen=True)
class Tick:
    """A label under the chart at `x` per cent of its width; phones leave out minor ones."""

    x: float
    label: str
    anchor: str
    is_minor: bool


def step_label(local: datetime, by: str, count: int, today: date | None = None) -> str:
    """Name a step: its hour, its day with the weekday, its week's first day, or its month."""
    day = weekday_of(local.date(), today or local.date())
    if by == "hour":
        clock = clock_of(local)
        return clock if count <= 25 else moment_of(day, clock)
    if by == "week":
        return f"Week of {day}"
    return month_of(local) if by == "month" else day


def ticks_of(steps: Sequence[datetime], by: str) -> tuple[Tick, ...]:
    """Choose the finest even ticks that are not too many; `steps` are local start times."""
    places, written = _chosen(steps, by)
    labels = _labels([steps[index] for index in places], written)
    is_long = len(places) <= _LONG_LABELS
    on_phones = min(_ON_PHONES[is_long], max(1, _PHONE // max(map(_width, labels))))
    every = -(-len(places) // on_phones)
    return tuple(
        _tick(index, steps, label, bool(nth % every))
        for nth, (index, label) in enumerate(zip(places, labels, strict=True))
    )


def _chosen(steps: Sequence[datetime], by: str) -> tuple[list[int], str]:
    rules = _rules(by, len(steps))
    for fits, written in rules:
        places = [index for index, local in enumerate(steps) if fits(local)]
        if 0 < len(places) <= MOST_TICKS[by]:
            return _thinned(steps, places, written), written
    return [0], rules[0][1]


def _thinned(steps: Sequence[datetime], places: list[int], written: str) -> list[int]:
    """Leave out every second place, or more, where a language's labels are long."""
    for every in range(1, len(places)):
        left = places[::every]
        if _have_room(_labels([steps[index] for index in left], written)):
            return left
    return places[:1]


def _labels(places: Sequence[datetime], written: str) -> list[str]:
    """Write the labels, with the weekday where all of them have room then."""
    labels = [_label(local, written, len(places)) for local in places]
    if written == "month" or len(places) > _LONG_LABELS:
        return labels
    longer = [
        short_weekday(local) if written == "day" or not local.hour else label
        for local, label in zip(places, labels, strict=True)
    ]
    return longer if _have_room(longer) else labels


def _have_room(labels: Sequence[str]) -> bool:
    """Return whether labels fit beside each other; a language may write long ones."""
    return sum(map(_width, labels)) <= _TABLET


def _width(label: str) -> int:
    """Return how many signs wide a label is, with the gap before the next."""
    return sum(unicodedata.category(sign) not in ("Cf", "Mn") for sign in label) + _GAP


def _rules(by: str, count: int) -> list[Rule]:
    """Return the rules for ticks, the finest first."""
    months = [(_opens_month, "month"), (_opens_quarter, "month"), (_opens_year, "month")]
    coarse: list[Rule] = [*months, (_opens_decade, "month")]
    if by == "hour":
        return [(_is_third_hour, "clock"), (_is_midnight, "day"), (_is_midnight_of_monday, "day")]
    if by == "month":
        return coarse
    if by == "week":
        return [(_any, "day"), *((_first_week(fits), "day") for fits, _ in coarse)]
    return [*([(_any, "day")] if count <= _EVERY_DAY else []), (_is_monday, "day"), *coarse]


def _any(_local: datetime) -> bool:
    return True


def _is_third_hour(local: datetime) -> bool:
    return local.hour % 3 == 0


def _is_midnight(local: datetime) -> bool:
    return local.hour == 0


def _is_monday(local: datetime) -> bool:
    return local.weekday() == 0


def _is_midnight_of_monday(local: datetime) -> bool:
    return _is_midnight(local) and _is_monday(local)


def _first_week(fits: Fits) -> Fits:
    """Return a rule for the first week that begins in a month, a quarter, a year."""
    return lambda local: local.day <= 7 and fits(local.replace(day=1))


def _opens_month(local: datetime) -> bool:
    return local.day == 1


def _opens_quarter(local: datetime) -> bool:
    return local.day == 1 and local.month % 3 == 1


def _opens_year(local: datetime) -> bool:
    return local.day == 1 and local.month == 1


def _opens_decade(local: datetime) -> bool:
    return _opens_year(local) and local.year % 10 == 0


def _label(local: datetime, written: str, count: int) -> str:
    if written == "clock" and local.hour:
        return clock_of(local)
    if written == "month":
        return month_of(local) if local.month == 1 or count == 1 else short_month(local)
    return short_day(local)


def _tick(index: int, steps: Sequence[datetime], label: str, is_minor: bool) -> Tick:
    x = round(100 * index / max(1, len(steps) - 1), 2)
    opens = x < 3 and _width(label) > _SHORT  # a short one keeps its distance from the next
    anchor = "start" if opens else "end" if x > 97 else "middle"
    return Tick(x, label, anchor, is_minor)

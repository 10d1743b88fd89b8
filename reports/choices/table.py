"""The tables of choices: a line a step, newest first, and names for steps and versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from reports.choices.figures import ChoiceRow
from reports.formatting.dates import day_of, month_of, span_of, weekday_of
from reports.url.comparing import DAY
from reports.url.steps import Bucket

SHOWN_AT_ONCE = 14
"""How many steps are shown; those before are unfolded by a press, and printed."""


@dataclass(frozen=True)
class Line:
    """A row of numbers, or a line that says on which steps nothing happened (`row` is None)."""

    name: str
    row: ChoiceRow | None


@dataclass(frozen=True)
class Lines:
    """The steps of a period, newest first: those shown at once, and the folded rest."""

    first: tuple[Line, ...]
    rest: tuple[Line, ...]
    rest_name: str


def lines_of(rows: Sequence[ChoiceRow], steps: Sequence[Bucket], by: str, today: date) -> Lines:
    """Turn rows, oldest first, into lines; adjacent steps without a load become one line."""
    found: list[Line] = []
    empty: list[date] = []
    days = [step.local.date() for step in steps]
    for row, day in zip(reversed(rows), reversed(days), strict=True):
        if is_empty(row):
            empty.append(day)
            continue
        found += _quiet(empty, by, today)
        empty = []
        found.append(Line(step_name(day, by, today), row))
    found += _quiet(empty, by, today)
    rest = found[SHOWN_AT_ONCE:]
    return Lines(tuple(found[:SHOWN_AT_ONCE]), tuple(rest), _named(len(rest), by))


def is_empty(row: ChoiceRow) -> bool:
    """Return whether nothing was counted."""
    counted = (row.loaded, row.signal, row.shown, row.accepted, row.refused, row.withdrawn)
    return not any(counted) and not row.hidden


def step_name(day: date, by: str, today: date) -> str:
    """Name a step: Today so far, Yesterday, Tue 24 Nov; Week of Mon 16 Nov; Nov 2026."""
    if by == "month":
        return month_of(day)
    if by == "week":
        return f"Week of {weekday_of(day, today)}"
    if day == today:
        return "Today so far"
    return "Yesterday" if day == today - DAY else weekday_of(day, today)


def _quiet(empty: Sequence[date], by: str, today: date) -> list[Line]:
    if not empty:
        return []
    if by == "day" and len(empty) > 1:
        name = span_of(empty[-1], empty[0], today)
    elif len(empty) > 1:
        name = f"{step_name(empty[-1], by, today)} to {step_name(empty[0], by, today)}"
    else:
        name = step_name(empty[0], by, today)
    return [Line(f"{name}: no page loads", None)]


def _named(count: int, by: str) -> str:
    return f"{count} {by} more" if count == 1 else f"{count} {by}s more"


def named_versions(
    rows: Sequence[ChoiceRow], published: Sequence[tuple[int, date]], today: date
) -> tuple[ChoiceRow, ...]:
    """Name each version with the day since or until which it was shown: "2, since 16 Oct"."""
    since = dict(published)
    return tuple(replace(row, name=_version(int(row.name), since, today)) for row in rows)


def _version(version: int, since: dict[int, date], today: date) -> str:
    if version + 1 in since:
        return f"{version}, until {day_of(since[version + 1], today)}"
    return f"{version}, since {day_of(since[version], today)}" if version in since else f"{version}"

"""Notes on a chart: numbered pins at the steps of their days, and their words below."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from reports.formatting.dates import weekday_of
from reports.saved.notes import Note


@dataclass(frozen=True)
class Pin:
    """A pin at `x` per cent of the chart's width, with the notes that its number stands for.

    Each note has its day in words.
    """

    number: int
    x: float
    notes: tuple[tuple[str, Note], ...]


@dataclass(frozen=True)
class ChartNotes:
    """The notes of a chart, and the addresses of the pages that change them or add one."""

    pins: tuple[Pin, ...]
    change: str
    add: str


def pins_of(notes: Sequence[Note], steps: Sequence[datetime], today: date) -> tuple[Pin, ...]:
    """Return the pins of notes, the earliest first; `steps` are the local beginnings of steps.

    Notes of one step share a pin: those of a week have one where the chart goes by weeks. By hours
    a note stands at the first hour of its day. Those before the first step are left out.
    """
    found: dict[int, list[Note]] = {}
    for note in sorted(notes, key=lambda one: (one.day, one.id)):
        place = _place(note.day, steps)
        if place is not None:
            found.setdefault(place, []).append(note)
    last = max(1, len(steps) - 1)
    return tuple(
        Pin(
            number,
            round(100 * place / last, 2),
            tuple((weekday_of(one.day, today), one) for one in together),
        )
        for number, (place, together) in enumerate(found.items(), start=1)
    )


def _place(day: date, steps: Sequence[datetime]) -> int | None:
    """Return the index of the step that a day lies or begins in, None where it is before all."""
    begins = datetime.combine(day, time.min)
    same_day = next((n for n, step in enumerate(steps) if step.date() == day), None)
    if same_day is not None:
        return same_day
    place = bisect_right(steps, begins) - 1
    return place if place >= 0 else None

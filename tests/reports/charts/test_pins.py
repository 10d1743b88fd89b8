"""Notes stand at the step of their day, whatever the steps of the chart are."""

from datetime import date, datetime, timedelta

from reports.charts.pins import pins_of
from reports.saved.notes import Note

TODAY = date(2026, 1, 31)


def note(number: int, day: date) -> Note:
    return Note(number, day, f"note {number}", "owner@example.org")


def days(first: str, count: int, step: int = 1) -> list[datetime]:
    start = datetime.fromisoformat(first)
    return [start + timedelta(days=step * n) for n in range(count)]


def test_pins_are_numbered_by_their_days_and_stand_at_them() -> None:
    notes = [note(1, date(2026, 1, 5)), note(2, date(2026, 1, 1)), note(3, date(2026, 1, 3))]
    pins = pins_of(notes, days("2026-01-01", 5), TODAY)
    assert [(pin.number, pin.x, pin.notes[0][1].id) for pin in pins] == [
        (1, 0.0, 2),
        (2, 50.0, 3),
        (3, 100.0, 1),
    ]
    assert pins[0].notes[0][0] == "Thu 1 Jan"


def test_notes_of_one_week_share_a_pin_and_one_before_the_chart_has_none() -> None:
    notes = [note(1, date(2026, 1, 6)), note(2, date(2026, 1, 11)), note(3, date(2026, 1, 1))]
    [pin] = pins_of(notes, days("2026-01-05", 3, 7), TODAY)
    assert pin.x == 0.0
    assert [one.id for _, one in pin.notes] == [1, 2]


def test_by_hours_a_note_stands_at_the_first_hour_of_its_day() -> None:
    start = datetime.fromisoformat("2026-01-01")
    hours = [start + timedelta(hours=n) for n in range(49)]
    [pin] = pins_of([note(1, date(2026, 1, 2))], hours, TODAY)
    assert pin.x == 50.0


def test_a_single_step_has_its_pin_at_the_left_edge() -> None:
    [pin] = pins_of([note(1, date(2026, 1, 1))], days("2026-01-01", 1), TODAY)
    assert pin.x == 0.0

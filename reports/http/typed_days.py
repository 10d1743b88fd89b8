"""A day that a posted form names."""

from datetime import date


def typed_day(text: str, first: date, last: date) -> date | None:
    """Return the day of a text, YYYY-MM-DD, from `first` to `last`; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == str(day) and first <= day <= last else None

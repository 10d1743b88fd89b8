"""Which of a person's events can still be told when pages are hidden, and which could not be."""

from collections.abc import Callable, Iterable

from askfirst.rules.applying import as_recorded
from askfirst.rules.corrections import HIDDEN
from askfirst.store.personal_data import Row

_PAGE = ("host", "path", "source", "original")


def page_of(row: Row) -> tuple[str, str]:
    """Return host and path as they were recorded, before an owner's rules."""
    host, path, _ = as_recorded(*(row[name] for name in _PAGE))
    return host, path


def is_told(row: Row) -> bool:
    """Return whether an event can be told: by its page, or by the name of an action."""
    return page_of(row)[1] != HIDDEN or bool(row["event_name"])


def untold(rows: Iterable[Row], goes: Callable[[Row], bool]) -> list[Row]:
    """Return what is left of a person's events without some, where none of it can be told."""
    left = [row for row in rows if not goes(row)]
    return [] if any(is_told(row) for row in left) else left

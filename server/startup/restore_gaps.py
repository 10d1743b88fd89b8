"""Restore gaps: the times, from a backup until its restore, whose consents were lost."""

from pathlib import Path

from askfirst.errors import Misconfigured
from askfirst.system.durable_files import write_durably

FILE_NAME = "lost-times"


def read_restore_gaps(folder: Path) -> list[tuple[int, int]]:
    """Return (first, last) in milliseconds since the epoch, one pair a restore.

    Raises `Misconfigured` when the file is damaged: events without a proof would be recorded.
    """
    path = folder / FILE_NAME
    try:
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return [(int(first), int(last)) for first, last in (line.split() for line in lines)]
    except (OSError, ValueError) as error:
        raise Misconfigured(f"The file {path} cannot be read.") from error


def add_restore_gap(folder: Path, first: int, last: int) -> None:
    """Note that a consent given between two times, in milliseconds, may have no record."""
    times = [*read_restore_gaps(folder), (first, last)]
    text = "".join(f"{begin} {end}\n" for begin, end in times)
    write_durably(folder / FILE_NAME, text.encode("ascii"))

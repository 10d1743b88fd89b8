"""Free disk space: watched beside the requests, logged, and refused for when it is short."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from askfirst.clock import Clock
from askfirst.errors import Unavailable

log = structlog.get_logger()

STORES = ("ledger", "journal", "warehouse")
_ROOM_AGAIN = 1.1  # times the reserve, so that it does not flip back and forth
_MB = 1_000_000

FreeOf = Callable[[Path], int]
"""Returns the bytes that this user may still write on the disk of a folder."""


def free_of(folder: Path) -> int:
    """Return the bytes that this user may still write on the disk of a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def sizes_of(folder: Path) -> dict[str, int]:
    """Return the size of each store in a data folder in bytes, its logs included."""
    return {name: sum(_size(path) for path in folder.glob(f"{name}.*")) for name in STORES}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a log that was emptied meanwhile
        return 0


@dataclass(frozen=True)
class Figure:
    """The last measurement, in bytes; `short_since` is the time in milliseconds, or None.

    `free` is None where the system does not say.
    """

    free: int | None
    reserve: int
    sizes: dict[str, int]
    short_since: int | None


class Storage:
    """Watches whether the disk of the data folder has less free space than the reserve.

    Call `look`, which blocks, once a second, and `refuse_if_short`, which does not ask the system,
    before storing. Where the system does not say how much is free, space counts as short.
    """

    def __init__(
        self, folder: Path, reserve_mb: int, clock: Clock, free_of: FreeOf = free_of
    ) -> None:
        self._folder = folder
        self._reserve = reserve_mb * _MB
        self._clock = clock
        self._free_of = free_of
        self._short_since: int | None = None
        self._figure = Figure(None, self._reserve, {}, None)

    def look(self) -> None:
        """Measure the disk, and log when space has become short or sufficient again."""
        free = self._measured()
        if not self._reserve:
            self._short_since = None
        elif free is None or free < self._reserve:
            self._begin(free)
        elif self._short_since is not None and free >= self._reserve * _ROOM_AGAIN:
            self._short_since = None
            log.warning("disk_has_room", free=free, reserve=self._reserve)
        self._figure = Figure(free, self._reserve, sizes_of(self._folder), self._short_since)

    def _measured(self) -> int | None:
        try:
            return self._free_of(self._folder)
        except OSError:
            return None

    def _begin(self, free: int | None) -> None:
        if self._short_since is None:
            self._short_since = self._clock()
            log.error("disk_short", free=free, reserve=self._reserve)

    def figure(self) -> Figure:
        """Return the last measurement."""
        return self._figure

    def has_room_for(self, number: int) -> bool:
        """Return whether so many bytes more would leave enough free, by the last measurement.

        That is as much as ends a shortage: less might begin one that lasts.
        """
        free = self._figure.free
        return free is not None and free - number >= self._reserve * _ROOM_AGAIN

    def refuse_if_short(self) -> None:
        """Raise `Unavailable` while less is free than the reserve."""
        if self._short_since is not None:
            raise Unavailable("The disk has too little room for more.", retry_after=60)

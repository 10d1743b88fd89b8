"""The connections of one server: how many each address has, and whose client is too slow."""

import asyncio
import time
from collections import Counter
from collections.abc import Hashable
from typing import Protocol
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState


class Member(Protocol):
    """What the crowd needs of a connection."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    server_state: ServerState
    patience: float
    sweep_seconds: float

    def awaited(self) -> Hashable | None:
        """Return what changes as soon as the client acts, or None while it waits for us."""


class Crowd:
    """Counts a server's connections by address, and ends those whose client is too slow."""

    def __init__(self, first: Member) -> None:
        self._loop = first.loop
        self._seconds = first.sweep_seconds
        self._holders: dict[Member, str] = {}
        self._counts: Counter[str] = Counter()
        self._waiting: dict[Member, tuple[Hashable, float]] = {}
        self._running = False

    def came(self, member: Member, holder: str) -> int:
        """Add a connection, and return how many its holder has; '' is not counted."""
        self._holders[member] = holder
        if not holder:
            return 0
        self._counts[holder] += 1
        return self._counts[holder]

    def went(self, member: Member) -> None:
        """Remove a connection that has ended."""
        holder = self._holders.pop(member, "")
        if holder:
            self._counts[holder] -= 1
            if not self._counts[holder]:
                del self._counts[holder]

    def sweep(self) -> None:
        """Examine the connections once a second until none is left."""
        if not self._running:
            self._running = True
            self._loop.call_later(self._seconds, self._turn)

    def _turn(self) -> None:
        now, before = time.monotonic(), self._waiting
        self._waiting = {}
        try:
            for member in list(self._holders):
                self._look_at(member, before.get(member), now)
        finally:
            self._running = False  # an error with one connection must not end the sweep of all
            if self._holders:
                self.sweep()

    def _look_at(self, member: Member, before: tuple[Hashable, float] | None, now: float) -> None:
        awaited = member.awaited()
        if awaited is None:
            return
        if before is None or before[0] != awaited:
            self._waiting[member] = awaited, now
        elif now - before[1] < member.patience:
            self._waiting[member] = before
        else:
            member.transport.abort()  # closing would wait until the client reads


_crowds: WeakKeyDictionary[ServerState, Crowd] = WeakKeyDictionary()


def crowd_of(member: Member) -> Crowd:
    """Return the crowd of the server to which a connection belongs."""
    state = member.server_state
    if state not in _crowds:
        _crowds[state] = Crowd(member)
    return _crowds[state]

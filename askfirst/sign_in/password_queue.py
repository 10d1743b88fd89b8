"""The queue before the slow hash of passwords: short, fair to networks, known browsers first."""

import asyncio
from bisect import insort
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from askfirst.errors import Unavailable
from askfirst.sign_in.client import ClientKey

AT_ONCE = 2
"""Hashes at a time: one takes 64 MiB and a processor's core for some hundredths of a second."""
MOST_WAITING = 16
"""How many may wait; the last waits for about a second."""
RETRY_S = 3


@dataclass(order=True)
class _Place:
    """A place in the queue: known browsers first, then each network's first, second, ... place."""

    strange: bool
    nth: int
    number: int
    key: str = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class PasswordQueue:
    """Lets a few pass at a time and the others wait in order; the last is turned away when full.

    Known browsers go first, so many strangers cannot keep them waiting. Networks take turns, so one
    network with many requests cannot keep another waiting.
    """

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._free = at_once
        self._most = most_waiting
        self._waiting: list[_Place] = []
        self._number = 0

    @asynccontextmanager
    async def passing(self, client_key: ClientKey) -> AsyncIterator[None]:
        """Wait for a turn, and hold it in the block; raises `Unavailable` where too many wait."""
        await self._enter(client_key)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, client_key: ClientKey) -> None:
        if self._free:
            self._free -= 1
            return
        place = self._place(client_key)
        insort(self._waiting, place)
        if len(self._waiting) > self._most:
            _turn_away(self._waiting.pop())
        try:
            await place.turn
        except asyncio.CancelledError:
            self._give_up(place)
            raise

    def _place(self, client_key: ClientKey) -> _Place:
        self._number += 1
        before = sum(1 for place in self._waiting if place.key == client_key.key)
        turn = asyncio.get_running_loop().create_future()
        return _Place(not client_key.known, before, self._number, client_key.key, turn)

    def _give_up(self, place: _Place) -> None:
        if place in self._waiting:
            self._waiting.remove(place)
        elif place.turn.done() and not place.turn.cancelled() and not place.turn.exception():
            self._leave()  # its turn has just come

    def _leave(self) -> None:
        while self._waiting:
            place = self._waiting.pop(0)
            if not place.turn.done():
                place.turn.set_result(None)
                return
        self._free += 1


def _turn_away(place: _Place) -> None:
    if not place.turn.done():  # otherwise whoever waited there has gone
        why = Unavailable("Too many people sign in just now. Try again.", retry_after=RETRY_S)
        place.turn.set_exception(why)

"""A file of a visitor in a test that stops before it is read, until the test goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.world import World

Rows = Callable[..., Awaitable[list[dict[str, object]]]]


@dataclass
class Gate:
    """Stops the first who reads a person's rows until it opens; later ones pass."""

    opens: asyncio.Event
    reached: asyncio.Event
    error: Exception | None = None

    def before(self, rows: Rows) -> Rows:
        async def waiting(site_id: int, *visitor_ids: str) -> list[dict[str, object]]:
            if not self.reached.is_set():
                self.reached.set()
                await self.opens.wait()
            if self.error:
                raise self.error
            return await rows(site_id, *visitor_ids)

        return waiting


@contextmanager
def shut(world: World) -> Iterator[Gate]:
    """Hold the next file before it is read, until the gate opens or the block ends."""
    holder, gate = world.services.personal_data.holders[-1], Gate(asyncio.Event(), asyncio.Event())
    rows = holder.rows
    holder.rows = gate.before(rows)  # type: ignore[method-assign]
    try:
        yield gate
    finally:
        gate.opens.set()
        holder.rows = rows  # type: ignore[method-assign]

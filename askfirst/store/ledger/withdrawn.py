"""Withdrawn consents and their times, in memory for the gate and read from the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import String, cast, func, select

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import withdrawals

Mark = Callable[[Sequence[str]], int]
"""Marks consents as withdrawn in the gate; returns the time of that, in milliseconds."""


class Withdrawn:
    """The withdrawn consent ids, with their times in milliseconds since the epoch.

    `consent_id in withdrawn` is what the gate asks; `refresh` reads what others have written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._times: dict[str, int] = {}
        self._seq = 0

    def __contains__(self, consent_id: object) -> bool:
        return consent_id in self._times

    def since(self, consent_id: str) -> int | None:
        """Return when a consent was withdrawn, or None."""
        return self._times.get(consent_id)

    @contextmanager
    def marked_before_commit(self, clock: Clock) -> Iterator[Mark]:
        """Yield a function that marks consents as withdrawn; the marks go if the block fails.

        The gate has to refuse a consent before the ledger has its withdrawal: an event accepted
        while the ledger writes would have happened after the withdrawal.
        """
        marked: list[str] = []

        def mark(consent_ids: Sequence[str]) -> int:
            now = clock()
            marked.extend(consent_id for consent_id in consent_ids if consent_id not in self._times)
            self._times.update((consent_id, now) for consent_id in consent_ids)
            return now

        try:
            yield mark
        except BaseException:
            for consent_id in marked:
                self._times.pop(consent_id, None)
            raise

    async def refresh(self) -> None:
        """Read what other processes have written since the last time."""
        async with self._ledger.read() as connection:
            newer = _newer(connection.dialect.name).where(withdrawals.c.seq > self._seq)
            seq, times = (await connection.execute(newer)).one()
        if seq is not None:
            self._times.update(msgspec.json.decode(times, type=dict[str, int]))
            self._seq = seq


def _newer(dialect: str) -> Any:
    """Select the last number and all times as one JSON text: a million rows would take seconds."""
    gather = func.json_object_agg if dialect == "postgresql" else func.json_group_object
    times = cast(gather(withdrawals.c.consent_id, withdrawals.c.withdrawn_at), String)
    return select(func.max(withdrawals.c.seq), times)

"""Which consents were withdrawn, and when: in memory for the gate, learned from the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from askfirst.clock import Clock
from askfirst.store.ledger import Ledger
from askfirst.store.tables import withdrawals

Tell = Callable[[Sequence[str]], int]
"""Tells the gate that consents are withdrawn; gives since when, in milliseconds."""


class Withdrawn:
    """The withdrawn consent ids with the time of withdrawal in milliseconds since the epoch."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._times: dict[str, int] = {}
        self._seq = 0

    def __contains__(self, consent_id: object) -> bool:
        return consent_id in self._times

    def since(self, consent_id: str) -> int | None:
        """Give when a consent was withdrawn, or None."""
        return self._times.get(consent_id)

    @contextmanager
    def told_first(self, clock: Clock) -> Iterator[Tell]:
        """Give a function that tells the gate; what it told is taken back if the block fails.

        The gate has to know a withdrawal before the ledger has it: an event let in while the
        ledger writes would have happened after the withdrawal.
        """
        told: list[str] = []

        def tell(consent_ids: Sequence[str]) -> int:
            now = clock()
            told.extend(consent_id for consent_id in consent_ids if consent_id not in self._times)
            self._times.update((consent_id, now) for consent_id in consent_ids)
            return now

        try:
            yield tell
        except BaseException:
            for consent_id in told:
                self._times.pop(consent_id, None)
            raise

    async def refresh(self) -> None:
        """Learn what other processes have written since the last time."""
        columns = (withdrawals.c.seq, withdrawals.c.consent_id, withdrawals.c.withdrawn_at)
        newer = select(*columns).where(withdrawals.c.seq > self._seq).order_by(withdrawals.c.seq)
        async with self._ledger.read() as connection:
            for seq, consent_id, withdrawn_at in await connection.execute(newer):
                self._times[consent_id] = withdrawn_at
                self._seq = seq

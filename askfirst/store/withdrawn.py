"""Which consents were withdrawn, and when: in memory for the gate, learned from the ledger."""

from sqlalchemy import select

from askfirst.store.ledger import Ledger
from askfirst.store.tables import withdrawals


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

    def add(self, consent_id: str, withdrawn_at: int) -> None:
        """Learn a withdrawal that this process has just written."""
        self._times[consent_id] = withdrawn_at

    async def refresh(self) -> None:
        """Learn what other processes have written since the last time."""
        columns = (withdrawals.c.seq, withdrawals.c.consent_id, withdrawals.c.withdrawn_at)
        newer = select(*columns).where(withdrawals.c.seq > self._seq).order_by(withdrawals.c.seq)
        async with self._ledger.read() as connection:
            for seq, consent_id, withdrawn_at in await connection.execute(newer):
                self._times[consent_id] = withdrawn_at
                self._seq = seq

"""The outbox: each mail from when it is due until it is sent or given up, kept in the ledger.

A mail is about something, such as a day, and nothing is about the same twice, so that a restart
sends nothing again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.mail.states import WAITING, MailStates
from askfirst.store.ledger.tables import mails

GIVEN_UP_AFTER_MS = DAY_MS
LISTED = 20
WAITS = tuple(minutes * 60_000 for minutes in (1, 3, 10, 30, 60, 120, 240))
"""How long the next try waits after each; the last one from then on."""
_table = mails.c


@dataclass(frozen=True)
class Mail:
    """A mail as the ledger has it; times are in milliseconds. `facts` are what it tells."""

    id: int
    site_id: int
    subscription_id: int
    about: str
    facts: Mapping[str, Any]
    state: str
    made_at: int
    tries: int
    next_at: int
    ended_at: int | None
    problem: str


_COLUMNS = [_table[name] for name in Mail.__dataclass_fields__]


class Outbox(MailStates[Mail]):
    """Adds mails, finds those that are due, and notes what became of them."""

    waits = WAITS

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        super().__init__(ledger, clock, mails)

    def given_up_after(self, mail: Mail) -> int:
        """Return how long (ms) a mail is tried."""
        return GIVEN_UP_AFTER_MS

    async def add(
        self, site_id: int, subscription_id: int, about: str, facts: Mapping[str, Any]
    ) -> bool:
        """Add a mail to be sent at once; False where there was one about the same."""
        same = (_table.subscription_id == subscription_id) & (_table.about == about)
        known = select(_table.id).where(same)
        async with self._ledger.read() as connection:
            if (await connection.execute(known)).first():
                return False
        row = {
            "site_id": site_id,
            "subscription_id": subscription_id,
            "about": about,
            "facts": dict(facts),
            "state": WAITING,
            "made_at": self._clock(),
            "next_at": self._clock(),
        }
        async with self._ledger.write() as connection:
            if (await connection.execute(known)).first():
                return False
            await connection.execute(insert(mails).values(row))
        return True

    async def due(self) -> list[Mail]:
        """Return the mails to be tried now, oldest first."""
        due = select(*_COLUMNS).where(self.is_due)
        async with self._ledger.read() as connection:
            rows = await connection.execute(due.order_by(_table.id))
            return [Mail(*row) for row in rows]

    async def newest(self, subscription_ids: list[int]) -> list[Mail]:
        """Return the last mails of subscriptions, the newest first."""
        mine = select(*_COLUMNS).where(_table.subscription_id.in_(subscription_ids))
        async with self._ledger.read() as connection:
            rows = await connection.execute(mine.order_by(_table.id.desc()).limit(LISTED))
            return [Mail(*row) for row in rows]

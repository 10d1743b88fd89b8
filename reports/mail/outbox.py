"""The outbox: each mail from when it is due until it is sent or given up, kept in the ledger.

A mail is about something, such as a day, and nothing is about the same twice, so that a restart
sends nothing again. Before the mail server gets the text, that is written down: where the answer to
it is lost, the mail counts as sent, for it probably is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import mails

WAITING, SENT, UNSURE, GIVEN_UP = "waiting", "sent", "unsure", "given up"
GIVEN_UP_AFTER_MS = DAY_MS
KEPT_MS = 90 * DAY_MS
LISTED = 20
WAITS = tuple(minutes * 60_000 for minutes in (1, 3, 10, 30, 60, 120, 240))
"""How long the next try waits after each; the last one from then on."""
NO_ANSWER = "The mail server got it and did not answer: it may have arrived, and is not sent again."
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


class Outbox:
    """Adds mails, finds those that are due, and notes what became of them."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

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
        due = (_table.state == WAITING) & (_table.next_at <= self._clock())
        async with self._ledger.read() as connection:
            rows = await connection.execute(select(*_COLUMNS).where(due).order_by(_table.id))
            return [Mail(*row) for row in rows]

    async def newest(self, subscription_ids: list[int]) -> list[Mail]:
        """Return the last mails of subscriptions, the newest first."""
        mine = select(*_COLUMNS).where(_table.subscription_id.in_(subscription_ids))
        async with self._ledger.read() as connection:
            rows = await connection.execute(mine.order_by(_table.id.desc()).limit(LISTED))
            return [Mail(*row) for row in rows]

    async def handing(self, mail: Mail) -> None:
        """Note that the mail server gets the text now."""
        await self._change(mail.id, handed_at=self._clock())

    async def sent(self, mail: Mail) -> None:
        """Note that the mail server has taken it."""
        await self._end(mail, SENT, "")

    async def unsure(self, mail: Mail) -> None:
        """Note that the mail server got it and did not answer."""
        await self._end(mail, UNSURE, NO_ANSWER)

    async def give_up(self, mail: Mail, problem: str) -> None:
        """Note that it is not sent any more."""
        await self._end(mail, GIVEN_UP, problem)

    async def failed(self, mail: Mail, problem: str) -> None:
        """Note a try that failed; the next one waits longer, and none comes after a day."""
        now, tries = self._clock(), mail.tries + 1
        next_at = now + WAITS[min(tries, len(WAITS)) - 1]
        if next_at - mail.made_at >= GIVEN_UP_AFTER_MS:
            await self._end(mail, GIVEN_UP, problem)
            return
        said = problem[:400]
        await self._change(mail.id, tries=tries, next_at=next_at, problem=said, handed_at=None)

    async def begin(self) -> None:
        """End what an earlier process has handed over, whose answer is not known."""
        lost = (_table.state == WAITING) & _table.handed_at.is_not(None)
        values = {"state": UNSURE, "ended_at": self._clock(), "problem": NO_ANSWER}
        async with self._ledger.write() as connection:
            await connection.execute(update(mails).where(lost).values(values))

    async def forget(self) -> None:
        """Delete what is older than 90 days."""
        async with self._ledger.write() as connection:
            old = (_table.state != WAITING) & (_table.made_at < self._clock() - KEPT_MS)
            await connection.execute(delete(mails).where(old))

    async def _end(self, mail: Mail, state: str, problem: str) -> None:
        ended = {"state": state, "ended_at": self._clock(), "problem": problem[:400]}
        await self._change(mail.id, tries=mail.tries + 1, **ended)

    async def _change(self, number: int, **values: Any) -> None:
        async with self._ledger.write() as connection:
            await connection.execute(update(mails).where(_table.id == number).values(values))

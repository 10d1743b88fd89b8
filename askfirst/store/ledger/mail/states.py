"""The states of a mail: it waits, is handed to the mail server once, and ends as one of three.

Before the mail server gets the text, that is written down: where the answer to it is lost, the mail
counts as sent, for it probably is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Table, delete, true, update

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.database import Ledger

WAITING, SENT, UNSURE, GIVEN_UP = "waiting", "sent", "unsure", "given up"
KEPT_MS = 90 * DAY_MS
NO_ANSWER = "The mail server got it and did not answer: it may have arrived, and is not sent again."
_LONGEST = 400


class StoredMail(Protocol):
    """A mail as the ledger has it; times are in milliseconds."""

    @property
    def id(self) -> int:
        """Return its number."""

    @property
    def made_at(self) -> int:
        """Return when it was added."""

    @property
    def tries(self) -> int:
        """Return how often it was tried."""


M = TypeVar("M", bound=StoredMail)


class MailStates(Generic[M]):
    """Notes what became of the mails of a table, which has the columns of `mails`."""

    waits: Sequence[int] = ()
    """How long (ms) the next try waits after each; the last one from then on."""
    cleared: Mapping[str, Any] = {}
    """What an ended mail does not keep."""

    def __init__(self, ledger: Ledger, clock: Clock, table: Table) -> None:
        self._ledger = ledger
        self._clock = clock
        self._mails = table

    def given_up_after(self, mail: M) -> int:
        """Return how long (ms) a mail is tried."""
        raise NotImplementedError

    @property
    def is_due(self) -> ColumnElement[bool]:
        """The condition of the mails to be tried now."""
        columns = self._mails.c
        return (columns.state == WAITING) & (columns.next_at <= self._clock())

    async def handing(self, mail: M) -> None:
        """Note that the mail server gets the text now."""
        await self._change(mail, handed_at=self._clock())

    async def sent(self, mail: M) -> None:
        """Note that the mail server has taken it."""
        await self._end(mail, SENT, "")

    async def unsure(self, mail: M) -> None:
        """Note that the mail server got it and did not answer."""
        await self._end(mail, UNSURE, NO_ANSWER)

    async def give_up(self, mail: M, problem: str) -> None:
        """Note that it is not sent any more."""
        await self._end(mail, GIVEN_UP, problem)

    async def failed(self, mail: M, problem: str) -> None:
        """Note a try that failed; the next one waits longer, until the mail is given up."""
        now, tries = self._clock(), mail.tries + 1
        next_at = now + self.waits[min(tries, len(self.waits)) - 1]
        if next_at - mail.made_at >= self.given_up_after(mail):
            await self._end(mail, GIVEN_UP, problem)
            return
        said = problem[:_LONGEST]
        await self._change(mail, tries=tries, next_at=next_at, problem=said, handed_at=None)

    async def begin(self) -> None:
        """End what was handed over by a process or round that ended before it noted the answer."""
        columns = self._mails.c
        lost = (columns.state == WAITING) & columns.handed_at.is_not(None)
        values = {"state": UNSURE, "ended_at": self._clock(), "problem": NO_ANSWER}
        async with self._ledger.write() as connection:
            changed = update(self._mails).where(lost).values(values | dict(self.cleared))
            await connection.execute(changed)

    async def forget(self, which: ColumnElement[bool] | None = None) -> None:
        """Delete what has ended and is older than 90 days; `which` says of which mails."""
        columns = self._mails.c
        old = (columns.state != WAITING) & (columns.made_at < self._clock() - KEPT_MS)
        async with self._ledger.write() as connection:
            chosen = true() if which is None else which
            await connection.execute(delete(self._mails).where(old & chosen))

    async def _end(self, mail: M, state: str, problem: str) -> None:
        ended = {"state": state, "ended_at": self._clock(), "problem": problem[:_LONGEST]}
        await self._change(mail, tries=mail.tries + 1, **ended, **self.cleared)

    async def _change(self, mail: M, **values: Any) -> None:
        mine = self._mails.c.id == mail.id
        async with self._ledger.write() as connection:
            await connection.execute(update(self._mails).where(mine).values(values))

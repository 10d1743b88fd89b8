"""The outbox of visitors' mails: which are due, and what they tell until they end."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import RowMapping, select

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.accounts.messages import POLICY
from askfirst.store.ledger.accounts.places import mail_place
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.mail.states import MailStates
from askfirst.store.ledger.tables import visitor_mails
from askfirst.system.sealing import NotSealedHere, Sealing
from consent.accounts.mailing.kinds import CONFIRM_MS, LINK_MS

_MINUTE_MS = 60_000
_KEPT_MS = {
    "confirm": CONFIRM_MS,
    "sign_in": LINK_MS,
    "password": LINK_MS,
    "known": LINK_MS,
    "old_email": LINK_MS,
    "new_email": LINK_MS,
    POLICY: 30 * DAY_MS,
}
"""How long a mail is tried: as long as its link works."""
_OTHERS_MS = 7 * DAY_MS
_BATCH = 20
_table = visitor_mails.c


@dataclass(frozen=True)
class VisitorMail:
    """A mail as the ledger has it; `facts` are empty where they cannot be opened."""

    id: int
    site_id: int
    account_id: str
    what: str
    about: str
    facts: Mapping[str, str]
    made_at: int
    tries: int
    problem: str


class VisitorOutbox(MailStates[VisitorMail]):
    """Finds the mails that are due, and notes what became of them; facts go when a mail ends."""

    waits = tuple(
        round(minutes * _MINUTE_MS) for minutes in (0.2, 0.5, 1, 2, 5, 5, 5, 5, 10, 30, 60, 120)
    )
    cleared = {"facts": None}  # noqa: RUF012 - as in the class above

    def __init__(self, ledger: Ledger, clock: Clock, sealing: Sealing) -> None:
        super().__init__(ledger, clock, visitor_mails)
        self._sealing = sealing

    def given_up_after(self, mail: VisitorMail) -> int:
        """Return how long (ms) a mail is tried."""
        return _KEPT_MS.get(mail.what, _OTHERS_MS)

    async def due(self) -> list[VisitorMail]:
        """Return some of the mails to be tried now, oldest first.

        News of a policy come after all others, for nobody waits for them: many may be due at once.
        """
        names = [_table[name] for name in VisitorMail.__dataclass_fields__]
        order = (_table.what == POLICY, _table.id)
        due = select(*names).where(self.is_due).order_by(*order).limit(_BATCH)
        async with self._ledger.read() as connection:
            rows = (await connection.execute(due)).mappings().all()
        return [VisitorMail(**{**row, "facts": self._opened(row)}) for row in rows]

    async def forget_old(self) -> None:
        """Delete what is older than 90 days, but for what tells which policy somebody knows."""
        await self.forget(_table.what != POLICY)

    def _opened(self, row: RowMapping) -> Mapping[str, str]:
        place = mail_place(row["account_id"], row["what"], row["about"])
        try:
            text = self._sealing.open(row["facts"] or b"", place)
        except NotSealedHere:
            return {}
        return msgspec.json.decode(text, type=dict[str, str])

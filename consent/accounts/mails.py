"""Mails to visitors: written down in the transaction of what they tell of, and sent soon after."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.accounts.places import mail_place
from askfirst.store.ledger.mail.states import WAITING
from askfirst.store.ledger.tables import visitor_mails
from consent.dependencies import Dependencies


class VisitorMails:
    """Adds mails to the outbox of visitors."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    @property
    def are_sent(self) -> bool:
        """Whether the settings name a mail server; without one no account is offered."""
        return bool(self._deps.settings.smtp_url)

    async def add(
        self,
        connection: AsyncConnection,
        account_id: str,
        site: Site,
        what: str,
        about: str,
        facts: Mapping[str, str],
    ) -> bool:
        """Add a mail within a transaction, sealed; False where there was one about the same.

        `what` is a kind of `consent.accounts.mailing.letters`; `about` has at most 64 characters.
        `facts` have `to`, `language`, and `link` where there is one. Without a mail server nothing
        is added.
        """
        columns = visitor_mails.c
        same = select(columns.id).where(
            columns.account_id == account_id, columns.what == what, columns.about == about
        )
        if not self.are_sent or (await connection.execute(same)).first():
            return False
        now, place = self._deps.clock(), mail_place(account_id, what, about)
        row = {
            "site_id": site.id,
            "account_id": account_id,
            "what": what,
            "about": about,
            "facts": self._deps.sealing.seal(msgspec.json.encode(dict(facts)).decode(), place),
            "state": WAITING,
            "made_at": now,
            "next_at": now,
        }
        await connection.execute(insert(visitor_mails).values(row))
        return True

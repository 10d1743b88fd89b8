"""Mails to visitors: what is due is written down, sealed, in the transaction that makes it due."""

import json
from collections.abc import Mapping

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.tables import visitor_mails
from consent.dependencies import Dependencies


class VisitorMails:
    """Writes down the mails that are due to visitors."""

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
    ) -> None:
        """Write down a mail in the caller's transaction; one about the same is due once."""
        place = f"visitor_mails.facts:{account_id}:{what}:{about}"
        now = self._deps.clock()
        row = {
            "site_id": site.id,
            "account_id": account_id,
            "what": what,
            "about": about,
            "facts": self._deps.sealing.seal(json.dumps(dict(facts)), place),
            "state": "due",
            "made_at": now,
            "next_at": now,
        }
        await connection.execute(insert(visitor_mails).values(row).on_conflict_do_nothing())

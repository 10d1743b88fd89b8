"""Mails to visitors who have an account."""

import json
from collections.abc import Mapping

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.tables import visitor_mails
from consent.dependencies import Dependencies


class VisitorMails:
    """Adds mails that are sent as soon as their transaction is durable."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    @property
    def are_sent(self) -> bool:
        """Whether the settings name a mail server."""
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
        """Add a mail in the caller's transaction."""
        now = self._deps.clock()
        sealed = self._deps.sealing.seal(json.dumps(dict(facts)), f"mail:{account_id}")
        row = {"site_id": site.id, "account_id": account_id, "what": what, "about": about}
        row |= {"facts": sealed, "state": "waiting", "made_at": now, "next_at": now}
        await connection.execute(insert(visitor_mails).values(row))

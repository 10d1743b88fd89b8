"""Personal data in accounts of visitors, which a browser leads to that an account joins.

Erasing a browser takes it out of its account, which stays until its owner closes it. Nothing that
signs in and nothing sealed is told here: whoever is signed in reads it opened.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, delete, select

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import (
    account_browsers,
    account_fields,
    account_links,
    account_messages,
    account_sessions,
    visitor_access_ends,
    visitor_accounts,
    visitor_mails,
)

Row = dict[str, Any]

TOLD: dict[Table, tuple[str, ...]] = {
    visitor_accounts: (
        "id",
        "language",
        "created_at",
        "confirmed_at",
        "password_changed_at",
        "access_ended_at",
        "access_ended_by",
        "needs_password",
    ),
    account_sessions: ("browser", "created_at", "seen_at", "expires_at"),
    account_links: ("what", "created_at", "expires_at"),
    account_fields: ("field", "changed_at"),
    account_messages: ("kind", "since"),
    visitor_mails: ("what", "state", "made_at", "tries", "next_at", "handed_at", "ended_at"),
}
"""What is told of each table of an account; the rest is sealed, or a secret's hash."""

KEPT_WITH_ACCOUNT = frozenset(f"ledger.{table.name}" for table in TOLD)
"""Holders whose rows stay when a browser is erased, until the account is closed."""


class AccountHolder:
    """The rows of one table of the account that joins a visitor's browser."""

    def __init__(self, ledger: Ledger, table: Table) -> None:
        self.name = f"ledger.{table.name}"
        self._ledger = ledger
        self._table = table

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return what is told of the rows, of no account where none joins the visitor."""
        of_ids = account_browsers.c.visitor_id.in_(visitor_ids)
        mine = (account_browsers.c.site_id == site_id) & of_ids
        whose = select(account_browsers.c.account_id).where(mine)
        async with self._ledger.read() as connection:
            found = await connection.execute(
                told_of(self._table).where(owner(self._table).in_(whose))
            )
            return [dict(row) for row in found.mappings()]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Keep the rows: an account is closed on its page, not by erasing what was recorded."""
        return 0


class JoinedHolder:
    """Rows with a visitor's own id: which account joins it, and when access to it was ended."""

    def __init__(self, ledger: Ledger, table: Table) -> None:
        self.name = f"ledger.{table.name}"
        self._ledger = ledger
        self._table = table

    def _of(self, site_id: int, *visitor_ids: str) -> Any:
        return (self._table.c.site_id == site_id) & self._table.c.visitor_id.in_(visitor_ids)

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the visitor's rows of this table."""
        statement = select(self._table).where(self._of(site_id, *visitor_ids))
        async with self._ledger.read() as connection:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the visitor's rows of this table."""
        async with self._ledger.write() as connection:
            gone = delete(self._table).where(self._of(site_id, *visitor_ids))
            return int((await connection.execute(gone)).rowcount)


def told_of(table: Table) -> Any:
    """Return the statement that selects what is told of a table of accounts."""
    return select(*(table.c[name] for name in TOLD[table])).order_by(*table.primary_key)


def owner(table: Table) -> Any:
    """Return the column that names the account of a row."""
    return table.c.id if table is visitor_accounts else table.c.account_id


def account_holders(ledger: Ledger) -> Sequence[AccountHolder | JoinedHolder]:
    """Return the holders, in order: accounts are found through the browsers that they join."""
    return (
        *(AccountHolder(ledger, table) for table in TOLD),
        JoinedHolder(ledger, account_browsers),
        JoinedHolder(ledger, visitor_access_ends),
    )

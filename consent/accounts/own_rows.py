"""An account's rows as its owner reads them who is signed in: the address is opened."""

from typing import Any

from askfirst.store.account_holders import TOLD, owner, told_of
from consent.accounts.accounts import VisitorAccount
from consent.dependencies import Dependencies

_ACCOUNTS = "ledger.visitor_accounts"


async def own_rows(deps: Dependencies, account: VisitorAccount) -> dict[str, list[dict[str, Any]]]:
    """Return every row of an account, by the name of its holder."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with deps.ledger.read() as connection:
        for table in TOLD:
            asked = told_of(table).where(owner(table) == account.id)
            rows = (await connection.execute(asked)).mappings()
            found[f"ledger.{table.name}"] = [dict(row) for row in rows]
    found[_ACCOUNTS] = [{**row, "email": account.email} for row in found[_ACCOUNTS]]
    return found

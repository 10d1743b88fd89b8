"""An account's rows as its owner reads them who is signed in: what is sealed is opened."""

from typing import Any

from askfirst.store.account_holders import TOLD, owner, told_of
from askfirst.store.ledger.accounts.fields import volunteered
from consent.accounts.accounts import VisitorAccount
from consent.dependencies import Dependencies

_ACCOUNTS, _FIELDS = "ledger.visitor_accounts", "ledger.account_fields"


async def own_rows(deps: Dependencies, account: VisitorAccount) -> dict[str, list[dict[str, Any]]]:
    """Return every row of an account, by the name of its holder."""
    found: dict[str, list[dict[str, Any]]] = {}
    async with deps.ledger.read() as connection:
        for table in TOLD:
            asked = told_of(table).where(owner(table) == account.id)
            rows = (await connection.execute(asked)).mappings()
            found[f"ledger.{table.name}"] = [dict(row) for row in rows]
        told = await volunteered(connection, deps.sealing, account.id)
    found[_ACCOUNTS] = [{**row, "email": account.email} for row in found[_ACCOUNTS]]
    found[_FIELDS] = [{**row, "value": told.get(row["field"])} for row in found[_FIELDS]]
    return found

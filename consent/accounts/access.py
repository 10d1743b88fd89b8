"""Lost or stolen: since when proofs of a visitor from before open nothing."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import visitor_access_ends
from consent.dependencies import Dependencies


class Access:
    """Whether access to what is recorded of a person was ended."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def ended_at(
        self, connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str]
    ) -> int | None:
        """Return when (ms) access was ended for one of these visitors, the last time, or None."""
        ends = visitor_access_ends.c
        mine = (ends.site_id == site_id) & ends.visitor_id.in_(visitor_ids)
        found: int | None = await connection.scalar(select(func.max(ends.ended_at)).where(mine))
        return found

"""The journal as a holder of personal data: exporting and erasing a visitor's waiting events."""

from typing import Any

import msgspec

from askfirst.events import JournalEntry
from collector.journal.journal import Journal


class JournalHolder:
    """The visitor's events in the journal (a `DataHolder`)."""

    name = "journal.waiting"

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def rows(self, site_id: int, *visitor_ids: str) -> list[dict[str, Any]]:
        """Return the entries of these visitor ids that wait to be shipped."""
        entries = [entry for one in visitor_ids for entry in await self._journal.entries_of(one)]
        return [_shown(entry) for entry in entries if entry.site_id == site_id]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the entries of these visitor ids; an id belongs to one site only."""
        return sum([await self._journal.erase(one) for one in visitor_ids])

    async def erase_visit(self, site_id: int, visitor_id: str, visit_id: str) -> int:
        """Delete nothing but old bytes: an entry belongs to a visit when it is shipped."""
        return await self._journal.erase(visitor_id, (0, 0))

    async def erase_span(self, site_id: int, visitor_id: str, first: int, until: int) -> int:
        """Delete the visitor's entries of a span; a visitor id belongs to one site only."""
        return await self._journal.erase(visitor_id, (first, until))


def _shown(entry: JournalEntry) -> dict[str, Any]:
    return {**msgspec.structs.asdict(entry), "without": " ".join(entry.without)}

"""What the demo's team has kept: segments of its visits, and notes on its chart."""

from datetime import timedelta

from askfirst.clock import as_datetime
from askfirst.sites import Site
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from reports.saved.notes import Notes
from reports.saved.segments import SavedSegments
from server.services import Services

SEGMENTS = (
    ("On phones", Segment((Condition("device", "is", ("phone",)),))),
    ("Readers of articles", Segment((Condition("path", "starts_with", ("/articles/",)),))),
)
NOTES = ((16, "Autumn talks announced"), (8, "Newsletter 41 sent"))
"""How many days ago, and what happened."""


async def keep_some(services: Services, site: Site, who: str) -> None:
    """Keep segments and notes as an account, unless there are any."""
    segments = SavedSegments(services.ledger, services.clock)
    notes = Notes(services.ledger, services.clock)
    if await segments.of(site.id) or await notes.of(site.id):
        return
    today = as_datetime(services.clock()).date()
    async with services.ledger.write() as connection:
        for named in SEGMENTS:
            await segments.keep(connection, site.id, named, who)
        for ago, words in NOTES:
            await notes.put(connection, site.id, (today - timedelta(days=ago), words), who)

"""What the demo's team has kept: segments of its visits, notes on its chart, and a share link."""

from datetime import timedelta

from askfirst.clock import as_datetime
from askfirst.sites import Site
from askfirst.store.ledger.goals import GoalBook
from askfirst.store.warehouse.filters.conditions import GOAL, Condition, Segment
from reports.saved.notes import Notes
from reports.saved.segments import SavedSegments
from reports.saved.share_links import Draft, ShareLinks
from server.services import Services

SEGMENTS = (
    ("On phones", Segment((Condition("device", "is", ("phone",)),))),
    ("Readers of articles", Segment((Condition("path", "starts_with", ("/articles/",)),))),
)
REACHED = "Booked a place"
SHARED_WITH = "The friends of the library"
NOTES = ((16, "Autumn talks announced"), (8, "Newsletter 41 sent"))
"""How many days ago, and what happened."""


async def keep_some(services: Services, site: Site, who: str) -> None:
    """Keep segments, notes and a share link as an account, unless there are any."""
    segments = SavedSegments(services.ledger, services.clock)
    notes = Notes(services.ledger, services.clock)
    if await segments.of(site.id) or await notes.of(site.id):
        return
    goals = await GoalBook(services.ledger, services.clock).goals_of(site.id)
    booked = next(one for one in goals if one.name == REACHED)
    reached = Segment((Condition(GOAL, "reached", (str(booked.id),)),))
    today = as_datetime(services.clock()).date()
    async with services.ledger.write() as connection:
        for named in (*SEGMENTS, (REACHED, reached)):
            await segments.keep(connection, site.id, named, who)
        for ago, words in NOTES:
            await notes.put(connection, site.id, (today - timedelta(days=ago), words), who)
    readers = next(one for one in await segments.of(site.id) if one.name == SEGMENTS[1][0])
    link = Draft(SHARED_WITH, readers, (), "", (), None)
    async with services.ledger.write() as connection:
        await ShareLinks(services.ledger, services.clock).make(connection, site.id, link, who)

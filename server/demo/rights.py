"""What visitors of the demo have asked of its team, and what was revealed of one to a court."""

from datetime import date, timedelta

from sqlalchemy import func, select

from askfirst.clock import DAY_MS, as_datetime
from askfirst.sites import Site
from askfirst.store.ledger.disclosure_register import Disclosed, all_entries, enter
from askfirst.store.ledger.tables import consent_records
from reports.visitor_requests.request_book import RequestBook, RequestDraft
from reports.visitor_requests.request_words import ANSWERED
from server.services import Services

ASKED = (
    (24, "see", "mail", "answered from the address of the reader’s card", "Sent the file as JSON"),
    (9, "object", "post", "", ""),
)
"""How many days ago, what and how it was asked, the check of the identity, and the answer."""
REVEALED_DAYS_AGO = 3


async def note_requests(services: Services, site: Site, who: str) -> None:
    """Note an answered and an open request and a disclosure as an account, unless there are any."""
    visitors = await _first_visitors(services, site)
    known = await RequestBook(services.ledger, services.clock).some(site.id, 0, 1)
    if known or await all_entries(services.ledger, site.id) or len(visitors) <= len(ASKED):
        return
    for visitor_id, one in zip(visitors, ASKED, strict=False):
        await _note(services, site, visitor_id, one, who)
    now = services.clock() - REVEALED_DAYS_AGO * DAY_MS
    async with services.ledger.write() as connection:
        await enter(connection, site.id, visitors[-1], _revealed(_day(now)), (who, now))


async def _first_visitors(services: Services, site: Site) -> list[str]:
    """Return the visitors with the earliest consents: the first came before all of these days."""
    table = consent_records.c
    mine = (table.site_id == site.id) & table.visitor_id.is_not(None)
    asked = select(table.visitor_id).where(mine).group_by(table.visitor_id)
    async with services.ledger.read() as connection:
        found = await connection.scalars(asked.order_by(func.min(table.seq)).limit(len(ASKED) + 1))
        return list(found)


async def _note(
    services: Services, site: Site, visitor_id: str, one: tuple[int, str, str, str, str], who: str
) -> None:
    ago, kind, way, identity, answer = one
    came = services.clock() - ago * DAY_MS
    book = RequestBook(services.ledger, lambda: came)
    later = RequestBook(services.ledger, lambda: came + DAY_MS)
    draft = RequestDraft(kind, way, _day(came), visitor_id, identity)
    async with services.ledger.write() as connection:
        number = await book.note(connection, site.id, draft, who)
        if answer:
            await later.do(connection, site.id, number, ANSWERED, (who, answer))


def _revealed(on: date) -> Disclosed:
    return Disclosed(
        revealed_on=str(on),
        to_whom="County Court at Harbour Lane",
        ground="court",
        reference="HC 26/114",
        kinds=("events", "consents"),
        first_day=str(on - timedelta(days=30)),
        last_day=str(on - timedelta(days=10)),
    )


def _day(time: int) -> date:
    """Return the day of a time in ms; the demo's site has its days in UTC."""
    return as_datetime(time).date()

"""What the demo's owner gets by mail: a report every day, two alerts, and what became of some."""

from datetime import date, timedelta

from sqlalchemy import insert

from askfirst.clock import DAY_MS, as_datetime
from askfirst.sites import Site
from askfirst.store.ledger.mail.states import SENT
from askfirst.store.ledger.tables import mails
from reports.mail.subscriptions import Subscriptions
from server.services import Services

KINDS = ("day", "silence", "errors")
_TIMES = (7, 3)
_REPORTS = 3


async def choose_mail(services: Services, site: Site, who: str) -> None:
    """Turn mail on as an account, with the last reports as sent, unless it has chosen already."""
    subscriptions = Subscriptions(services.ledger, services.clock)
    if await subscriptions.of(site.id, who):
        return
    async with services.ledger.write() as connection:
        await subscriptions.put(connection, site.id, who, KINDS, _TIMES)
    number = next(one.id for one in await subscriptions.of(site.id, who) if one.what == "day")
    today = as_datetime(services.clock()).date()
    rows = [
        _sent(site, number, today - timedelta(days=ago), services.clock() - (ago - 1) * DAY_MS)
        for ago in range(_REPORTS, 0, -1)
    ]
    async with services.ledger.write() as connection:
        await connection.execute(insert(mails), rows)


def _sent(site: Site, number: int, day: date, at: int) -> dict[str, object]:
    return {
        "site_id": site.id,
        "subscription_id": number,
        "about": f"{day}/{day}",
        "facts": {"first": str(day), "last": str(day)},
        "state": SENT,
        "made_at": at,
        "next_at": at,
        "ended_at": at,
        "tries": 1,
    }

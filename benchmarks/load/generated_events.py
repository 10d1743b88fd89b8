"""Generated journal entries for measurements in the process, as the collector writes them."""

import base64
import random

from askfirst.events import JournalEntry

ADDRESS = "https://example.org/articles/knots"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
_VISITORS = 1000


def event_id(number: int) -> str:
    """Return the event id of a number: the same each time, but distributed like a random one."""
    return base64.urlsafe_b64encode(random.Random(number).randbytes(16)).decode().rstrip("=")


def journal_entry(number: int, now: int) -> JournalEntry:
    """Return the entry with a number, from one of a thousand visitors; `now` in milliseconds."""
    visitor = number % _VISITORS
    return JournalEntry(
        event_id=event_id(number),
        site_id=1,
        visitor_id=f"{visitor:032x}",
        consent_id=f"{visitor + _VISITORS:032x}",
        policy_version=1,
        kind="page_view",
        happened_at=now,
        url=ADDRESS,
        referrer="https://example.org/",
        link_url="",
        link_kind="",
        ip="192.0.2.1",
        user_agent=AGENT,
        accept_language="en-GB,en;q=0.8",
        country="DE",
    )

"""Anna, whose numbers are looked up, and an erasure."""

from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.reading import Reading

RECORD = "1" * 32


CONSENT = "c" * 32


async def anna(garden: Garden) -> None:
    await garden.consent(ANNA, record_id=RECORD, consent_id=CONSENT)
    await garden.consent(BERT)
    garden.event("2026-01-01T10:00", path="/what-anna-read")
    garden.event("2026-01-01T10:00", visitor_id=BERT)
    garden.store()


async def found(garden: Garden, number: str, client=None) -> Reading:
    client = client or await garden.signed_in()
    answer = await garden.post(client, "/visitors/find", number=number)
    assert answer.status_code in (200, 422), answer.text
    return Reading(answer.text)


def told(page: Reading) -> str:
    return " ".join(page.text.split())

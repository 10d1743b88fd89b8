"""Two people who came, and how to read the pages about them."""

from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.reading import Reading

DASH = "\N{EN DASH}"


async def two_people(garden: Garden) -> None:
    await garden.consent(ANNA)
    await garden.consent(BERT)
    garden.event(
        "2025-12-30T10:00", path="/first", referrer_host="search.example", browser="Chrome"
    )
    garden.event("2025-12-30T10:02", path="/next", browser="Chrome")
    garden.event(
        "2025-12-30T10:03:05",
        kind="link_click",
        link_url="https://out.example/",
        link_kind="outbound",
    )
    garden.event(
        "2025-12-31T22:59",
        visit_id="second",
        path="/later",
        browser="Firefox",
        referrer="https://news.example/item",
        referrer_host="news.example",
        ip="192.0.2.7",
        country="DE",
    )
    garden.event("2025-12-31T23:30", visitor_id=BERT)
    garden.store()


async def read(garden: Garden, path: str) -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)

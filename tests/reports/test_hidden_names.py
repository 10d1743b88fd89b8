"""A page that its visitor has hidden is called so in the same words on every page of staff."""

from askfirst.rules.corrections import HIDDEN
from tests.reports.garden import ANNA, Garden
from tests.reports.reading import Reading

DAYS = "?period=custom&from=2025-12-29&to=2025-12-31"


async def test_every_page_of_staff_names_a_hidden_page_without_escapes(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2025-12-30T10:00", path=HIDDEN)
    garden.event("2025-12-30T10:01", path="/next")
    garden.event("2025-12-30T10:02", kind="link_click", link_url=HIDDEN, link_kind="internal")
    garden.event("2025-12-30T10:03", kind="link_click", link_url=HIDDEN, link_kind="outbound")
    garden.store()
    client = await garden.signed_in()
    site = f"/sites/{garden.site.key}"
    for path in (DAYS, f"/visitors{DAYS}", f"/visitors/{ANNA}", f"/paths{DAYS}"):
        answer = await client.get(site + path)
        page = Reading(answer.text)

        assert answer.status_code == 200, path
        assert HIDDEN in page.text, path
        assert "(hidden%20" not in page.text, path

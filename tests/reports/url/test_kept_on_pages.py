"""Pages beside the reports keep period, comparison and filters, for the way back and for forms."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.reports.garden import Garden
from tests.reports.reading import Reading

KEPT = {"period": "7d", "against": "year", "where": "country,is,DE", "on": "events"}
QUERY = "?period=7d&against=year&where=country%2Cis%2CDE&on=events"
PAGES = (
    "notes",
    "segments",
    "segments/keep",
    "sharing",
    "settings",
    "api-keys",
    "delete",
    "install",
    "recording",
    "rules",
    "mail",
    "records",
    "consent-check",
    "goals/new",
    "goals/funnels/new",
    "choices",
    "not-recorded",
)


def kept_by(address: str) -> dict[str, str]:
    fields = dict(parse_qsl(urlsplit(address).query))
    return {name: text for name, text in fields.items() if name in KEPT}


@pytest.mark.parametrize("path", PAGES)
async def test_every_tab_leads_back_with_what_was_chosen(garden: Garden, path: str) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/{path}{QUERY}")
    page = Reading(answer.text)

    assert answer.status_code == 200
    for name in ("Overview", "Goals", "Visitors", "Choices", "Paths", "Settings", "Recording"):
        assert kept_by(page.links[name]) == KEPT, name
    back = [
        href for text, href in page.links.items() if text.startswith(("Back to the", "All goals"))
    ]
    inside = [href for href in back if garden.site.key in href]
    assert all(kept_by(href) == KEPT for href in inside), inside


async def test_forms_that_are_sent_keep_it_too(garden: Garden) -> None:
    client = await garden.signed_in()
    forms = {
        "/segments/keep": {"name": "Germans"},
        "/segments/rename": {"id": "1", "name": "From Germany"},
        "/notes": {"day": "2026-01-01", "words": "Opened"},
        "/notes/delete": {"id": "1"},
        "/segments/delete": {"id": "1"},
        "/sharing/revoke": {"id": "1"},
        "/mail": {"hour": "8", "silent_hours": "24"},
    }
    for path, fields in forms.items():
        answer = await garden.post(client, f"{path}{QUERY}", **fields)
        assert answer.status_code == 303, path
        assert kept_by(answer.headers["location"]) == KEPT, path


async def test_a_form_of_a_page_without_choices_leads_where_it_always_did(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, "/mail", hour="8", silent_hours="24")

    assert answer.headers["location"] == f"/sites/{garden.site.key}/mail?saved"


async def test_the_form_that_finds_a_visitor_keeps_it(garden: Garden) -> None:
    client = await garden.signed_in()
    listed = (await client.get(f"/sites/{garden.site.key}/visitors{QUERY}")).text
    found = await garden.post(client, f"/visitors/find{QUERY}", number="0" * 32)
    page = Reading(found.text)

    assert "/visitors/find?period=7d&amp;against=year&amp;where=" in listed
    assert kept_by(page.links["Back to the visitors"]) == KEPT

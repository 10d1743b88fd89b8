"""A notice says one thing and leads on."""

from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_a_server_that_has_an_owner_says_so_and_leads_to_the_sign_in(garden: Garden) -> None:
    answer = await garden.client().get("/setup")
    page = Reading(answer.text)

    assert answer.status_code == 410
    assert "It was set up already" in page.text
    assert page.links["Sign in"] == "/sign-in"

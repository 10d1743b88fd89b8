"""Staff end a visitor's access on a report: asked once more, with an entry in the file."""

import pytest
from sqlalchemy import select

from askfirst.sites import Site
from askfirst.store.ledger.tables import disclosures
from tests.reports.garden import ANNA, BERT, EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import CONSENT, anna, found, told

PATH = f"/visitors/{ANNA}/end-access"


@pytest.fixture
def ended(garden: Garden) -> list[tuple[str, str]]:
    """Note whose access the pages have ended."""
    calls: list[tuple[str, str]] = []

    async def end(site: Site, visitor_id: str) -> None:
        calls.append((site.key, visitor_id))

    object.__setattr__(garden.deps, "end_access", end)
    return calls


async def test_ending_access_is_asked_before_it_is_done(garden: Garden, ended) -> None:
    await anna(garden)
    client = await garden.signed_in()
    page = Reading((await garden.post(client, PATH)).text)

    assert "End this visitor’s access?" in told(page)
    assert "Nothing is erased." in told(page)
    assert ended == []
    assert await garden.entries() == []


async def test_law_9_it_is_done_with_an_entry_in_the_visitors_file_and_in_the_log(
    garden: Garden, ended
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    page = Reading((await garden.post(client, PATH, sure="yes")).text)

    assert "Access is ended" in told(page)
    assert ended == [(garden.site.key, ANNA)]
    assert await garden.entries() == [(ANNA, EMAIL, "ended access")]
    assert [act for act, *_ in await garden.acts()] == ["access_ended"]


@pytest.mark.parametrize("sure", ["", "yes"])
@pytest.mark.parametrize("visitor", ["d" * 32, "x", "A" * 32, CONSENT])
async def test_nobody_elses_access_is_ended(garden: Garden, ended, visitor: str, sure: str) -> None:
    await anna(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{visitor}/end-access", sure=sure)
    forged = await client.post(f"/sites/{garden.site.key}{PATH}", data={"sure": "yes", "csrf": "x"})

    assert answer.status_code == 404
    assert forged.status_code == 403
    assert ended == []
    async with garden.deps.ledger.read() as connection:
        assert (await connection.execute(select(disclosures))).all() == []


async def test_another_sites_visitor_keeps_the_access(garden: Garden, ended) -> None:
    await garden.consent(BERT, site_id=garden.other.id)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{BERT}/end-access", sure="yes")

    assert answer.status_code == 404
    assert ended == []


async def test_the_button_stands_with_a_found_visitor_on_its_page_and_on_a_request(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}"
    noted = await garden.post(
        client, "/requests", kind="other", way="mail", came_on="2026-01-01", number=ANNA
    )
    pages = (
        (await found(garden, ANNA, client)).html,
        (await client.get(f"{base}/visitors/{ANNA}")).text,
        (await client.get(noted.headers["location"])).text,
    )

    for page in pages:
        assert f'formaction="{base}{PATH}"' in page

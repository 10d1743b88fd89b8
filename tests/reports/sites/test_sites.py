"""The list shows every site, and what was turned away before a site could be told."""

from pathlib import Path

from reports.sites.setup import make_setup_link
from tests.reports.garden import SAME_ORIGIN, Garden, bare_garden
from tests.reports.reading import Reading
from tests.reports.typed_site import SETUP, code_of


async def test_a_single_site_opens_at_once(tmp_path: Path) -> None:
    async with bare_garden(tmp_path) as (deps, clock):
        client = Garden(deps, clock, (None, None)).client()
        code = code_of(await make_setup_link(deps.ledger, clock))
        await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)
        [site] = deps.book.all()

        assert (await client.get("/")).headers["location"] == f"/sites/{site.key}"
        assert "Garden" in (await client.get("/?all")).text


async def test_law_8_what_named_no_site_is_shown_on_the_list_of_sites(garden: Garden) -> None:
    garden.deps.tallies.add(0, "unknown_site", 7)
    client = await garden.signed_in()
    page = Reading((await client.get("/")).text)

    [rows] = page.tables.values()
    assert rows == [["A key that no site has", "7"]]

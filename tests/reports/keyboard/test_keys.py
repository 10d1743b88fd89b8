"""The list of keys: what stands on it works on the pages, and is a link as well."""

from reports.url.links import KEYS
from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_the_list_names_every_key_and_the_overview_has_a_link_for_each(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    keys = Reading((await client.get("/keys")).text)
    page = Reading((await client.get(f"/sites/{garden.site.key}")).text)
    linked = {given["data-key"]: given["href"] for tag, given in page.tags if "data-key" in given}

    assert set(keys.figures) == {*KEYS.values(), "D", "X", "F", "?"}
    assert keys.figures["T"] == ["Today"]
    assert set(linked) == {key.lower() for key in KEYS.values()} | {"x", "?"}
    assert linked["w"].endswith("?period=7d")
    assert linked["x"].endswith("?against=none")
    assert linked["?"] == "/keys"


async def test_nobody_sees_the_list_before_signing_in(garden: Garden) -> None:
    assert (await garden.client().get("/keys")).status_code == 303

"""Staff make share links of their site, see each address once, and revoke them."""

from sqlalchemy import select

from askfirst.store.ledger.tables import share_links
from tests.reports.garden import Garden
from tests.reports.reading import Reading
from tests.reports.sharing.links import PATH, made


async def test_the_secret_is_shown_once_and_only_its_hash_and_day_of_use_are_stored(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    path = await made(garden, owner)
    before = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    await garden.client(garden.app()).get(path)
    after = (await owner.get(f"/sites/{garden.site.key}{PATH}")).text
    async with garden.deps.ledger.read() as connection:
        row = (await connection.execute(select(share_links))).one()

    secret = path.removeprefix("/share/")
    assert secret not in before
    assert "Never opened." in before
    assert "last opened: today." in Reading(after).text.lower()
    assert secret not in str(row)


async def test_a_link_of_another_site_is_not_revoked_from_this_one(garden: Garden) -> None:
    owner = await garden.signed_in()
    path = await made(garden, owner)
    garden.site, garden.other = garden.other, garden.site
    await garden.post(owner, f"{PATH}/revoke", id="1")

    assert (await garden.client(garden.app()).get(path)).status_code == 200


async def test_nothing_is_made_or_revoked_without_the_sessions_secret(garden: Garden) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}{PATH}"
    for where in (path, f"{path}/revoke"):
        forged = await client.post(where, data={"name": "x", "id": "1", "csrf": "x"})
        assert forged.status_code == 403

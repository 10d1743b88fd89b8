"""A share link that opens nothing says so, and nothing about the site."""

from sqlalchemy import update

from askfirst.store.ledger.tables import share_links
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from reports.saved.segments import written
from tests.reports.garden import SAME_ORIGIN, Garden
from tests.reports.reading import Reading
from tests.reports.sharing.links import PATH, made


async def test_a_link_whose_conditions_the_policy_no_longer_covers_shows_nothing(
    garden: Garden,
) -> None:
    owner = await garden.signed_in()
    await garden.post(owner, "/segments/keep?where=country,is,DE", name="Ours")
    path = await made(garden, owner, segment="1")
    content = garden.deps.book.policy(garden.site).content
    purposes = [
        {**one, "columns": [name for name in one["columns"] if name != "country"]}
        for one in content["purposes"]
    ]
    await garden.deps.book.publish(garden.site, {**content, "purposes": purposes}, asks_again=False)
    await garden.deps.book.refresh()
    answer = await garden.client(garden.app()).get(path)

    assert answer.status_code == 410
    assert "no longer covers" in answer.text
    assert "no longer covers these" in (await owner.get(f"/sites/{garden.site.key}{PATH}")).text


async def test_law_9_a_kept_link_about_an_address_shows_nothing(garden: Garden) -> None:
    owner = await garden.signed_in()
    path = await made(garden, owner)
    about = written(Segment((Condition("ip", "is", ("192.0.2.7",)),)))
    async with garden.deps.ledger.write() as connection:
        await connection.execute(update(share_links).values(conditions=about))
    answer = await garden.client(garden.app()).get(path)

    assert answer.status_code == 410
    assert "no longer covers" in answer.text
    assert "no longer covers these" in (await owner.get(f"/sites/{garden.site.key}{PATH}")).text


async def test_a_revoked_and_an_expired_link_say_that_they_are_gone(garden: Garden) -> None:
    app = garden.app()
    owner, stranger = await garden.signed_in(app), garden.client(app)
    revoked, expired = await made(garden, owner), await made(garden, owner, until="2026-01-01")
    opened = await stranger.get(expired)
    await garden.post(owner, f"{PATH}/revoke", id="1")
    garden.clock.move(minutes=11 * 60)
    listed = Reading((await owner.get(f"/sites/{garden.site.key}{PATH}")).text)

    assert opened.status_code == 200
    for path in (revoked, expired):
        answer = await stranger.get(path)
        assert answer.status_code == 410
        assert "does not open anything any more" in answer.text
        assert "Garden" not in answer.text
        assert (await stranger.post(path, headers=SAME_ORIGIN)).status_code == 410
    assert "There is no link yet." in listed.text

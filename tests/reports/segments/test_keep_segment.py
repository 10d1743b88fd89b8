"""The filters of a report are kept as a segment, by a name of the site's own."""

from urllib.parse import urlsplit

from reports.saved.segments import SavedSegments
from tests.reports.filters.test_filters import some_visits
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading

GERMANY = "?where=country%2Cis%2CDE&period=7d"
PATH = "/segments"


async def test_the_filters_of_a_report_are_kept_and_chosen_again_on_another(garden: Garden) -> None:
    some_visits(garden)
    garden.store()
    client = await garden.signed_in()
    kept = await garden.post(client, f"{PATH}/keep{GERMANY}", name="  From  Germany ")
    overview = Reading((await client.get(kept.headers["location"])).text)
    plain = Reading((await client.get(f"/sites/{garden.site.key}?period=7d&show=pages")).text)
    chosen = Reading((await client.get(plain.links["From Germany"])).text)
    listed = Reading((await client.get(f"/sites/{garden.site.key}{PATH}")).text)

    assert overview.figures["Visitors"][0] == "2"
    assert [row[:2] for row in chosen.tables["Pages"]] == [["/b", "2"], ["/a", "1"]]
    assert "Country is Germany" in listed.text
    assert f"Changed by {EMAIL}" in listed.text
    assert await garden.acts() == [("segment_kept", EMAIL, garden.site.key)]


async def test_a_name_is_short_readable_and_nobody_elses(garden: Garden) -> None:
    client = await garden.signed_in()
    await garden.post(client, f"{PATH}/keep{GERMANY}", name="taken")
    for name in ("", "x" * 65, "a\u202eb", "TAKEN"):
        answer = await garden.post(client, f"{PATH}/keep{GERMANY}", name=name)
        assert answer.status_code == 422

    assert len(await SavedSegments(garden.deps.ledger, garden.clock).of(garden.site.id)) == 1


async def test_nothing_is_kept_without_filters_or_the_sessions_secret(garden: Garden) -> None:
    client = await garden.signed_in()
    empty = await client.get(f"/sites/{garden.site.key}{PATH}/keep")
    await garden.post(client, f"{PATH}/keep", name="x")
    forged = await client.post(
        f"/sites/{garden.site.key}{PATH}/keep{GERMANY}", data={"name": "x", "csrf": "x"}
    )

    assert urlsplit(empty.headers["location"]).path.endswith(PATH)
    assert forged.status_code == 403
    assert await SavedSegments(garden.deps.ledger, garden.clock).of(garden.site.id) == ()

"""Segments are kept by name from the filters of a report, and serve every report of the site."""

from urllib.parse import urlsplit

from askfirst.store.warehouse.filters.conditions import Condition, Segment
from reports.saved.segments import MOST_SEGMENTS, SavedSegments, read, written
from tests.reports.filters.test_filters import some_visits
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading

GERMANY = "?where=country%2Cis%2CDE&period=7d"
PATH = "/segments"


def test_what_is_written_is_read_again() -> None:
    some = Segment(
        (Condition("path", "one_of", ("/a;,%", "")), Condition("os", "is_not", ("x",))), "events"
    )
    assert read(written(some)) == some


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


async def test_a_segment_is_renamed_replaced_and_deleted(garden: Garden) -> None:
    client = await garden.signed_in()
    await garden.post(client, f"{PATH}/keep{GERMANY}", name="A")
    await garden.post(client, f"{PATH}/rename", id="1", name="B")
    await garden.post(client, f"{PATH}/keep?where=country,is,FR", name="", replaces="1")
    [one] = await SavedSegments(garden.deps.ledger, garden.clock).of(garden.site.id)
    gone = await garden.post(client, f"{PATH}/delete", id="1")
    page = await client.get(gone.headers["location"])

    assert (one.name, one.segment.conditions) == ("B", (Condition("country", "is", ("FR",)),))
    assert "The segment is deleted." in page.text
    assert "No segment yet." in page.text
    assert [act for act, *_ in await garden.acts()] == [*["segment_kept"] * 3, "segment_deleted"]


async def test_a_name_is_short_readable_and_nobody_elses(garden: Garden) -> None:
    client = await garden.signed_in()
    await garden.post(client, f"{PATH}/keep{GERMANY}", name="taken")
    for name in ("", "x" * 65, "a\u202eb", "TAKEN"):
        answer = await garden.post(client, f"{PATH}/keep{GERMANY}", name=name)
        assert answer.status_code == 422

    assert len(await SavedSegments(garden.deps.ledger, garden.clock).of(garden.site.id)) == 1


async def test_a_site_has_a_hundred_segments_and_none_of_another(garden: Garden) -> None:
    segments = SavedSegments(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        for number in range(MOST_SEGMENTS):
            await segments.keep(connection, garden.site.id, (str(number), Segment()), EMAIL)
        full = await segments.keep(connection, garden.site.id, ("one more", Segment()), EMAIL)
        other = await segments.keep(connection, garden.other.id, ("0", Segment()), EMAIL)
        foreign = await segments.keep(connection, garden.other.id, ("x", Segment()), EMAIL, 1)
        assert not await segments.remove(connection, garden.other.id, 1)

    assert full == "A site has at most 100 segments. Delete one first."
    assert other == ""
    assert foreign == "This segment is gone meanwhile."


async def test_a_segment_whose_column_the_policy_no_longer_covers_says_so(garden: Garden) -> None:
    client = await garden.signed_in()
    await garden.post(client, f"{PATH}/keep{GERMANY}", name="From Germany")
    content = garden.deps.book.policy(garden.site).content
    purposes = [
        {**one, "columns": [name for name in one["columns"] if name != "country"]}
        for one in content["purposes"]
    ]
    await garden.deps.book.publish(garden.site, {**content, "purposes": purposes}, asks_again=False)
    await garden.deps.book.refresh()
    overview = Reading((await client.get(f"/sites/{garden.site.key}")).text)
    listed = Reading((await client.get(f"/sites/{garden.site.key}{PATH}")).text)

    assert "From Germany" not in overview.links
    assert "not covered by the policy now" in overview.text
    assert "no longer covers what this segment asks for" in listed.text


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


async def test_what_is_no_segment_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()
    for number in ("", "-1", "9" * 30, "²", "7"):
        renamed = await garden.post(client, f"{PATH}/rename", id=number, name="x")
        assert renamed.status_code == 404

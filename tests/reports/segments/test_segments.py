"""Segments are kept by name from the filters of a report, and serve every report of the site."""

from askfirst.store.warehouse.filters.conditions import Condition, Segment
from reports.saved.segments import MOST_SEGMENTS, SavedSegments, read, written
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading

GERMANY = "?where=country%2Cis%2CDE&period=7d"
PATH = "/segments"


def test_what_is_written_is_read_again() -> None:
    some = Segment(
        (Condition("path", "one_of", ("/a;,%", "")), Condition("os", "is_not", ("x",))), "events"
    )
    assert read(written(some)) == some


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
    assert "no longer covers what this segment asks for" in overview.text
    assert "no longer covers what this segment asks for" in listed.text


async def test_law_9_a_kept_segment_about_an_address_is_read_by_nobody(garden: Garden) -> None:
    segment = Segment((Condition("ip", "is", ("192.0.2.7",)),))
    segments = SavedSegments(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        await segments.keep(connection, garden.site.id, ("One person", segment), EMAIL)
    client = await garden.signed_in()
    site = f"/sites/{garden.site.key}"
    overview = Reading((await client.get(site)).text)
    listed = Reading((await client.get(f"{site}{PATH}")).text)
    asked = await client.get(f"{site}?where=ip,is,192.0.2.7")

    assert "One person" not in overview.links
    assert "no longer covers what this segment asks for" in overview.text
    assert "no longer covers what this segment asks for" in listed.text
    assert asked.status_code == 400
    assert "never about addresses" in asked.text


async def test_what_is_no_segment_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()
    for number in ("", "-1", "9" * 30, "²", "7"):
        renamed = await garden.post(client, f"{PATH}/rename", id=number, name="x")
        assert renamed.status_code == 404

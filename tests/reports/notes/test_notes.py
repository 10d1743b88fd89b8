"""Notes stand on the chart of the overview, are changed and deleted, and are never HTML."""

from reports.saved.notes import MOST_NOTES, Notes
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading

PATH = "/notes"
DAY = "2026-01-01"


async def overview(garden: Garden, query: str = "?period=30d") -> Reading:
    return await garden.overview(query)


async def test_a_note_stands_on_the_chart_and_in_words_below_it(garden: Garden) -> None:
    client = await garden.signed_in()
    put = await garden.post(client, f"{PATH}?period=7d", day=DAY, words=" <b>Newsletter</b>\n 41 ")
    there = await overview(garden, "?period=custom&from=2026-01-01&to=2026-01-03")
    elsewhere = await overview(garden, "?period=custom&from=2025-01-01&to=2025-01-03")

    assert put.headers["location"] == f"/sites/{garden.site.key}?period=7d#notes"
    assert "Thu 1 Jan: <b>Newsletter</b> 41" in " ".join(there.text.split())
    assert "<b>Newsletter" not in there.html
    assert there.html.count('<g class="pin">') == 1
    assert '<g class="pin">' not in elsewhere.html
    assert await garden.acts() == [("note_kept", EMAIL, garden.site.key)]


async def test_a_note_is_changed_and_deleted(garden: Garden) -> None:
    client = await garden.signed_in()
    await garden.post(client, PATH, day=DAY, words="One")
    form = Reading((await client.get(f"/sites/{garden.site.key}{PATH}?change=1")).text)
    await garden.post(client, PATH, id="1", day="2026-01-02", words="Two")
    notes = Notes(garden.deps.ledger, garden.clock)
    [one] = await notes.of(garden.site.id)
    await garden.post(client, f"{PATH}/delete", id="1")

    assert (form.fields["day"], form.fields["words"], form.fields["id"]) == (DAY, "One", "1")
    assert (str(one.day), one.words, one.changed_by) == ("2026-01-02", "Two", EMAIL)
    assert await notes.of(garden.site.id) == ()
    assert [act for act, *_ in await garden.acts()] == ["note_kept", "note_kept", "note_deleted"]


WRONG = (
    (DAY, " "),
    (DAY, "x" * 201),
    (DAY, "a\u202eb"),
    ("", "x"),
    ("2026-02-30", "x"),
    ("20260101", "x"),
    ("1999-12-31", "x"),
    ("9999-12-31", "x"),
)


async def test_a_note_needs_a_day_that_exists_and_a_few_words(garden: Garden) -> None:
    client = await garden.signed_in()
    answers = [await garden.post(client, PATH, day=day, words=words) for day, words in WRONG]

    assert [answer.status_code for answer in answers] == [422] * len(WRONG)
    assert await Notes(garden.deps.ledger, garden.clock).of(garden.site.id) == ()


async def test_a_site_has_a_thousand_notes_and_changes_none_of_another(garden: Garden) -> None:
    notes, client = Notes(garden.deps.ledger, garden.clock), await garden.signed_in()
    await garden.post(client, PATH, day=DAY, words="mine")
    [mine] = await notes.of(garden.site.id)
    async with garden.deps.ledger.write() as connection:
        for _ in range(MOST_NOTES):
            assert await notes.put(connection, garden.other.id, (mine.day, "x"), EMAIL)
        assert not await notes.put(connection, garden.other.id, (mine.day, "x"), EMAIL)
        assert not await notes.put(connection, garden.other.id, (mine.day, "x"), EMAIL, mine.id)
        assert not await notes.remove(connection, garden.other.id, mine.id)
    assert await notes.of(garden.site.id) == (mine,)


async def test_nothing_is_written_without_the_sessions_secret(garden: Garden) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}{PATH}"
    forged = await client.post(path, data={"day": DAY, "words": "x", "csrf": "x"})
    stranger = await garden.client().post(path, data={"day": DAY, "words": "x"})

    assert forged.status_code == 403
    assert stranger.headers["location"].startswith("/sign-in")

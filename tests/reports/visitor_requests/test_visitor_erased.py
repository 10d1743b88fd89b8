"""An erasure reaches every table, is counted once, and ends in a receipt."""

from sqlalchemy import select

from askfirst.store.ledger.tables import choice_counts, consent_records, erasures
from tests.reports.garden import ANNA, BERT, EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import anna, found


async def test_law_6_staff_erases_a_visitor_everywhere_and_gets_the_receipt(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    [number] = Reading(answer.text).figures["Number of the erasure"]

    assert answer.status_code == 200
    assert ANNA not in answer.text
    assert not any((await garden.deps.personal_data.rows(garden.site.id, ANNA)).values())
    assert any((await garden.deps.personal_data.rows(garden.site.id, BERT)).values())
    async with garden.deps.ledger.read() as connection:
        [receipt] = (await connection.execute(select(erasures))).mappings()
        states = (await connection.execute(select(consent_records.c.state))).scalars().all()
    assert receipt["receipt_id"] == number
    assert states == ["given", "given", "withdrawn"]
    assert await garden.acts() == [("visitor_erased", EMAIL, garden.site.key)]
    assert "An erasure" in (await found(garden, number, client)).text


async def test_law_8_a_yes_that_staffs_erasure_ends_is_counted_as_withdrawn_once(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    for _ in range(2):
        await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    await garden.deps.counts.flush()
    async with garden.deps.ledger.read() as connection:
        counted = (await connection.execute(select(choice_counts))).mappings().all()

    day = "2026-01-01"
    assert await garden.deps.tallies.read(garden.site.id, day, day) == {"withdrawal": 1}
    assert [(row["kind"], row["version"], row["count"]) for row in counted] == [("withdrawn", 1, 1)]


async def test_pressing_twice_is_told_that_it_is_done(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    for status in (200, 404):
        answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
        assert answer.status_code == status
    assert len(await garden.acts()) == 1


async def test_an_erasure_that_was_interrupted_can_be_asked_for_again(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    full = "CREATE TRIGGER full BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'full'); END"
    async with garden.deps.ledger.write() as connection:
        await connection.exec_driver_sql(full)
    broken = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    async with garden.deps.ledger.write() as connection:
        await connection.exec_driver_sql("DROP TRIGGER full")
    again = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")

    assert broken.status_code == 503
    assert broken.json()["error"]["code"] == "unavailable"
    assert again.status_code == 200
    assert not any((await garden.deps.personal_data.rows(garden.site.id, ANNA)).values())

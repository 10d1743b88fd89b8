"""Shipping: each event exactly once, with its visit, and none after a withdrawal."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.warehouse.warehouse import Warehouse
from collector.enrichment.enrich import Enricher
from collector.journal.journal import Journal
from collector.ship import Shipper
from tests.factories import NOON, StoppedClock, a_site, an_entry

SILENCE = 30 * 60_000


class Yard:
    """A journal and a warehouse with a shipper between them; `restart` makes a new shipper."""

    def __init__(self, journal: Journal, warehouse: Warehouse, withdrawn: Withdrawn) -> None:
        self.journal, self.warehouse, self.withdrawn = journal, warehouse, withdrawn
        self.clock = StoppedClock()
        self.tallied: Counter[tuple[int, str]] = Counter()
        self.restart()

    def restart(self) -> None:
        enricher = Enricher({1: a_site(), 2: a_site(id=2)}.get)
        self.shipper = Shipper(
            self.journal, self.warehouse, enricher, self.withdrawn, SILENCE, self.tally
        )

    def tally(self, site_id: int, reason: str, count: int, _day: int) -> None:
        self.tallied[site_id, str(reason)] += count

    def rows(self) -> list[dict[str, Any]]:
        return self.warehouse.events().to_dict("records")


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
    journal = await Journal.open(tmp_path / "journal.db")
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    yield Yard(journal, warehouse, Withdrawn(ledger))
    await journal.close()
    warehouse.close()
    await ledger.close()


async def test_law_3_each_row_names_its_consent(yard: Yard):
    await yard.journal.append([an_entry(consent_id="d" * 32)], NOON)
    await yard.shipper.ship_all()

    assert [row["consent_id"] for row in yard.rows()] == ["d" * 32]


async def test_law_7_a_crash_between_warehouse_and_journal_doubles_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    await yard.journal.append([an_entry(), an_entry()], NOON)

    async def crash(*_seqs: int) -> None:
        raise OSError("the power went off")

    monkeypatch.setattr(yard.journal, "trim", crash)
    with pytest.raises(OSError, match="power"):
        await yard.shipper.ship()
    monkeypatch.undo()
    yard.restart()
    await yard.shipper.ship_all()
    await yard.shipper.ship_all()

    assert len(yard.rows()) == 2
    assert await yard.journal._read("SELECT 1 FROM waiting") == []


async def test_law_7_a_warehouse_that_fails_loses_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    await yard.journal.append([an_entry()], NOON)

    def fail(*_batch: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(yard.warehouse, "append", fail)
    with pytest.raises(OSError, match="space"):
        await yard.shipper.ship()
    monkeypatch.undo()
    await yard.journal.append([an_entry()], NOON)
    await yard.shipper.ship_all()

    assert len(yard.rows()) == 2


async def test_law_7_a_resend_after_shipping_is_not_shipped_again_and_leaves_the_journal(
    yard: Yard,
):
    entry, other = an_entry(), an_entry()
    for sent in ([entry], [entry, entry], [other, entry]):
        await yard.journal.append(sent, NOON)
        await yard.shipper.ship_all()

    assert {row["event_id"] for row in yard.rows()} == {entry.event_id, other.event_id}
    assert len(yard.rows()) == 2
    assert await yard.journal._read("SELECT 1 FROM waiting") == []


async def test_law_5_what_happened_after_a_withdrawal_is_dropped(yard: Yard):
    with yard.withdrawn.marked_before_commit(yard.clock) as tell:
        tell(["c" * 32])
    before, after = an_entry(happened_at=NOON - 1), an_entry(happened_at=NOON)
    await yard.journal.append([before, after], NOON)
    await yard.shipper.ship_all()

    assert [row["event_id"] for row in yard.rows()] == [before.event_id]
    assert await yard.journal.waiting(0, 10) is None


async def overtaken(yard: Yard) -> list[Any]:
    """Journal events of two sites, of which three happened after their consent was withdrawn."""
    with yard.withdrawn.marked_before_commit(yard.clock) as tell:
        tell(["c" * 32])
    late = [an_entry(), an_entry(), an_entry(site_id=2), an_entry(happened_at=NOON - 1)]
    other = an_entry(consent_id="d" * 32)
    await yard.journal.append([*late, other], NOON)
    return late


DROPPED = {(1, "withdrawn"): 2, (2, "withdrawn"): 1}


async def test_law_8_what_a_withdrawal_overtook_is_tallied_once_for_its_site(yard: Yard):
    entries = await overtaken(yard)
    await yard.shipper.ship_all()
    await yard.shipper.ship_all()
    yard.restart()
    await yard.journal.append(entries, NOON)  # all of it is sent again
    await yard.shipper.ship_all()

    assert len(yard.rows()) == 2
    assert yard.tallied == Counter(DROPPED)


async def test_law_8_a_batch_of_nothing_but_what_was_overtaken_is_tallied_and_passed(yard: Yard):
    with yard.withdrawn.marked_before_commit(yard.clock) as tell:
        tell(["c" * 32])
    await yard.journal.append([an_entry()], NOON)
    await yard.shipper.ship_all()

    assert yard.rows() == []
    assert yard.tallied == {(1, "withdrawn"): 1}
    assert await yard.journal.waiting(0, 10) is None


async def test_law_8_what_was_overtaken_is_tallied_once_though_the_warehouse_failed_before(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    await overtaken(yard)

    def fail(*_batch: object) -> None:
        raise OSError("The disk is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(yard.warehouse, "append", fail)
        for _ in range(3):
            with pytest.raises(OSError, match="The disk is gone"):
                await yard.shipper.ship()
        assert yard.tallied == {}
    await yard.shipper.ship_all()

    assert yard.tallied == DROPPED


async def test_law_8_a_crash_behind_the_watermark_tallies_what_was_overtaken_no_second_time(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    await overtaken(yard)

    async def crash(_seq: int) -> None:
        raise OSError("The disk is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(yard.journal, "trim", crash)
        with pytest.raises(OSError, match="The disk is gone"):
            await yard.shipper.ship()
    yard.restart()
    await yard.shipper.ship_all()

    assert len(yard.rows()) == 2
    assert yard.tallied == DROPPED


async def test_law_8_a_resend_that_is_shipped_once_is_no_refusal(yard: Yard):
    entry = an_entry(consent_id="d" * 32)
    for _ in range(3):
        await yard.journal.append([entry, entry], NOON)
        await yard.shipper.ship_all()

    assert len(yard.rows()) == 1
    assert yard.tallied == {}


async def test_a_visit_ends_after_half_an_hour_of_silence_even_across_a_restart(yard: Yard):
    minutes = [0, 29, 58, 88, 90]
    for minute in minutes:
        yard.clock.now = NOON + minute * 60_000
        await yard.journal.append([an_entry(happened_at=yard.clock.now)], yard.clock.now)
        await yard.shipper.ship_all()
        yard.restart()
    visits = [row["visit_id"] for row in yard.rows()]

    assert visits[0] == visits[1] == visits[2]
    assert visits[3] == visits[4] != visits[0]


async def test_a_visit_ends_24_hours_after_it_began_even_across_a_restart(yard: Yard):
    for minute in range(0, 25 * 60, 20):
        yard.clock.now = NOON + minute * 60_000
        await yard.journal.append([an_entry(happened_at=yard.clock.now)], yard.clock.now)
        await yard.shipper.ship_all()
        if minute % 240 == 0 or minute == 24 * 60 - 20:
            yard.restart()
    visits = [row["visit_id"] for row in yard.rows()]

    assert len(set(visits[: 24 * 3])) == 1
    assert len(set(visits[24 * 3 :])) == 1
    assert len(set(visits)) == 2


async def test_visits_of_different_visitors_are_different(yard: Yard):
    await yard.journal.append([an_entry(), an_entry(visitor_id="b" * 32)], NOON)
    await yard.shipper.ship_all()
    first, second = yard.rows()

    assert first["visit_id"] != second["visit_id"]


async def test_no_row_is_on_its_way_while_quiet_is_held(yard: Yard):
    await yard.journal.append([an_entry()], NOON)
    async with yard.shipper.quiet():
        assert yard.shipper._shipping.locked()

    assert await yard.shipper.ship() == 1
    assert await yard.shipper.ship() == 0


async def test_a_late_event_gets_a_visit_of_its_own_and_leaves_the_running_one_alone(yard: Yard):
    minutes = [0, -60, 2]
    entries = [an_entry(happened_at=NOON + minute * 60_000) for minute in minutes]
    await yard.journal.append(entries, NOON)
    await yard.shipper.ship_all()
    visits = {row["event_id"]: row["visit_id"] for row in yard.rows()}
    first, late, last = (visits[entry.event_id] for entry in entries)

    assert first == last != late


async def test_a_visit_goes_on_over_a_long_stop_of_the_server(yard: Yard):
    for minute in (0, 10):
        await yard.journal.append([an_entry(happened_at=NOON + minute * 60_000)], NOON)
        if minute == 0:
            await yard.shipper.ship_all()
    yard.restart()
    await yard.shipper.ship_all()

    assert len({row["visit_id"] for row in yard.rows()}) == 1

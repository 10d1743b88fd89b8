"""Erasure: its receipt and its steps; a crash between any two steps only delays it."""

from contextlib import asynccontextmanager
from functools import partial

import pytest

from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.ledger.withdrawn import Withdrawn
from askfirst.store.personal_data import PersonalData, WarehouseHolder, ledger_holders
from consent.rights.erasure import Eraser, Pauses
from consent.rights.withdrawal import count_withdrawal
from tests.world import is_in_bytes


class Crash(Exception):
    """The end of the process, as by a loss of power."""


class FailingPlace:
    """A table that cannot be reached."""

    name = "nowhere.nothing"

    async def rows(self, site_id, visitor_id):
        return []

    async def erase(self, site_id, visitor_id):
        raise Crash


@asynccontextmanager
async def stopping():
    raise Crash
    yield


def places_of(room):
    return [*ledger_holders(room.deps.ledger), WarehouseHolder(room.warehouse)]


def data_of(room, places):
    return PersonalData(places, VisitorLinks(room.deps.ledger))


def eraser_of(room, **changes):
    deps = {
        "ledger": room.deps.ledger,
        "personal_data": data_of(room, places_of(room)),
        "withdrawn": Withdrawn(room.deps.ledger),
        "clock": room.clock,
        "pauses": Pauses(room.quiet, room.quiet),
        "count": partial(count_withdrawal, room.deps.tallies, room.deps.counts),
    }
    return Eraser(**(deps | changes))


async def a_visitor(room):
    claims = room.deps.tokens.read(await room.token())
    room.visit(claims.visitor_id, claims.consent_id)
    return claims


def bytes_left(room, visitor_id):
    """Return the files of the data folder in which a visitor's id can be found."""
    files = [path for path in room.folder.iterdir() if path.is_file()]
    return [path.name for path in files if is_in_bytes(visitor_id, path.read_bytes())]


async def test_the_receipt_says_when_and_how_many_and_not_who(room):
    token = await room.token()
    claims = room.deps.tokens.read(token)
    room.visit(claims.visitor_id, claims.consent_id)
    receipt = (await room.erase(token)).json()["receipt"]
    [stored] = room.rows("erasures")
    assert receipt["receipt_id"] == stored["receipt_id"]
    assert receipt["completed_at"] == "2026-09-21T12:00:00.000Z"
    assert receipt["rows"] == 5
    assert stored["completed_at"] == room.clock()
    assert stored["visitor_id"] is None
    assert stored["bytes_gone_at"] is None
    assert claims.visitor_id not in str(stored)
    assert room.quiet.times == 1


async def test_erasing_withdraws_what_is_still_open(room):
    token = await room.token()
    await room.erase(token)
    consent_id = room.deps.tokens.read(token).consent_id
    assert consent_id in room.deps.withdrawn
    assert [row["consent_id"] for row in room.rows("withdrawals")] == [consent_id]
    assert [row["method"] for row in room.rows("consent_records")] == ["banner", "erasure"]
    assert await room.tally() == {"accepted": 1, "withdrawal": 1}


async def test_erasing_again_gives_the_same_receipt_with_no_rows(room):
    token = await room.token()
    first = (await room.erase(token)).json()["receipt"]
    room.clock.now += 60_000
    again = (await room.erase(token)).json()["receipt"]
    nothing = {"rows": 0, "places": {}, "identifiers": 0}
    nothing |= {"first_given_at": None, "last_given_at": None}
    assert again == first | nothing
    assert len(room.rows("erasures")) == 1


async def test_a_row_that_came_late_is_erased_under_the_same_receipt(room):
    token = await room.token()
    claims = room.deps.tokens.read(token)
    first = (await room.erase(token)).json()["receipt"]
    room.visit(claims.visitor_id, claims.consent_id)
    again = (await room.erase(token)).json()["receipt"]
    assert again["receipt_id"] == first["receipt_id"]
    assert again["rows"] == 2
    assert claims.visitor_id not in str(room.dump())


async def test_a_visitor_nobody_knows_gets_no_receipt_on_record(room):
    receipt = await room.deps.eraser.erase(room.site.id, "0" * 32)
    assert receipt.rows == 0
    assert room.rows("erasures") == []


async def test_no_byte_of_the_visitor_is_left_in_the_ledgers_files(room):
    others = [await a_visitor(room) for _ in range(20)]
    claims = await a_visitor(room)
    assert "ledger.db-wal" in bytes_left(room, claims.visitor_id)
    await room.deps.eraser.erase(room.site.id, claims.visitor_id)
    assert [name for name in bytes_left(room, claims.visitor_id) if "ledger" in name] == []
    room.warehouse.rewrite()
    assert bytes_left(room, claims.visitor_id) == []
    assert bytes_left(room, others[0].visitor_id) != []


CRASHES = {
    "before the first row is gone": lambda room: {"pauses": Pauses(stopping, stopping)},
    "in the first place": lambda room: {
        "personal_data": data_of(room, [FailingPlace(), *places_of(room)])
    },
    "after the withdrawals": lambda room: {
        "personal_data": data_of(room, [*places_of(room)[:2], FailingPlace(), *places_of(room)[2:]])
    },
    "after the last row is gone": lambda room: {
        "personal_data": data_of(room, [*places_of(room), FailingPlace()])
    },
}


@pytest.mark.parametrize("where", sorted(CRASHES))
async def test_a_crash_only_delays_an_erasure(room, where):
    claims, other = await a_visitor(room), await a_visitor(room)
    with pytest.raises(Crash):
        await eraser_of(room, **CRASHES[where](room)).erase(room.site.id, claims.visitor_id)
    restarted = Withdrawn(room.deps.ledger)
    assert await eraser_of(room, withdrawn=restarted).resume() == 1
    assert claims.consent_id in restarted
    assert claims.visitor_id not in str(room.dump())
    assert [row["completed_at"] for row in room.rows("erasures")] == [room.clock()]
    assert other.visitor_id in str(room.dump())
    assert other.consent_id not in restarted
    room.warehouse.rewrite()
    assert bytes_left(room, claims.visitor_id) == []


async def test_a_crash_before_the_receipt_is_written_only_delays_it(room):
    claims = await a_visitor(room)
    room.sql(
        "CREATE TRIGGER full BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    with pytest.raises(Exception, match="disk full"):
        await room.deps.eraser.erase(room.site.id, claims.visitor_id)
    assert await room.deps.tallies.read(room.site.id, "0", "9") is not None
    room.sql("DROP TRIGGER full")
    assert await eraser_of(room).resume() == 1
    assert claims.visitor_id not in str(room.dump())


async def test_a_crash_before_the_log_is_emptied_leaves_no_byte_after_the_restart(room):
    claims = await a_visitor(room)

    async def crash():
        raise Crash

    whole, room.deps.ledger.checkpoint = room.deps.ledger.checkpoint, crash
    with pytest.raises(Crash):
        await room.deps.eraser.erase(room.site.id, claims.visitor_id)
    room.deps.ledger.checkpoint = whole
    assert await eraser_of(room).resume() == 0
    assert [name for name in bytes_left(room, claims.visitor_id) if "ledger" in name] == []


async def test_an_interrupted_erasure_is_unavailable_and_done_when_asked_again(room):
    """The page is told to ask again; the withdrawal is already in force."""
    token = await room.token()
    claims = room.deps.tokens.read(token)
    room.sql(
        "CREATE TRIGGER full BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    answer = await room.erase(token)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert claims.consent_id in room.deps.withdrawn
    room.sql("DROP TRIGGER full")
    assert (await room.erase(token)).json()["choice"] == "erased"
    assert claims.visitor_id not in str(room.dump())


async def test_resuming_with_nothing_to_do_does_nothing(room):
    await room.token()
    before = room.dump()
    assert await room.deps.eraser.resume() == 0
    assert room.dump() == before

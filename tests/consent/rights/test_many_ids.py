"""An erasure of many linked ids takes few questions, and keeps nobody else's waiting."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.personal_data import PersonalData
from consent.rights import erasure
from consent.rights.erasure import Pauses
from tests.consent.proof_acts import claims
from tests.consent.rights.test_erasure import eraser_of, places_of
from tests.consent.rights.test_linked_visitors import visitor, yes


class Counted:
    """A holder that counts how often it is asked, and how often it erases."""

    def __init__(self, holder):
        self.name, self._holder = holder.name, holder
        self.asked = self.erased = 0

    async def rows(self, site_id, *visitor_ids):
        self.asked += 1
        return await self._holder.rows(site_id, *visitor_ids)

    async def erase(self, site_id, *visitor_ids):
        self.erased += 1
        return await self._holder.erase(site_id, *visitor_ids)


async def many(room, number):
    """Say yes, visit two pages and withdraw, again and again in one browser; return the ids."""
    tokens = [await yes(room)]
    while len(tokens) < number:
        await room.withdraw(tokens[-1])
        tokens.append(await yes(room, tokens[-1]))
    return [visitor(room, one) for one in tokens]


async def test_every_holder_is_asked_once_for_all_ids_of_a_browser(open_room):
    room = await open_room()
    ids = await many(room, 10)
    holders = [Counted(one) for one in places_of(room)]
    data = PersonalData(holders, VisitorLinks(room.deps.ledger))
    rows = await data.rows(room.site.id, ids[3])

    assert {one.asked for one in holders} == {1}
    assert [row["visitor_id"] for row in rows["warehouse.events"]] == [
        one for one in ids for _ in range(2)
    ]
    assert {row["visitor_id"] for row in rows["ledger.consent_records"]} == set(ids)


async def test_ids_are_erased_some_at_a_time_and_the_receipt_has_all_of_them(
    open_room, monkeypatch: pytest.MonkeyPatch
):
    room = await open_room()
    monkeypatch.setattr(erasure, "AT_ONCE", 4)
    ids = await many(room, 10)
    other = claims(room, await yes(room)).visitor_id
    eraser, before = eraser_of(room), room.quiet.times
    deleted, delete = [], room.warehouse.delete_visitor

    def noted(site_id, *visitor_ids):
        deleted.append(len(visitor_ids))
        return delete(site_id, *visitor_ids)

    monkeypatch.setattr(room.warehouse, "delete_visitor", noted)
    receipt = await eraser.erase(room.site.id, ids[0])
    stored = {row["receipt_id"]: row for row in room.rows("erasures")}

    assert deleted == [4, 4, 2]
    assert room.quiet.times - before == 3
    assert (receipt.identifiers, receipt.places["warehouse.events"]) == (10, 20)
    assert receipt.removed.events == {"page_view": 20}
    assert receipt.places["ledger.consent_records"] == 10 + 10  # the last one was still open
    assert len(stored) == 10
    assert all(row["visitor_id"] is None and row["completed_at"] for row in stored.values())
    assert set(room.warehouse.events()["visitor_id"]) == {other}
    assert (await eraser.erase(room.site.id, ids[0])).rows == 0


async def test_law_6_who_has_many_ids_keeps_no_other_erasure_waiting(
    open_room, monkeypatch: pytest.MonkeyPatch
):
    room = await open_room()
    monkeypatch.setattr(erasure, "AT_ONCE", 1)
    ids, other = await many(room, 3), claims(room, await yes(room)).visitor_id
    times = 0

    @asynccontextmanager
    async def quiet():
        nonlocal times
        times += 1
        if times == 2:  # the first id is erased, the others wait
            found.append(await asyncio.wait_for(eraser.erase(room.site.id, other), 20))
        yield

    found = []
    eraser = eraser_of(room, pauses=Pauses(quiet, quiet))
    receipt = await eraser.erase(room.site.id, ids[0])

    assert found[0].places["warehouse.events"] == 2
    assert (receipt.identifiers, receipt.places["warehouse.events"]) == (3, 6)
    assert room.warehouse.events().empty


async def test_two_erasures_of_one_browser_go_one_after_the_other(
    open_room, monkeypatch: pytest.MonkeyPatch
):
    room = await open_room()
    monkeypatch.setattr(erasure, "AT_ONCE", 1)
    ids = await many(room, 3)
    eraser = eraser_of(room)
    both = await asyncio.gather(*(eraser.erase(room.site.id, one) for one in (ids[0], ids[2])))
    again = await eraser.resume()

    assert sorted(one.places.get("warehouse.events", 0) for one in both) == [0, 6]
    assert again == 0

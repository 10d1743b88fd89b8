"""Several visitor ids of one browser are one person: an erasure by any id reaches all."""

import asyncio
import json
from itertools import pairwise

import pytest

from askfirst.clock import DAY_MS
from askfirst.store.ledger.erasure_receipts import rows_by_holder
from askfirst.store.ledger.visitor_links import earlier_ids, link, linked_ids
from tests.consent.proof_acts import claims, publish, say, whole
from tests.consent.rights.test_erasure import bytes_left, eraser_of

MONTHS_6 = 180 * DAY_MS


async def yes(room, older=None, **changes):
    """Say yes, with or without an older token, and visit two pages; return the token."""
    code, body = await say(room, **({"token": older} if older else {}), **changes)
    assert code == 200, body
    said = claims(room, body["token"])
    room.visit(said.visitor_id, said.consent_id)
    return body["token"]


def visitor(room, token):
    return claims(room, token).visitor_id


def links(room):
    rows = room.rows("visitor_links")
    return [(row["earlier_id"], row["visitor_id"]) for row in rows]


async def erased(room, token):
    answer = await room.erase(token)
    assert answer.status_code == 200, answer.text
    return answer.json()["receipt"]


async def turned(room):
    """Say yes until the visitor id changes at 13 months; return the tokens of both ids."""
    first = await yes(room)
    room.clock.now += 170 * DAY_MS
    second = await yes(room, first)
    room.clock.now += 170 * DAY_MS
    third = await yes(room, second)
    assert visitor(room, first) == visitor(room, second) != visitor(room, third)
    return first, third


async def came_back(room):
    """Say yes, withdraw, and say yes again in the tab that still has the first token."""
    first = await yes(room)
    await room.withdraw(first)
    return first, await yes(room, first)


async def asked_again(room):
    """Say yes, and say yes again to a new version long after the first yes expired."""
    first = await yes(room)
    room.clock.now += 3 * MONTHS_6
    await publish(room, asks_again=True, recipients=["A host"])
    return first, await yes(room, first)


async def only_this_visit(room):
    await publish(room, only_this_visit=True)
    first = await yes(room, once=True)
    await room.withdraw(first)
    return first, await yes(room, first, once=True)


async def passed_on_by_a_manager(room):
    await publish(room, manager="klaro")
    first = await yes(room, method="manager", manager="klaro")
    await room.withdraw(first)
    return first, await yes(room, first, method="manager", manager="klaro")


LIVES = {
    "the number's turn at 13 months": turned,
    "a yes after a withdrawal": came_back,
    "a yes that ran out before a new version": asked_again,
    "only this visit, twice": only_this_visit,
    "another manager": passed_on_by_a_manager,
}


@pytest.mark.parametrize("asked_by", [0, 1], ids=["the earlier token", "the newer token"])
@pytest.mark.parametrize("how", sorted(LIVES))
async def test_law_6_an_erasure_reaches_every_life_of_the_browser(room, how, asked_by):
    other = await yes(room)
    tokens = await LIVES[how](room)
    ids = {visitor(room, token) for token in tokens}
    records = [row for row in room.rows("consent_records") if row["visitor_id"] in ids]
    times = sorted(row["event_time"] for row in records if row["state"] != "withdrawn")
    pages = 6 if how == "the number's turn at 13 months" else 4

    receipt = await erased(room, tokens[asked_by])
    left = str(room.dump())

    assert len(ids) == 2
    assert not any(one in left for one in ids)
    assert links(room) == []
    # The erasure itself ends the yes that was still open: one record more.
    places = {
        "warehouse.events": pages,
        "ledger.consent_records": len(records) + 1,
        "ledger.receipt_codes": len(times),
    }
    empty = (
        "disclosures",
        "left_out_visitors",
        "restrictions",
        "request_acts",
        "visitor_requests",
        "account_browsers",
        "visitor_access_ends",
    )
    assert receipt["places"] == places | {f"ledger.{table}": 0 for table in empty}
    assert receipt["rows"] == sum(places.values())
    assert receipt["identifiers"] == 2
    assert receipt["first_given_at"] < receipt["last_given_at"] or times[0] == times[-1]
    stored = {row["receipt_id"]: row for row in room.rows("erasures")}
    assert receipt["receipt_id"] in stored
    assert [row["visitor_id"] for row in stored.values()] == [None, None]
    assert sum(sum(row["counts"].values()) for row in decoded(stored.values())) == receipt["rows"]
    room.warehouse.rewrite()
    assert [bytes_left(room, one) for one in ids] == [[], []]
    assert left.count(visitor(room, other)) >= 3
    assert claims(room, other).consent_id not in room.deps.withdrawn
    assert await whole(room)


@pytest.mark.parametrize("resumed", [False, True], ids=["at once", "after a crash"])
@pytest.mark.parametrize("asked_by", [0, 1], ids=["the earlier token", "the newer token"])
async def test_law_6_the_receipt_on_record_holds_all_that_the_answer_said(room, asked_by, resumed):
    tokens = await came_back(room)
    if resumed:
        room.sql(FULL)
        assert (await room.erase(tokens[asked_by])).status_code == 503
        room.sql("DROP TRIGGER full")
        await room.deps.eraser.resume()
        number = (await erased(room, tokens[asked_by]))["receipt_id"]
    else:
        number = (await erased(room, tokens[asked_by]))["receipt_id"]

    stored = {row["receipt_id"]: row["counts"] for row in decoded(room.rows("erasures"))}
    assert stored.pop(number) == {
        "warehouse.events": 4,
        "ledger.consent_records": 4,
        "ledger.receipt_codes": 2,
    }
    assert list(stored.values()) == [{}]
    assert len({row["completed_at"] for row in room.rows("erasures")}) == 1


async def test_an_interrupted_erasure_that_another_token_asks_for_is_that_ones_receipt(room):
    first, second = await came_back(room)
    room.sql(FULL)
    assert (await room.erase(first)).status_code == 503
    room.sql("DROP TRIGGER full")
    receipt = await erased(room, second)

    stored = {row["receipt_id"]: row["counts"] for row in decoded(room.rows("erasures"))}
    assert sum(stored.pop(receipt["receipt_id"]).values()) == receipt["rows"] == 10
    assert list(stored.values()) == [{}]


FULL = "CREATE TRIGGER full BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'full'); END"


def decoded(rows):
    return [{**row, "counts": rows_by_holder(json.loads(row["counts"]))} for row in rows]


async def test_law_6_a_stored_receipt_does_not_join_the_records_of_one_person_again(room):
    """Times, and which ids were linked, stand in the answer and are stored nowhere."""
    _, token = await turned(room)
    receipt = await erased(room, token)
    for row in decoded(room.rows("erasures")):
        assert set(row["counts"]) <= {
            "warehouse.events",
            "ledger.consent_records",
            "ledger.receipt_codes",
        }
    assert receipt["first_given_at"] == "2026-09-21T12:00:00.000Z"
    assert receipt["last_given_at"] == "2027-08-27T12:00:00.000Z"


async def test_three_lives_are_one_person_and_the_middle_token_reaches_all(room):
    first, second = await came_back(room)
    await room.withdraw(second)
    third = await yes(room, second)
    ids = [visitor(room, token) for token in (first, second, third)]
    assert links(room) == [(ids[0], ids[1]), (ids[1], ids[2])]
    assert (await erased(room, second))["identifiers"] == 3
    assert not any(one in str(room.dump()) for one in ids)


async def test_an_erasure_by_an_earlier_token_ends_the_newer_yes_of_the_same_browser(room):
    first, second = await came_back(room)
    await erased(room, first)
    assert claims(room, second).consent_id in room.deps.withdrawn


@pytest.mark.parametrize("asked_by", [0, 1], ids=["the earlier token", "the newer token"])
async def test_law_8_a_yes_that_an_erasure_ends_is_counted_once(room, asked_by):
    tokens = await came_back(room)
    for _ in range(2):
        await erased(room, tokens[asked_by])

    assert await room.tally() == {"accepted": 2, "withdrawal": 2}
    await room.deps.counts.flush()
    counted = [row["count"] for row in room.rows("choice_counts") if row["kind"] == "withdrawn"]
    assert sum(counted) == 2


async def test_law_8_a_yes_that_an_interrupted_erasure_ended_is_counted_once(room):
    token = await yes(room)
    room.sql(FULL)
    await room.deps.eraser.erase(room.site.id, "0" * 32)
    with pytest.raises(Exception, match="full"):
        await room.deps.eraser.erase(room.site.id, visitor(room, token))
    room.sql("DROP TRIGGER full")
    await room.deps.eraser.resume()
    await erased(room, token)

    assert await room.tally() == {"accepted": 1, "withdrawal": 1}


async def test_an_id_that_was_erased_is_never_followed(room):
    first = await yes(room)
    await erased(room, first)
    second = await yes(room, first)
    assert links(room) == []
    assert visitor(room, first) != visitor(room, second)
    assert (await erased(room, second))["identifiers"] == 1


async def test_an_id_whose_erasure_is_under_way_is_not_followed(room):
    first = await yes(room)
    room.sql(
        "CREATE TRIGGER full BEFORE UPDATE ON erasures BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    assert (await room.erase(first)).status_code == 503
    await yes(room, first)
    room.sql("DROP TRIGGER full")
    await eraser_of(room).resume()
    assert links(room) == []
    assert visitor(room, first) not in str(room.dump())


@pytest.mark.parametrize("what", ["forged", "truncated", "of another site", "none"])
async def test_a_token_that_proves_nothing_links_nobody(room, what):
    first = await yes(room)
    await room.withdraw(first)
    content = room.deps.book.policy(room.site).content
    texts = {"en": await room.deps.book.texts(room.deps.book.policy(room.site), "en")}
    site = await room.deps.book.add("Other", ["other.example"], "UTC", {**content, "texts": texts})
    said = claims(room, first)
    foreign = room.deps.tokens.sign(type(said)(**(fields_of(said) | {"site_id": site.id})))
    older = {"forged": f"x{first}", "truncated": first[:-1], "of another site": foreign}
    second = await yes(room, older.get(what))
    assert links(room) == []
    await erased(room, second)
    assert visitor(room, first) in str(room.dump())


def fields_of(said):
    return {name: getattr(said, name) for name in said.__struct_fields__}


async def test_a_yes_of_a_tab_that_still_knows_the_withdrawn_one_renews_the_others(room):
    """Two tabs may have the withdrawn token, one a duplicate: one yes stays open."""
    first = await yes(room)
    await room.withdraw(first)
    answers = await asyncio.gather(*(say(room, token=first) for _ in range(3)))
    tokens = [body["token"] for _, body in answers]
    still_open = [t for t in tokens if claims(room, t).consent_id not in room.deps.withdrawn]
    assert len({visitor(room, token) for token in tokens}) == 1
    assert len(links(room)) == len(still_open) == 1
    assert await whole(room)


async def test_two_tabs_that_answer_at_the_turn_of_the_number_leave_one_open_yes(room):
    first = await yes(room)
    room.clock.now += 300 * DAY_MS
    answers = await asyncio.gather(*(say(room, token=first) for _ in range(2)))
    tokens = [body["token"] for _, body in answers]
    still_open = [t for t in tokens if claims(room, t).consent_id not in room.deps.withdrawn]
    assert len({visitor(room, token) for token in tokens}) == 1
    assert visitor(room, first) != visitor(room, tokens[0])
    assert len(links(room)) == len(still_open) == 1


async def test_a_withdrawal_told_late_ends_no_newer_yes_of_the_same_browser(room):
    first, second = await came_back(room)
    await room.withdraw(first)
    assert claims(room, second).consent_id not in room.deps.withdrawn


async def test_a_refusal_and_a_withdrawal_link_nobody(room):
    first = await yes(room)
    await room.withdraw(first)
    await room.refuse()
    assert room.rows("visitor_links") == []


async def test_erasing_one_id_alone_leaves_the_others_and_their_yes(room):
    first, second = await came_back(room)
    ids = [visitor(room, token) for token in (first, second)]
    await room.deps.eraser.erase_alone(room.site.id, ids[:1])
    left = str(room.dump())
    assert ids[0] not in left
    assert ids[1] in left
    assert links(room) == []
    assert claims(room, second).consent_id not in room.deps.withdrawn
    assert len(room.rows("erasures")) == 1
    await room.deps.eraser.erase_alone(room.site.id, ids[:1])
    assert (await erased(room, second))["identifiers"] == 1


async def test_a_yes_that_no_browser_keeps_is_dropped_alone(room):
    """Of two tabs that answer at once, one yes ends; what was recorded before stays."""
    first, second = await came_back(room)
    body = {"site": room.site.key, "token": second, "alone": True}
    receipt = (await room.post("/consent/erase", body)).json()["receipt"]
    assert (receipt["identifiers"], receipt["rows"]) == (1, 5)
    assert claims(room, second).consent_id in room.deps.withdrawn
    left = str(room.dump())
    assert visitor(room, second) not in left
    assert visitor(room, first) in left


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_when_one_id_ends_alone_the_others_stay_one_person(room, gone):
    tokens = [await yes(room)]
    for _ in range(3):
        await room.withdraw(tokens[-1])
        tokens.append(await yes(room, tokens[-1]))
    ids = [visitor(room, token) for token in tokens]
    await room.deps.eraser.erase_alone(room.site.id, [ids[gone]])
    assert not any(ids[gone] in pair for pair in links(room))
    assert (await erased(room, tokens[3]))["identifiers"] == 3
    assert not any(one in str(room.dump()) for one in ids)


async def test_two_ids_that_follow_one_stay_one_person_when_that_one_ends(room):
    """A duplicated tab may have the token of an older withdrawn yes."""
    first = await yes(room)
    await room.withdraw(first)
    second = await yes(room, first)
    await room.withdraw(second)
    third = await yes(room, first)
    ids = [visitor(room, token) for token in (first, second, third)]
    assert links(room) == [(ids[0], ids[1]), (ids[0], ids[2])]
    await room.deps.eraser.erase_alone(room.site.id, ids[:1])
    assert links(room) == [(ids[1], ids[2])]
    assert (await erased(room, third))["identifiers"] == 2


async def test_law_5_the_gate_knows_a_withdrawal_while_others_write_to_the_ledger(room):
    token = await yes(room)
    withdrawn, consent = room.deps.withdrawn, claims(room, token).consent_id
    async with room.deps.ledger.write():
        leaving = asyncio.create_task(room.withdraw(token))
        for _ in range(1000):
            if consent in withdrawn:
                break
            await asyncio.sleep(0)
        known = consent in withdrawn
    (await leaving).raise_for_status()

    assert known
    assert withdrawn.since(consent) == room.clock.now


async def test_a_browser_that_says_yes_and_withdraws_without_end_is_turned_away(room, monkeypatch):
    monkeypatch.setattr("consent.choice.granting.MOST_LINKED", 3)
    token = await yes(room)
    for _ in range(2):
        await room.withdraw(token)
        token = await yes(room, token)
    await room.withdraw(token)
    code, body = await say(room, token=token)
    records = len(room.rows("consent_records"))
    receipt = await erased(room, token)

    assert (code, body["error"]["code"]) == (429, "too_fast")
    assert records == 6
    assert receipt["identifiers"] == 3


async def test_a_long_line_of_ids_is_read_in_its_order(room):
    ids = [f"{number:032x}" for number in range(300)]
    async with room.deps.ledger.write() as connection:
        for earlier, later in pairwise(ids):
            await link(connection, room.site.id, later, earlier, 5)
        found = [await linked_ids(connection, room.site.id, one) for one in ids[::100]]
        earlier = await earlier_ids(connection, room.site.id, ids[299])
        alone = await linked_ids(connection, room.site.id + 1, ids[0])

    assert found == [ids, ids, ids]
    assert earlier == ids[:-1]
    assert alone == ids[:1]


async def test_a_circle_in_a_damaged_ledger_ends(room):
    async with room.deps.ledger.write() as connection:
        for earlier, later in ("ab", "bc", "ca"):
            await link(connection, room.site.id, later * 32, earlier * 32, 5)
        found = await linked_ids(connection, room.site.id, "a" * 32)

    assert sorted(found) == ["a" * 32, "b" * 32, "c" * 32]

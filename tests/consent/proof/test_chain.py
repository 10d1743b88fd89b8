"""The chain of consent records: what it seals, detects and survives."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from consent.proof.chain import walk
from consent.proof.records import SEALED, ConsentRequest, append, new_record, record_consents

WRONG = {
    "text": st.text(st.characters(codec="ascii", exclude_characters="'\x00"), max_size=40),
    "number": st.integers(-(2**53), 2**53),
    "list": st.lists(st.text(st.characters(codec="ascii", exclude_characters="'\x00"))),
    "facts": st.dictionaries(st.sampled_from(["gpc", "dnt"]), st.booleans()),
}
KINDS = dict.fromkeys((*SEALED, "previous_hash", "hash", "visitor_id", "nonce"), "text")
KINDS |= dict.fromkeys(("event_time", "valid_until", "policy_version"), "number")
KINDS |= {"purposes": "list", "signals": "facts"}
del KINDS["site_id"]  # a foreign key: tried by itself below


def answer_of(room, **changes):
    facts = {
        "site_id": room.site.id,
        "policy_version": 1,
        "notice_hash": room.shown["hash"],
        "purposes": ("statistics",),
        "language": "en",
        "method": "banner",
        "gpc": False,
        "choice_days": 180,
    }
    return ConsentRequest(**(facts | changes))


async def chain_of(room):
    async with room.deps.ledger.read() as connection:
        fault = (await walk(connection)).fault
    return fault.seq if fault else None


async def test_an_empty_chain_is_whole(room):
    assert await chain_of(room) is None


async def test_consents_and_withdrawals_make_one_whole_chain(room):
    tokens = [await room.token() for _ in range(3)]
    await room.withdraw(tokens[1])
    await room.erase(tokens[0])
    records = room.rows("consent_records")
    assert [record["state"] for record in records] == ["given"] * 3 + ["withdrawn"] * 2
    assert await chain_of(room) is None
    for before, after in itertools.pairwise(records):
        assert after["previous_hash"] == before["hash"]


async def test_appending_returns_the_stored_records_and_leaves_the_given_ones(room):
    given_ones = [new_record(answer_of(room), room.clock()) for _ in range(2)]
    before = [dict(record) for record in given_ones]
    async with room.deps.ledger.write() as connection:
        stored = await append(connection, given_ones)

    assert given_ones == before
    assert [one["record_id"] for one in stored] == [
        row["record_id"] for row in room.rows("consent_records")
    ]
    assert await chain_of(room) is None


async def test_many_consents_are_given_in_one_transaction_with_their_own_times(room):
    times = [room.clock() - DAY_MS * day for day in range(5)]
    recorded = await record_consents(room.deps.ledger, answer_of(room), times)
    records = room.rows("consent_records")
    assert [record["event_time"] for record in records] == times
    assert [one.claims.given_at for one in recorded] == times
    assert [one.claims.consent_id for one in recorded] == [row["consent_id"] for row in records]
    assert len({one.claims.visitor_id for one in recorded}) == 5
    assert await chain_of(room) is None


async def test_erasing_a_visitor_leaves_the_chain_whole(room):
    tokens = [await room.token() for _ in range(3)]
    sealed = [{name: row[name] for name in SEALED} for row in room.rows("consent_records")]
    await room.erase(tokens[1])
    records = room.rows("consent_records")
    assert [{name: row[name] for name in SEALED} for row in records[:3]] == sealed
    assert records[1]["visitor_id"] is None
    assert records[1]["nonce"] is None
    assert await chain_of(room) is None


@pytest.mark.parametrize("field", sorted(KINDS))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_a_change_to_any_sealed_field_is_found(room, field, data):
    """Whatever is written over a field of a record, the chain names that record."""
    recorded = await record_consents(room.deps.ledger, answer_of(room), [room.clock()] * 3)
    seq = room.rows("consent_records")[-2]["seq"]
    [stored] = [row[field] for row in room.rows("consent_records") if row["seq"] == seq]
    wrong = data.draw(WRONG[KINDS[field]])
    written = json.dumps(wrong) if isinstance(wrong, list | dict) else wrong
    if written == stored or (field == "policy_version" and wrong == stored):
        return
    value = f"'{written}'" if isinstance(written, str) else written
    room.sql(f"UPDATE consent_records SET {field} = {value} WHERE seq = {seq}")
    assert await chain_of(room) == seq
    quoted = f"'{stored}'" if isinstance(stored, str) else stored
    room.sql(f"UPDATE consent_records SET {field} = {quoted} WHERE seq = {seq}")
    assert await chain_of(room) is None
    assert len(recorded) == 3


async def test_a_record_moved_to_another_site_is_found(room):
    await record_consents(room.deps.ledger, answer_of(room), [room.clock()])
    content = room.deps.book.policy(room.site).content
    other = await room.deps.book.add("Other", ["o.example"], "UTC", content)
    room.sql(f"UPDATE consent_records SET site_id = {other.id}")
    assert await chain_of(room) == 1


async def test_a_record_taken_out_of_the_middle_is_found(room):
    await record_consents(room.deps.ledger, answer_of(room), [room.clock()] * 3)
    room.sql("DELETE FROM consent_records WHERE seq = 2")
    assert await chain_of(room) == 3


async def test_two_records_that_change_places_are_found(room):
    await record_consents(room.deps.ledger, answer_of(room), [room.clock()] * 3)
    room.sql("UPDATE consent_records SET seq = 99 WHERE seq = 2")
    room.sql("UPDATE consent_records SET seq = 2 WHERE seq = 3")
    room.sql("UPDATE consent_records SET seq = 3 WHERE seq = 99")
    assert await chain_of(room) == 2


async def test_a_visitor_put_in_the_place_of_another_is_found(room):
    await record_consents(room.deps.ledger, answer_of(room), [room.clock()] * 2)
    room.sql("UPDATE consent_records SET visitor_id = 'somebody else' WHERE seq = 1")
    assert await chain_of(room) == 1

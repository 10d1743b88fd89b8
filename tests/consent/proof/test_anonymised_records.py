"""A record that lost its visitor id without an erasure is found; an erased one is not."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.personal_data import PersonalData
from consent.proof.cross_checks import disagreements
from consent.rights.erasure import Eraser, Pauses
from tests.consent.proof_acts import claims

NULLED = "UPDATE consent_records SET visitor_id = NULL, nonce = NULL WHERE seq = {}"
ACTS = st.lists(
    st.tuples(st.sampled_from(["yes", "again", "withdraw", "erase"]), st.integers(0, 3)),
    max_size=10,
)
many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def found(room) -> list[str]:
    async with room.deps.ledger.read() as connection:
        return await disagreements(connection)


async def act(room, acts) -> None:
    """Let visitors say yes, renew it, withdraw and erase, as drawn."""
    tokens: list[str] = []
    for what, who in acts:
        room.clock.now += 3_600_000
        if what == "yes" or not tokens:
            tokens.append(await room.token())
        elif what == "again":
            body = room.yes(token=tokens[who % len(tokens)])
            tokens.append((await room.post("/consent", body)).json()["token"])
        elif what == "withdraw":
            await room.withdraw(tokens[who % len(tokens)])
        else:
            await room.erase(tokens[who % len(tokens)])


@many
@given(acts=ACTS)
async def test_law_6_no_erasure_is_taken_for_a_fault_and_each_lost_name_is_found(room, acts):
    """Each example adds records to those of the examples before, whose names were lost there."""
    before = len(room.rows("consent_records"))
    await act(room, acts)
    assert await found(room) == []
    for row in room.rows("consent_records")[before:]:
        if row["visitor_id"] is None:
            continue
        room.sql(NULLED.format(row["seq"]))
        assert any(" no visitor, and " in said for said in await found(room))
        back = f"visitor_id = '{row['visitor_id']}', nonce = '{row['nonce']}'"
        room.sql(f"UPDATE consent_records SET {back} WHERE seq = {row['seq']}")
    assert await found(room) == []


async def test_a_yes_that_lost_its_visitor_is_named(room):
    tokens = [await room.token() for _ in range(3)]
    await room.erase(tokens[0])
    room.sql(NULLED.format(2))
    number = room.rows("consent_records")[1]["record_id"]

    assert await found(room) == [
        f"Record 2 ({number}) names no visitor, and no erasure took the name."
    ]


async def test_one_of_two_records_of_a_consent_that_lost_its_visitor_is_named(room):
    token = await room.token()
    await room.withdraw(token)
    room.sql(NULLED.format(2))

    assert "Record 2 (" in (await found(room))[0]


async def test_a_withdrawn_consent_that_lost_its_visitor_everywhere_shows_in_the_sum(room):
    token = await room.token()
    await room.withdraw(token)
    for seq in (1, 2):
        room.sql(NULLED.format(seq))

    assert await found(room) == [
        f"2 records of site {room.site.id} name no visitor, and erasures took the name out of 0."
    ]


async def test_a_name_that_was_put_back_into_an_erased_record_shows(room):
    tokens = [await room.token() for _ in range(2)]
    await room.withdraw(tokens[0])
    before = room.rows("consent_records")
    await room.erase(tokens[0])
    for row in before:
        if row["consent_id"] == before[0]["consent_id"]:
            back = f"visitor_id = '{row['visitor_id']}', nonce = '{row['nonce']}'"
            room.sql(f"UPDATE consent_records SET {back} WHERE seq = {row['seq']}")

    assert "name no visitor, and erasures took the name out of 2" in (await found(room))[0]


@pytest.mark.parametrize("kept", ["visitor_id", "nonce"])
async def test_half_a_name_is_a_record_that_was_changed(room, kept):
    from consent.proof.chain import walk

    await room.token()
    gone = {"visitor_id": "nonce", "nonce": "visitor_id"}[kept]
    room.sql(f"UPDATE consent_records SET {gone} = NULL WHERE seq = 1")
    async with room.deps.ledger.read() as connection:
        fault = (await walk(connection)).fault

    assert fault is not None
    assert fault.wrong == "changed"


class Ended(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("before", ["ledger.consent_records", "ledger.disclosures", "the receipt"])
async def test_law_6_an_erasure_that_was_cut_short_is_no_fault_before_and_after_its_end(
    room, before, monkeypatch
):
    token = await room.token()
    await room.token()
    deps, places = room.deps, room.deps.eraser._personal_data.holders

    async def ended(*_):
        raise Ended

    cut = PersonalData(places, VisitorLinks(deps.ledger))
    count = deps.eraser._count
    eraser = Eraser(
        deps.ledger, cut, deps.withdrawn, room.clock, Pauses(room.quiet, room.quiet), count
    )
    with monkeypatch.context() as patched, contextlib.suppress(Ended):
        if before == "the receipt":
            erase = cut.erase

            async def erased(*who):
                await erase(*who)
                raise Ended

            patched.setattr(cut, "erase", erased)
        else:
            (place,) = (one for one in places if one.name == before)
            patched.setattr(place, "erase", ended)
        visitor = claims(room, token)
        await eraser.erase(visitor.site_id, visitor.visitor_id)
    assert await found(room) == []
    await eraser.resume()
    assert await found(room) == []
    assert room.rows("consent_records")[0]["visitor_id"] is None


async def test_the_records_of_a_deleted_site_name_nobody_rightly(room):
    for seq in (1, 2):
        await room.token()
        room.sql(NULLED.format(seq))
    room.sql("UPDATE sites SET deleted_at = 1")

    assert await found(room) == []


async def test_a_ledger_of_an_older_form_is_not_asked_for_sums(room):
    await room.token()
    room.sql("ALTER TABLE sites DROP COLUMN erased_records")
    room.sql(NULLED.format(1))

    assert await found(room) == []

"""The proof of a renewed yes, and what bad input and concurrent requests do to it."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from askfirst.clock import DAY_MS
from tests.consent.proof_acts import claims, publish, say, show, whole

SECOND = {"id": "campaigns", "columns": ["utm_source", "utm_medium", "utm_campaign"]}


# Renewal.


async def test_a_yes_that_replaces_an_older_one_keeps_the_visitor_and_ends_the_older(room):
    _, first = await say(room)
    room.clock.now += 150 * DAY_MS
    _, second = await say(room, token=first["token"])
    records = room.rows("consent_records")
    assert [row["state"] for row in records] == ["given", "withdrawn", "renewed"]
    assert records[1]["method"] == "renewal"
    old, new = claims(room, first["token"]), claims(room, second["token"])
    assert old.visitor_id == new.visitor_id
    assert old.consent_id != new.consent_id
    assert records[0]["subject"] != records[2]["subject"]
    assert old.consent_id in room.deps.withdrawn
    assert new.consent_id not in room.deps.withdrawn
    assert len(room.rows("withdrawals")) == 1
    assert await whole(room)


async def test_a_visitor_number_is_in_use_for_thirteen_months_at_most(room):
    _, first = await say(room)
    room.clock.now += 170 * DAY_MS
    _, second = await say(room, token=first["token"])
    room.clock.now += 170 * DAY_MS
    _, third = await say(room, token=second["token"])
    ids = [claims(room, body["token"]).visitor_id for body in (first, second, third)]
    assert ids[0] == ids[1] != ids[2]
    assert room.rows("consent_records")[-1]["state"] == "given"
    assert claims(room, second["token"]).consent_id in room.deps.withdrawn
    life = claims(room, second["token"]).valid_until - claims(room, first["token"]).given_at
    assert life < 396 * DAY_MS


@pytest.mark.parametrize("what", ["forged", "truncated", "withdrawn", "erased", "swapped"])
async def test_an_older_yes_that_does_not_hold_is_passed_over(room, what):
    token = await room.token()
    older = {"forged": "x" + token, "truncated": token[: len(token) // 2]}.get(what, token)
    if what == "withdrawn":
        await room.withdraw(token)
    elif what == "erased":
        await room.erase(token)
    elif what == "swapped":
        one = await room.token()
        older = token.split(".")[0] + "." + one.split(".")[1]
    before = len(room.rows("consent_records"))
    code, body = await say(room, token=older)
    added = room.rows("consent_records")[before:]
    assert code == 200
    assert [row["state"] for row in added] == ["given"]
    assert claims(room, body["token"]).visitor_id != claims(room, token).visitor_id


async def test_an_older_yes_of_another_site_is_passed_over(room):
    token = await room.token()
    content = room.deps.book.policy(room.site).content
    texts = {"en": await room.deps.book.texts(room.deps.book.policy(room.site), "en")}
    first = room.site
    room.site = await room.deps.book.add(
        "Other", ["www.example.org"], "UTC", {**content, "texts": texts}
    )
    await show(room)
    code, body = await say(room, token=token)
    assert code == 200
    assert claims(room, body["token"]).visitor_id != claims(room, token).visitor_id
    assert claims(room, token).consent_id not in room.deps.withdrawn
    assert first.id != room.site.id


async def test_a_renewal_counts_as_a_yes_and_not_as_a_withdrawal(room):
    token = await room.token()
    await say(room, token=token)
    assert await room.tally() == {"accepted": 2}


# Bad input.


@pytest.mark.parametrize("what", ["forged", "truncated", "swapped", "empty", "other key"])
async def test_a_token_that_is_not_ours_withdraws_erases_and_receives_nothing(room, what):
    tokens = [await room.token() for _ in range(2)]
    parts = [token.split(".") for token in tokens]
    bad = {
        "forged": f"{parts[0][0]}.{'A' * len(parts[0][1])}",
        "truncated": tokens[0][:-1],
        "swapped": f"{parts[0][0]}.{parts[1][1]}",
        "empty": ".",
        "other key": type(room.deps.tokens)([b"another key"]).sign(claims(room, tokens[0])),
    }[what]
    before = room.rows("consent_records")
    asked = {"site": room.site.key, "token": bad}
    answers = [await room.withdraw(bad), await room.erase(bad)]
    answers.append(await room.post("/consent/receipt", asked))
    told = {(answer.status_code, answer.json()["error"]["code"]) for answer in answers}
    assert told == {(403, "bad_token")}
    assert room.rows("consent_records") == before
    assert room.rows("withdrawals") == []


async def test_a_withdrawal_replayed_and_a_yes_replayed_after_it_open_nothing_again(room):
    token = await room.token()
    for _ in range(3):
        assert (await room.withdraw(token)).status_code == 200
    assert len(room.rows("withdrawals")) == 1
    assert [row["state"] for row in room.rows("consent_records")] == ["given", "withdrawn"]
    await say(room, token=token)
    assert claims(room, token).consent_id in room.deps.withdrawn


async def test_requirement_55_a_proof_store_that_fails_grants_nothing_and_says_so(room):
    def broken(*_):
        raise OperationalError("INSERT", {}, Exception("attempt to write a readonly database"))

    older = await room.token()
    engine = room.deps.ledger._engine.sync_engine
    event.listen(engine, "before_cursor_execute", broken)
    answers = [
        await room.post("/consent", room.yes()),
        await room.post("/consent", room.yes(token=older)),
    ]
    event.remove(engine, "before_cursor_execute", broken)
    for answer in answers:
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert "set-cookie" not in answer.headers
        assert "token" not in answer.text
    assert len(room.rows("consent_records")) == 1
    assert claims(room, older).consent_id not in room.deps.withdrawn
    assert (await room.tally())["accepted"] == 1


async def test_requirement_55_a_database_that_has_become_read_only_grants_nothing(room):
    def forbid_writing(connection):
        connection.exec_driver_sql("PRAGMA query_only=ON")  # SQLite itself refuses from here on

    older = await room.token()
    engine = room.deps.ledger._engine.sync_engine
    event.listen(engine, "begin", forbid_writing)
    yes = [room.post("/consent", room.yes(token=older)) for _ in range(3)]
    answers = [*await asyncio.gather(*yes), await room.withdraw(older)]
    event.remove(engine, "begin", forbid_writing)
    await room.deps.ledger.close()  # its connections could only read; new ones can write again
    assert {answer.status_code for answer in answers} == {503}
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert len(room.rows("consent_records")) == 1
    assert room.rows("withdrawals") == []
    assert claims(room, older).consent_id not in room.deps.withdrawn
    assert (await say(room, token=older))[0] == 200


async def test_ten_people_who_accept_at_once_are_ten_visitors_and_one_whole_chain(room):
    answers = await asyncio.gather(*(room.post("/consent", room.yes()) for _ in range(10)))
    read = [claims(room, answer.json()["token"]) for answer in answers]
    assert len({one.visitor_id for one in read}) == 10
    assert len(room.rows("consent_records")) == 10
    assert await whole(room)


async def test_two_tabs_that_renew_the_same_yes_at_once_leave_one_visitor_with_one_open_yes(room):
    token = await room.token()
    both = [room.post("/consent", room.yes(token=token)) for _ in range(2)]
    answers = await asyncio.gather(*both)
    read = [claims(room, answer.json()["token"]) for answer in answers]
    records = room.rows("consent_records")
    assert {one.visitor_id for one in read} == {claims(room, token).visitor_id}
    states = ["given", "withdrawn", "renewed", "withdrawn", "renewed"]
    assert [row["state"] for row in records] == states
    assert [row["method"] for row in records if row["state"] == "withdrawn"] == ["renewal"] * 2
    ended = {claims(room, token).consent_id, records[2]["consent_id"]}
    assert {row["consent_id"] for row in room.rows("withdrawals")} == ended
    still_open = [one for one in read if one.consent_id not in room.deps.withdrawn]
    assert [one.consent_id for one in still_open] == [records[4]["consent_id"]]
    assert await whole(room)


async def test_a_renewal_that_was_withdrawn_is_not_opened_again_by_the_yes_before_it(room):
    _, first = await say(room)
    _, second = await say(room, token=first["token"])
    await room.withdraw(second["token"])
    _, third = await say(room, token=first["token"])
    assert room.rows("consent_records")[-1]["state"] == "given"
    assert claims(room, third["token"]).visitor_id != claims(room, first["token"]).visitor_id


async def test_a_yes_and_its_withdrawal_at_once_leave_it_withdrawn_or_replaced(room):
    token = await room.token()
    await asyncio.gather(room.withdraw(token), room.post("/consent", room.yes(token=token)))
    assert claims(room, token).consent_id in room.deps.withdrawn
    assert len(room.rows("withdrawals")) == 1
    assert await whole(room)


async def test_a_clock_that_steps_back_keeps_the_chain_whole_and_the_withdrawal_in_force(room):
    token = await room.token()
    room.clock.now -= 3 * 3_600_000
    second = await room.token()
    await room.withdraw(token)
    await say(room, token=second)
    assert claims(room, token).consent_id in room.deps.withdrawn
    times = [row["event_time"] for row in room.rows("consent_records")]
    assert times != sorted(times)
    assert await whole(room)


async def test_requirement_21_a_purpose_that_is_gone_is_not_agreed_to_again(room):
    texts = await room.deps.book.texts(room.deps.book.policy(room.site), "en")
    texts["purposes"]["campaigns"] = {"title": "Campaigns", "text": "To learn which work."}
    content = room.deps.book.policy(room.site).content
    await room.deps.book.publish(
        room.site,
        {**content, "purposes": [*content["purposes"], SECOND], "texts": {"en": texts}},
        asks_again=True,
    )
    await show(room)
    code, both = await say(room, purposes=["statistics", "campaigns"])
    assert code == 200
    assert claims(room, both["token"]).purposes == ("statistics", "campaigns")
    await publish(room, purposes=content["purposes"])
    code, body = await say(room, purposes=["campaigns"], token=both["token"])
    assert (code, body["error"]["field"]) == (400, "purposes")
    code, body = await say(room, token=both["token"])
    assert claims(room, body["token"]).purposes == ("statistics",)
    assert claims(room, both["token"]).consent_id in room.deps.withdrawn


async def test_law_3_no_browser_can_set_a_time_of_its_consent(room):
    for name in ("event_time", "given_at", "valid_until", "time", "days"):
        code, body = await say(room, **{name: 1})
        assert (code, body["error"]["code"]) == (400, "malformed")
    headers = {"Date": "Mon, 01 Jan 2001 00:00:00 GMT", "X-Time": "1"}
    answer = await room.post("/consent", room.yes(), **headers)
    assert answer.status_code == 200
    assert [row["event_time"] for row in room.rows("consent_records")] == [room.clock()]


async def test_records_are_only_ever_added_but_for_the_pseudonym_that_an_erasure_takes(room):
    """Every statement that touches the records is seen, whatever a visitor does."""
    seen = []
    engine = room.deps.ledger._engine.sync_engine

    def note(_connection, _cursor, statement, *_):
        words = " ".join(statement.split())
        if "consent_records" in words and not words.startswith(("SELECT", "PRAGMA")):
            seen.append(words)

    event.listen(engine, "before_cursor_execute", note)
    tokens = [await room.token() for _ in range(3)]
    await say(room, token=tokens[0])
    await room.withdraw(tokens[1])
    await room.refuse()
    await room.post("/consent/receipt", {"site": room.site.key, "token": tokens[2]})
    kept = room.rows("consent_records")
    await room.erase(tokens[2])
    await room.deps.eraser.resume()
    event.remove(engine, "before_cursor_execute", note)
    changes = [words for words in seen if not words.startswith("INSERT INTO consent_records")]
    assert changes
    assert {words.split(" WHERE ")[0] for words in changes} == {
        "UPDATE consent_records SET visitor_id=NULL, nonce=NULL"
    }
    after = room.rows("consent_records")[: len(kept)]
    for before, now in zip(kept, after, strict=True):
        changed = {name for name in before if before[name] != now[name]}
        assert changed in (set(), {"visitor_id", "nonce"})
    assert await whole(room)


def test_no_code_changes_or_deletes_records_but_the_erasure():
    """In the code, too: one place updates the table, and none deletes from it."""
    import re
    from pathlib import Path

    root = Path(__file__).parents[3]
    found = {}
    for folder in ("askfirst", "collector", "consent", "reports", "server"):
        for path in (root / folder).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            touched = re.findall(
                r"(?:update|delete)\(\s*consent_records|"
                r"(?i:UPDATE|DELETE FROM)\s+consent_records",
                text,
            )
            if touched:
                found[str(path.relative_to(root))] = len(touched)
    assert found == {"askfirst/store/personal_data.py": 1}

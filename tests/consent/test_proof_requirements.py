"""The rows of the consent requirements that speak of the proof, and what bad input does to it."""

import asyncio
import json

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from askfirst.clock import DAY_MS
from consent.chain import walk
from consent.drafts import content_of, draft_of
from consent.receipts import Receipts
from consent.ui import ui_hash
from consent.wording import wording

SECOND = {"id": "campaigns", "columns": ["utm_source", "utm_medium", "utm_campaign"]}


async def whole(room):
    async with room.parts.ledger.read() as connection:
        return (await walk(connection)).fault is None


async def publish(room, asks_again=False, **changes):
    """Publish changed facts with the words of today, and show them."""
    content = room.parts.book.policy(room.site).content
    texts = {
        tag: await room.parts.book.texts(room.parts.book.policy(room.site), tag) for tag in ("en",)
    }
    await room.parts.book.publish(
        room.site, {**content, **changes, "texts": texts}, asks_again=asks_again
    )
    await show(room)


async def show(room):
    room.site = room.parts.book.get(room.site.key)
    policy = room.parts.book.policy(room.site)
    room.shown = await wording(room.parts.book, policy, room.site, "en")


async def say(room, **changes):
    answer = await room.post("/consent", room.yes(**changes))
    return answer.status_code, answer.json()


def claims(room, token):
    return room.parts.tokens.read(token)


# What is recorded.


async def test_requirement_17_a_yes_and_a_no_last_six_months_at_most(room):
    code, granted = await say(room)
    refused = (await room.refuse()).json()
    assert code == 200
    assert granted["days"] == refused["days"] == 180 <= 183
    read = claims(room, granted["token"])
    assert read.valid_until - read.given_at == 180 * DAY_MS


async def test_requirement_17_a_yes_for_one_visit_lasts_a_day_and_its_cookie_the_session(room):
    await publish(room, only_this_visit=True)
    answer = await room.post("/consent", room.yes(once=True))
    body = answer.json()
    read = claims(room, body["token"])
    assert (body["days"], body["once"]) == (0, True)
    assert read.valid_until - read.given_at == DAY_MS
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("askfirst=")
    assert "expires" not in cookie
    assert "max-age" not in cookie
    assert room.rows("consent_records")[0]["valid_until"] == read.valid_until


async def test_a_yes_for_one_visit_is_taken_only_where_it_is_offered(room):
    code, body = await say(room, once=True)
    assert (code, body["error"]["field"]) == (400, "once")
    assert room.rows("consent_records") == []


async def test_requirement_19_the_exact_words_are_rendered_again_from_the_record(room):
    await say(room, language="en")
    shown = room.shown
    draft = draft_of(room.parts.book.policy(room.site).content)
    await room.parts.book.publish(
        room.site, content_of(draft | {"name": "Another name"}), asks_again=False
    )
    [record] = room.rows("consent_records")
    again = await Receipts(room.parts).words(room.site, record)
    assert again == shown
    policy = await room.parts.book.version(room.site, record["policy_version"])
    built = await wording(room.parts.book, policy, room.site, record["language"])
    assert built["hash"] == record["notice_hash"] == shown["hash"]


async def test_requirement_19_words_that_were_never_stored_are_put_together_again(room):
    await say(room)
    [record] = room.rows("consent_records")
    room.sql(f"DELETE FROM wordings WHERE hash = '{record['notice_hash']}'")
    assert await Receipts(room.parts).words(room.site, record) == room.shown


async def test_requirement_20_the_rendering_is_stored_once_with_its_sha_256(room):
    for _ in range(3):
        await say(room)
    stored = [row for row in room.rows("wordings") if row["hash"] == room.shown["hash"]]
    assert len(stored) == 1
    words = json.loads(stored[0]["texts"])
    assert words == {name: part for name, part in room.shown.items() if name != "hash"}


async def test_requirement_19_the_looks_are_recorded_and_another_look_is_another_hash(room):
    await say(room, method="banner")
    await say(room, method="preferences")
    await publish(room, theme={"accent": "#114488"})
    await say(room, method="banner")
    hashes = [record["ui_hash"] for record in room.rows("consent_records")]
    assert len(set(hashes)) == 3
    assert all(len(digest) == 64 for digest in hashes)
    assert hashes[2] == ui_hash(room.shown, "banner", room.parts.scripts_hash())
    assert hashes[2] != ui_hash(room.shown, "banner", "other scripts")


def test_the_order_of_the_labels_is_under_the_hash_of_the_looks():
    one = {"texts": {"accept": "A", "refuse": "R"}, "preferences": {}, "theme": {}}
    other = {**one, "texts": {"refuse": "R", "accept": "A"}}
    assert ui_hash(one, "banner", "s") != ui_hash(other, "banner", "s")


async def test_requirement_23_refusals_leave_no_row_and_the_same_cookie(room):
    before = {name: rows for name, rows in room.dump().items() if name != "tallies"}
    answers = [await room.refuse(User_Agent=f"browser {number}") for number in range(2)]
    assert answers[0].headers["set-cookie"] == answers[1].headers["set-cookie"]
    assert answers[0].content == answers[1].content
    assert {name: rows for name, rows in room.dump().items() if name != "tallies"} == before


async def test_requirement_24_a_record_has_no_place_for_an_address_or_a_browser(room):
    await say(room)
    [record] = room.rows("consent_records")
    assert not {"ip", "address", "user_agent", "browser"} & set(record)
    assert set(record["signals"]) <= set('{"gpc": false}')


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (["1"], True),
        (["0"], False),
        (["1;x"], False),
        (["11"], False),
        (["true"], False),
        ([""], False),
        ([], False),
        (["0", "1"], True),
        (["1", "1"], True),
        (["0, 1"], True),
        (["0", "0"], False),
        (["1;x", "0"], False),
        (['"1"'], False),
    ],
)
async def test_requirement_47_sec_gpc_is_1_and_nothing_else(room, lines, seen):
    headers = [("Origin", "https://www.example.org"), *(("Sec-GPC", line) for line in lines)]
    body = json.dumps(room.yes()).encode()
    answer = await room.browser.post("/consent", content=body, headers=headers)
    assert answer.status_code == 200
    assert json.loads(room.rows("consent_records")[0]["signals"]) == {"gpc": seen}


async def test_requirement_49_an_explicit_yes_in_spite_of_the_signal_is_recorded_with_it(room):
    answer = await room.post("/consent", room.yes(gpc=True))
    assert answer.status_code == 200
    assert json.loads(room.rows("consent_records")[0]["signals"]) == {"gpc": True}


async def test_requirement_51_a_yes_through_the_interface_for_scripts_is_recorded_as_that(room):
    await say(room, method="api")
    await say(room, method="banner")
    assert [row["method"] for row in room.rows("consent_records")] == ["api", "banner"]


async def test_requirement_51_a_yes_given_to_another_manager_is_marked_as_given_there(room):
    await publish(room, manager="klaro")
    code, body = await say(room, method="manager", manager="klaro")
    assert code == 200
    [record] = room.rows("consent_records")
    assert (record["method"], record["given_by"]) == ("manager", "manager:klaro")
    await room.withdraw(body["token"])
    assert room.rows("consent_records")[1]["given_by"] == "subject"


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "manager"},
        {"method": "manager", "manager": "osano"},
        {"method": "banner", "manager": "klaro"},
    ],
)
async def test_a_yes_of_a_manager_that_the_owner_did_not_name_is_refused(room, changes):
    await publish(room, manager="klaro")
    code, body = await say(room, **changes)
    assert (code, body["error"]["field"]) == (400, "manager")
    assert room.rows("consent_records") == []


async def test_no_manager_is_taken_where_none_is_named(room):
    for changes in ({"method": "manager"}, {"method": "manager", "manager": "klaro"}):
        code, body = await say(room, **changes)
        assert (code, body["error"]["field"]) == (400, "manager")


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
    assert old.consent_id in room.parts.withdrawn
    assert new.consent_id not in room.parts.withdrawn
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
    assert claims(room, second["token"]).consent_id in room.parts.withdrawn
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
    content = room.parts.book.policy(room.site).content
    texts = {"en": await room.parts.book.texts(room.parts.book.policy(room.site), "en")}
    first = room.site
    room.site = await room.parts.book.add(
        "Other", ["www.example.org"], "UTC", {**content, "texts": texts}
    )
    await show(room)
    code, body = await say(room, token=token)
    assert code == 200
    assert claims(room, body["token"]).visitor_id != claims(room, token).visitor_id
    assert claims(room, token).consent_id not in room.parts.withdrawn
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
        "other key": type(room.parts.tokens)([b"another key"]).sign(claims(room, tokens[0])),
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
    assert claims(room, token).consent_id in room.parts.withdrawn


async def test_requirement_55_a_proof_store_that_fails_grants_nothing_and_says_so(room):
    def broken(*_):
        raise OperationalError("INSERT", {}, Exception("attempt to write a readonly database"))

    older = await room.token()
    engine = room.parts.ledger._engine.sync_engine
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
    assert claims(room, older).consent_id not in room.parts.withdrawn
    assert (await room.tally())["accepted"] == 1


async def test_requirement_55_a_database_that_has_become_read_only_grants_nothing(room):
    def forbid_writing(connection):
        connection.exec_driver_sql("PRAGMA query_only=ON")  # SQLite itself refuses from here on

    older = await room.token()
    engine = room.parts.ledger._engine.sync_engine
    event.listen(engine, "begin", forbid_writing)
    yes = [room.post("/consent", room.yes(token=older)) for _ in range(3)]
    answers = [*await asyncio.gather(*yes), await room.withdraw(older)]
    event.remove(engine, "begin", forbid_writing)
    await room.parts.ledger.close()  # its connections could only read; new ones can write again
    assert {answer.status_code for answer in answers} == {503}
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert len(room.rows("consent_records")) == 1
    assert room.rows("withdrawals") == []
    assert claims(room, older).consent_id not in room.parts.withdrawn
    assert (await say(room, token=older))[0] == 200


async def test_two_at_once_are_two_visitors_and_one_whole_chain(room):
    answers = await asyncio.gather(*(room.post("/consent", room.yes()) for _ in range(10)))
    read = [claims(room, answer.json()["token"]) for answer in answers]
    assert len({one.visitor_id for one in read}) == 10
    assert len(room.rows("consent_records")) == 10
    assert await whole(room)


async def test_two_tabs_that_renew_the_same_yes_at_once_replace_it_once(room):
    token = await room.token()
    both = [room.post("/consent", room.yes(token=token)) for _ in range(2)]
    answers = await asyncio.gather(*both)
    states = sorted(row["state"] for row in room.rows("consent_records"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert states == ["given", "given", "renewed", "withdrawn"]
    assert len(room.rows("withdrawals")) == 1
    assert await whole(room)


async def test_a_yes_and_its_withdrawal_at_once_leave_it_withdrawn_or_replaced(room):
    token = await room.token()
    await asyncio.gather(room.withdraw(token), room.post("/consent", room.yes(token=token)))
    assert claims(room, token).consent_id in room.parts.withdrawn
    assert len(room.rows("withdrawals")) == 1
    assert await whole(room)


async def test_a_clock_that_steps_back_keeps_the_chain_whole_and_the_withdrawal_in_force(room):
    token = await room.token()
    room.clock.now -= 3 * 3_600_000
    second = await room.token()
    await room.withdraw(token)
    await say(room, token=second)
    assert claims(room, token).consent_id in room.parts.withdrawn
    times = [row["event_time"] for row in room.rows("consent_records")]
    assert times != sorted(times)
    assert await whole(room)


async def test_requirement_21_a_purpose_that_is_gone_is_not_agreed_to_again(room):
    texts = await room.parts.book.texts(room.parts.book.policy(room.site), "en")
    texts["purposes"]["campaigns"] = {"title": "Campaigns", "text": "To learn which work."}
    content = room.parts.book.policy(room.site).content
    await room.parts.book.publish(
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
    assert claims(room, both["token"]).consent_id in room.parts.withdrawn


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
    engine = room.parts.ledger._engine.sync_engine

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
    await room.parts.eraser.resume()
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
    """The same of the code: one place names the table in an update, none in a deletion."""
    import re
    from pathlib import Path

    root = Path(__file__).parents[2]
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

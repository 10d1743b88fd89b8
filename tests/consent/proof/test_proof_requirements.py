"""The consent requirements on the proof: what is recorded, and for how long."""

import json

import pytest

from askfirst.clock import DAY_MS
from consent.policy.drafts import content_of, draft_of
from consent.policy.wording import wording
from consent.proof.appearance import ui_hash
from consent.proof.records import FIRST_HASH
from consent.receipts.issue import ReceiptIssuer
from tests.consent.proof_acts import claims, publish, say
from tests.consent.receipt_reading import record_in


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
    assert cookie.startswith("askfirst_")
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
    draft = draft_of(room.deps.book.policy(room.site).content)
    await room.deps.book.publish(
        room.site, content_of(draft | {"name": "Another name"}), asks_again=False
    )
    [record] = room.rows("consent_records")
    again = await ReceiptIssuer(room.deps).words(room.site, record)
    assert again == shown
    policy = await room.deps.book.version(room.site, record["policy_version"])
    built = await wording(room.deps.book, policy, room.site, record["language"])
    assert built["hash"] == record["notice_hash"] == shown["hash"]


async def test_requirement_19_words_that_were_never_stored_are_put_together_again(room):
    await say(room)
    [record] = room.rows("consent_records")
    room.sql(f"DELETE FROM wordings WHERE hash = '{record['notice_hash']}'")
    assert await ReceiptIssuer(room.deps).words(room.site, record) == room.shown


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
    assert hashes[2] == ui_hash(room.shown, "banner", room.deps.scripts_hash())
    assert hashes[2] != ui_hash(room.shown, "banner", "other scripts")


def test_the_order_of_the_labels_is_under_the_hash_of_the_looks():
    one = {"texts": {"accept": "A", "refuse": "R"}, "preferences": {}, "theme": {}}
    other = {**one, "texts": {"refuse": "R", "accept": "A"}}
    assert ui_hash(one, "banner", "s") != ui_hash(other, "banner", "s")


async def written(room):
    """Write the counts that wait in memory; return every other table, and the counts."""
    await room.deps.tallies.flush()
    await room.deps.counts.flush()
    tables = room.dump()
    return tables, {name: tables.pop(name) for name in ("tallies", "choice_counts")}


async def test_requirement_23_refusals_leave_a_sum_and_the_same_cookie(room):
    """Nothing tells two refusals apart: each adds the same to the counts and names nobody."""
    before, _ = await written(room)
    answers = [
        await room.refuse(User_Agent=f"browser {n}", Referer=f"https://www.example.org/person-{n}")
        for n in range(2)
    ]
    assert answers[0].headers["set-cookie"] == answers[1].headers["set-cookie"]
    assert answers[0].content == answers[1].content
    after, sums = await written(room)
    assert after == before
    day = "2026-09-21"
    site = room.site.id
    assert sums["tallies"] == [{"site_id": site, "day": day, "reason": "refused", "count": 2}]
    counted = {"site_id": site, "day": day, "kind": "refused", "page": "", "language": ""}
    assert sums["choice_counts"] == [{**counted, "version": 0, "count": 2}]


async def test_requirement_24_a_record_has_exactly_the_columns_of_a_proof(room):
    """Another column, for an address or a browser, is another promise."""
    await say(room)
    [record] = room.rows("consent_records")
    assert set(record) == {
        *("seq", "record_id", "consent_id", "site_id", "visitor_id", "nonce", "subject"),
        *("state", "schema", "event_type", "given_by", "event_time", "valid_until"),
        *("policy_version", "notice_hash", "ui_hash", "purposes", "language", "method"),
        *("signals", "previous_hash", "hash"),
    }
    assert json.loads(record["signals"]) == {"gpc": False}


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
    assert (record["event_type"], record["ui_hash"]) == ("passed_on", FIRST_HASH)
    await room.withdraw(body["token"])
    taken_back = room.rows("consent_records")[1]
    assert (taken_back["given_by"], taken_back["event_type"]) == ("subject", "explicit")


async def test_a_receipt_claims_no_notice_of_ours_for_a_yes_that_a_manager_passed_on(room):
    await publish(room, manager="klaro")
    _, body = await say(room, method="manager", manager="klaro")
    await room.withdraw(body["token"])
    asked = {"site": room.site.key, "token": body["token"]}
    record = record_in((await room.post("/consent/receipt", asked)).json())
    given, withdrawn = record["dpv:hasConsentStatus"]
    assert "dpv:hasNotice" not in record
    assert record["dct:references"]["schema:sha256"] == room.shown["hash"]
    assert record["dpv:hasProcess"][0]["dpv:hasLegalBasis"] == [{"@id": "eu-gdpr:A6-1-a"}]
    assert given["@type"] == ["dpv:ConsentGiven"]
    assert given["dpv:isIndicatedBy"]["dpv:hasName"] == "klaro"
    assert "The consent manager klaro passed this on." in given["dct:description"]
    assert withdrawn["@type"] == ["dpv:ConsentWithdrawn", "dpv:ExplicitlyExpressedConsent"]
    assert withdrawn["dpv:isIndicatedBy"] == {"@id": "dpv:DataSubject"}


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

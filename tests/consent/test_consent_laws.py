"""The laws that consent keeps, each tested through the public endpoints."""

from askfirst.clock import DAY_MS
from askfirst.consents import Tokens
from consent.http.cookie import cookie_name


async def test_law_1_reading_wording_and_policy_leaves_nothing(room):
    """Showing the banner sets no cookie and adds no row, not even a count."""
    before = room.dump()
    for path in (f"/wording/{room.site.key}.json", f"/policy/{room.site.key}"):
        answer = await room.browser.get(path, headers={"Origin": "https://www.example.org"})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "etag" not in answer.headers
    await room.deps.tallies.flush()
    assert room.dump() == before


async def test_law_1_the_question_is_the_same_for_everybody_but_for_the_signal_itself(room):
    answers = [
        (await room.browser.get(f"/wording/{room.site.key}.json", headers=headers)).json()
        for headers in ({"Cookie": "askfirst=no"}, {"User-Agent": "a"}, {"Sec-GPC": "1"})
    ]
    assert answers[0] == answers[1]
    assert answers[2] == {**answers[0], "gpc": True}


async def test_law_2_a_token_is_for_one_site_and_one_key(room):
    """A signed consent does not verify under another server's key."""
    token = await room.token()
    assert room.deps.tokens.read(token) is not None
    assert Tokens([b"another key"]).read(token) is None


async def test_law_3_a_token_is_answered_only_after_its_record_is_durable(room):
    """Another process reads the record of each token as soon as a browser has it."""
    claims = [room.deps.tokens.read(await room.token()) for _ in range(3)]
    stored = {record["consent_id"]: record for record in room.rows("consent_records")}
    for one in claims:
        assert stored[one.consent_id]["state"] == "given"
        assert stored[one.consent_id]["policy_version"] == one.policy_version
        assert stored[one.consent_id]["event_time"] == one.given_at


async def test_law_3_the_servers_clock_dates_a_consent_and_nothing_the_browser_says(room):
    answer = await room.post("/consent", room.yes(), Date="Thu, 01 Jan 1970 00:00:00 GMT")
    assert answer.status_code == 200
    assert room.rows("consent_records")[0]["event_time"] == room.clock()


async def test_law_4_refusals_are_byte_identical(room):
    """Two people who refuse on one day get the same body, the same cookie, the same headers."""
    first = await room.refuse(User_Agent="one", Accept_Language="de", Sec_GPC="1")
    room.clock.now += DAY_MS // 3
    second = await room.refuse(User_Agent="two", Cookie="askfirst=x; a=b")
    assert first.content == second.content == b'{"choice":"refused","days":180}'
    assert first.headers.multi_items() == second.headers.multi_items()
    assert f"{cookie_name(room.site.key)}=no; " in first.headers["set-cookie"]
    assert "expires=Sat, 20 Mar 2027 00:00:00 GMT" in first.headers["set-cookie"]


async def test_law_4_a_refusal_leaves_a_count_and_nothing_else(room):
    await room.token()
    before = room.dump()
    await room.refuse()
    body = {"site": room.site.key, "choice": "refuse", "gpc": True, "method": "banner"}
    await room.post("/consent", body, User_Agent="somebody")
    await room.deps.tallies.flush()
    await room.deps.counts.flush()
    after = room.dump()
    counted = {row["reason"]: row["count"] for row in after.pop("tallies")}
    fared = {row["kind"]: row["count"] for row in after.pop("choice_counts")}
    for name in ("tallies", "choice_counts"):
        before.pop(name)
    assert after == before
    assert fared == {"accepted": 1, "refused": 2}
    assert counted == {"accepted": 1, "refused": 2}


async def test_law_4_a_refusal_is_not_logged(room, caplog, capsys):
    await room.refuse()
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


async def test_law_4_the_cookie_of_a_withdrawal_is_the_cookie_of_a_refusal(room):
    withdrawn = await room.withdraw(await room.token())
    refused = await room.refuse()
    erased = await room.erase(await room.token())
    cookies = {answer.headers["set-cookie"] for answer in (withdrawn, refused, erased)}
    assert len(cookies) == 1


async def test_law_4_no_address_and_no_user_agent_is_stored_with_a_consent(room):
    await room.post("/consent", room.yes(), User_Agent="a rare browser")
    assert "127.0.0.1" not in str(room.dump())
    assert "a rare browser" not in str(room.dump())


async def test_law_5_a_withdrawal_is_known_to_the_gate_when_it_is_answered(room):
    token = await room.token()
    consent_id = room.deps.tokens.read(token).consent_id
    assert consent_id not in room.deps.withdrawn
    room.clock.now += 5
    await room.withdraw(token)
    assert room.deps.withdrawn.since(consent_id) == room.clock()


async def test_law_5_withdrawing_takes_one_request_and_no_more_than_accepting(room):
    token = await room.token()
    body = {"site": room.site.key, "choice": "withdraw", "token": token}
    assert (await room.post("/consent", body)).status_code == 200
    assert [row["consent_id"] for row in room.rows("withdrawals")] == [
        room.deps.tokens.read(token).consent_id
    ]


async def test_law_5_one_withdrawal_leaves_every_other_consent_as_it_is(room):
    mine, other = await room.token(), await room.token()
    await room.withdraw(mine)
    assert room.deps.tokens.read(other).consent_id not in room.deps.withdrawn


async def test_law_6_erasing_takes_every_row_of_one_visitor_and_none_of_another(room):
    mine, other = await room.token(), await room.token()
    for token in (mine, other):
        claims = room.deps.tokens.read(token)
        room.visit(claims.visitor_id, claims.consent_id, pages=3)
    answer = await room.erase(mine)
    assert answer.json()["choice"] == "erased"
    assert answer.json()["receipt"]["rows"] == 6  # three events, given and withdrawn, the code
    left = room.dump()
    assert room.deps.tokens.read(mine).visitor_id not in str(left)
    assert len(left["events"]) == 3
    assert {row["visitor_id"] for row in left["events"]} == {
        room.deps.tokens.read(other).visitor_id
    }


async def test_law_6_a_withdrawn_and_an_expired_token_still_prove_whose_data_it_is(room):
    withdrawn, expired = await room.token(), await room.token()
    await room.withdraw(withdrawn)
    room.clock.now += 200 * DAY_MS
    for token in (withdrawn, expired):
        claims = room.deps.tokens.read(token)
        room.visit(claims.visitor_id, claims.consent_id)
        answer = await room.erase(token)
        assert answer.json()["receipt"]["rows"] == 5
        assert claims.visitor_id not in str(room.dump())


async def test_law_8_every_refused_request_is_tallied_by_its_reason(room):
    token = await room.token()
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    await room.post("/consent", b"{")
    await room.post("/consent", b"x" * 70_000)
    await room.post("/consent", room.yes(version=7))
    await room.post("/consent", room.yes(), Origin="https://evil.example")
    await room.post("/consent/erase", {"site": "nobody", "token": token})
    await room.withdraw(forged)
    assert await room.tally() == {
        "accepted": 1,
        "malformed": 2,
        "too_large": 1,
        "bad_origin": 1,
        "unknown_site": 1,
        "bad_token": 1,
    }


async def test_law_8_what_belongs_to_no_site_is_tallied_too(room):
    await room.post("/consent", b"{", Origin="https://evil.example")
    assert await room.deps.tallies.read(0, "0000-00-00", "9999-99-99") == {"malformed": 1}
    assert await room.tally() == {}


async def test_law_8_too_many_choices_are_tallied(open_room):
    room = await open_room(choices_per_minute=1)
    await room.post("/consent", room.yes())
    await room.post("/consent", room.yes())
    assert await room.tally() == {"accepted": 1, "too_fast": 1}

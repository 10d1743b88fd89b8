"""Choices over HTTP: the answer, cookies and headers of each, and what is refused."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.consents import Tokens
from askfirst.errors import Malformed
from consent.http.cookie import cookie_name
from consent.http.wire import read_choice, read_erase


async def test_a_yes_is_answered_with_token_and_receipt(room):
    answer = await room.post("/consent", room.yes())
    body = answer.json()
    record = room.rows("consent_records")[0]
    assert answer.status_code == 200
    assert list(body) == ["choice", "token", "receipt", "receipt_url", "days"]
    assert body["choice"] == "granted"
    assert body["days"] == 180
    assert body["receipt"] == {
        "record_id": record["record_id"],
        "code": room.deps.receipt_codes.of(room.deps.tokens.read(body["token"])),
        "given_at": "2026-09-21T12:00:00.000Z",
        "valid_until": "2027-03-20T12:00:00.000Z",
        "policy_version": 1,
        "purposes": ["statistics"],
    }


async def test_the_token_says_what_the_record_says(room):
    claims = room.deps.tokens.read(await room.token())
    record = room.rows("consent_records")[0]
    assert claims.consent_id == record["consent_id"]
    assert claims.visitor_id == record["visitor_id"]
    assert claims.site_id == room.site.id
    assert claims.given_at == record["event_time"] == room.clock()
    assert claims.valid_until == record["valid_until"] == room.clock() + 180 * DAY_MS
    assert claims.purposes == ("statistics",)


async def test_two_yeses_are_two_visitors(room):
    await room.token()
    await room.token()
    first, second = room.rows("consent_records")
    for name in ("visitor_id", "consent_id", "record_id", "nonce", "subject"):
        assert first[name] != second[name]


async def test_the_record_keeps_what_was_shown_and_how_it_was_answered(room):
    await room.post("/consent", room.yes(method="preferences", language="en-GB", gpc=True))
    record = room.rows("consent_records")[0]
    assert record["state"] == "given"
    assert record["notice_hash"] == room.shown["hash"]
    assert record["language"] == "en"
    assert record["method"] == "preferences"
    assert json.loads(record["signals"]) == {"gpc": True}
    assert json.loads(record["purposes"]) == ["statistics"]


async def test_the_browsers_own_gpc_header_is_recorded_with_a_yes(room):
    await room.post("/consent", room.yes(), Sec_GPC="1")
    await room.post("/consent", room.yes(), Sec_GPC="1;x")
    heard, not_heard = room.rows("consent_records")
    assert json.loads(heard["signals"]) == {"gpc": True}
    assert json.loads(not_heard["signals"]) == {"gpc": False}


async def test_a_yes_sets_the_cookie_for_the_parent_that_page_and_server_share(room):
    answer = await room.post("/consent", room.yes())
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{cookie_name(room.site.key)}={answer.json()['token']}; ")
    assert "; expires=Sat, 20 Mar 2027 12:00:00 GMT" in cookie
    assert "; Domain=example.org;" in cookie
    assert "Secure" in cookie
    assert "HttpOnly" not in cookie


async def test_the_cookie_has_no_domain_where_page_and_server_are_one_host(room):
    answer = await room.post("/consent", room.yes(), Host="www.example.org")
    assert "Domain" not in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]


async def test_no_cookie_is_set_where_page_and_server_share_nothing(room):
    answer = await room.post("/consent", room.yes(), Origin="https://shop.example.net")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_over_plain_http_the_cookie_is_not_marked_secure(room):
    room.browser.base_url = "http://www.example.org"
    answer = await room.refuse(Origin="http://www.example.org")
    assert "Secure" not in answer.headers["set-cookie"]


async def test_only_a_page_of_the_site_may_read_the_answer(room):
    answer = await room.refuse()
    stranger = await room.refuse(Origin="https://evil.example")
    assert answer.headers["access-control-allow-origin"] == "https://www.example.org"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["cache-control"] == "no-store"
    assert stranger.status_code == 403
    assert "access-control-allow-origin" not in stranger.headers
    assert "set-cookie" not in stranger.headers


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "https://www.example.org.evil.example",
        "file://",
        "https://evil.example\\.example.net",
        "https://a.example.net;x",
        "javascript:1",
    ],
)
async def test_a_choice_from_elsewhere_is_refused(room, origin):
    before = room.dump()
    answer = await room.post("/consent", room.yes(), Origin=origin)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "bad_origin"
    assert "set-cookie" not in answer.headers
    assert room.dump() == before


async def test_a_choice_without_an_origin_is_refused(room):
    answer = await room.browser.post("/consent", content=json.dumps(room.yes()))
    assert answer.json()["error"]["code"] == "bad_origin"


async def test_a_choice_for_no_site_is_refused(room):
    answer = await room.post("/consent", room.yes(site="nobody"))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "unknown_site"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("site", {"site": 1}),
        ("site", {"site": ""}),
        ("choice", {"choice": "maybe"}),
        ("choice", {"choice": None}),
        ("purposes", {"purposes": []}),
        ("purposes", {"purposes": ["marketing"]}),
        ("purposes", {"purposes": ["statistics", "marketing"]}),
        ("purposes", {"purposes": ["statistics", "statistics"]}),
        ("purposes[0]", {"purposes": [7]}),
        ("purposes", {"purposes": "statistics"}),
        ("version", {"version": 0}),
        ("version", {"version": 2}),
        ("version", {"version": "1"}),
        ("version", {"version": 1.5}),
        ("version", {"version": 10**30}),
        ("notice", {"notice": "0" * 64}),
        ("notice", {"notice": "short"}),
        ("language", {"language": "e" * 36}),
        ("language", {"language": "<b>"}),
        ("method", {"method": "guess"}),
        ("gpc", {"gpc": "yes"}),
    ],
)
async def test_a_malformed_yes_is_answered_with_the_field(room, field, changes):
    before = room.dump()
    answer = await room.post("/consent", room.yes(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"
    assert answer.json()["error"]["field"] == field
    assert "set-cookie" not in answer.headers
    assert room.dump() == before


@pytest.mark.parametrize("field", ["site", "choice", "purposes", "version", "notice", "language"])
async def test_a_yes_that_leaves_something_out_is_answered_with_the_field(room, field):
    body = {name: value for name, value in room.yes().items() if name != field}
    answer = await room.post("/consent", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


async def test_an_error_never_repeats_what_was_sent(room):
    for changes in ({"method": "SECRET"}, {"choice": "SECRET"}, {"SECRET": 1}, {"site": "SECRET"}):
        answer = await room.post("/consent", room.yes(**changes))
        assert answer.status_code in (400, 403)
        assert "SECRET" not in answer.text


async def test_a_page_of_the_site_may_read_why_its_choice_was_not_taken(room):
    answer = await room.post("/consent", room.yes(version=9))
    assert answer.headers["access-control-allow-origin"] == "https://www.example.org"


async def test_a_body_over_the_limit_is_too_large(open_room):
    room = await open_room(max_body_bytes=1024)
    answer = await room.post("/consent", b"x" * 1025)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


async def test_a_body_that_hides_its_length_is_too_large_too(open_room):
    async def chunks():
        for _ in range(20):
            yield b"x" * 100

    room = await open_room(max_body_bytes=1024)
    answer = await room.browser.post("/consent", content=chunks())
    assert answer.status_code == 413


async def test_too_many_choices_of_one_address_are_told_when_to_come_back(open_room):
    room = await open_room(choices_per_minute=2)
    answers = [await room.post("/consent", room.yes()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].json()["error"]["code"] == "too_fast"
    assert "set-cookie" not in answers[2].headers


async def test_an_older_wording_may_be_accepted_until_the_owner_asks_again(room):
    shown = room.shown
    content = room.deps.book.policy(room.site).content
    reworded = content | {"controller": "Example Limited"}
    await room.deps.book.publish(room.site, reworded, asks_again=False)
    answer = await room.post("/consent", room.yes())
    assert answer.json()["receipt"]["policy_version"] == 1
    assert room.rows("consent_records")[0]["notice_hash"] == shown["hash"]
    await room.deps.book.publish(room.site, content, asks_again=True)
    refused = await room.post("/consent", room.yes())
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == "version"


@pytest.mark.parametrize(("newest", "held"), [(30, 180), (183, 180)])
async def test_requirement_17_a_yes_holds_as_long_as_the_wording_said_that_was_accepted(
    room, newest, held
):
    content = room.deps.book.policy(room.site).content
    longer = content | {"choice_days": newest}
    await room.deps.book.publish(room.site, longer, asks_again=False)
    answer = await room.post("/consent", room.yes())
    claims = room.deps.tokens.read(answer.json()["token"])
    assert answer.json()["days"] == held
    assert claims.valid_until - claims.given_at == held * DAY_MS


async def test_a_yes_that_cannot_be_written_is_no_yes(room):
    """Where the ledger fails there is no token, no cookie and no row; a retry time is told."""
    room.sql(
        "CREATE TRIGGER full BEFORE INSERT ON consent_records"
        " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    answer = await room.post("/consent", room.yes())
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "set-cookie" not in answer.headers
    assert "token" not in answer.json()
    assert room.rows("consent_records") == []
    assert (await room.tally()) == {"unavailable": 1}


async def test_a_withdrawal_answers_like_a_no(room):
    answer = await room.withdraw(await room.token())
    no = await room.refuse()
    assert answer.status_code == 200
    assert answer.json() == {"choice": "withdrawn", "days": 180}
    assert answer.headers["set-cookie"] == no.headers["set-cookie"]


async def test_withdrawing_twice_writes_once(room):
    token = await room.token()
    answers = [await room.withdraw(token) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert [record["state"] for record in room.rows("consent_records")] == ["given", "withdrawn"]
    assert len(room.rows("withdrawals")) == 1
    assert (await room.tally())["withdrawal"] == 1


async def test_an_expired_and_an_outdated_consent_can_be_withdrawn(room):
    token = await room.token()
    room.clock.now += 400 * DAY_MS
    content = room.deps.book.policy(room.site).content
    await room.deps.book.publish(room.site, content, asks_again=True)
    assert (await room.withdraw(token)).status_code == 200
    assert room.deps.tokens.read(token).consent_id in room.deps.withdrawn


async def test_a_token_that_the_ledger_has_lost_is_withdrawn_all_the_same(room):
    token = await room.token()
    room.sql("DELETE FROM consent_records")
    assert (await room.withdraw(token)).status_code == 200
    assert room.deps.tokens.read(token).consent_id in room.deps.withdrawn
    assert (await room.withdraw(token)).status_code == 200
    assert len(room.rows("withdrawals")) == 1


async def test_a_forged_token_withdraws_and_erases_nothing(room):
    claims = room.deps.tokens.read(await room.token())
    forged = Tokens([b"another key"]).sign(claims)
    before = room.dump()
    for answer in (await room.withdraw(forged), await room.erase(forged)):
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "bad_token"
    assert room.dump() == before


async def test_another_sites_token_withdraws_and_erases_nothing(room):
    token = await room.token()
    content = room.deps.book.policy(room.site).content
    other = await room.deps.book.add("Other", ["www.example.org"], "UTC", content)
    before = room.dump()
    for path, extra in (("/consent", {"choice": "withdraw"}), ("/consent/erase", {})):
        answer = await room.post(path, {"site": other.key, "token": token} | extra)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "other_site"
    assert room.dump() == before


async def test_only_posts_are_taken(room):
    assert (await room.browser.get("/consent")).status_code == 405
    assert (await room.browser.get("/consent/erase")).status_code == 405


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = st.sampled_from(
    ["site", "choice", "purposes", "version", "notice", "language", "method", "gpc", "token", "x"]
)


@pytest.mark.parametrize("path", ["/consent", "/consent/erase"])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_any_body_gets_the_one_error_shape_and_leaves_no_row(room, path, data):
    changed = st.dictionaries(FIELDS, HOSTILE | st.sampled_from(["accept", "refuse", "withdraw"]))
    made = st.binary() | st.one_of(HOSTILE, changed, changed.map(lambda c: room.yes() | c)).map(
        lambda value: json.dumps(value).encode()
    )
    body = data.draw(made)
    answer = await room.post(path, body)
    assert answer.status_code in (200, 400, 403)
    if answer.status_code == 200:
        assert answer.json()["choice"] in ("granted", "refused")
    else:
        assert set(answer.json()) == {"error"}
        assert {"code", "message"} <= set(answer.json()["error"]) <= {"code", "message", "field"}
        assert "set-cookie" not in answer.headers


async def test_deeply_nested_json_is_malformed(room):
    for body in (b"[" * 60_000, b'{"choice":"accept","site":' + b"[" * 60_000, b'{"x":' * 9_000):
        answer = await room.post("/consent", body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "malformed"


@settings(max_examples=150)
@given(st.binary() | HOSTILE.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_choice_or_malformed(body):
    for read in (read_choice, read_erase):
        try:
            wish = read(body)
        except Malformed:
            continue
        assert wish.site

"""POST /event through the complete server: what is recorded, refused and counted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.consents import REASON_SENTENCES, Reason, Tokens
from askfirst.recording_rules import RecordingRules
from collector.intake.column_filter import CAMPAIGN
from tests.factories import GOOGLEBOT, NOON, a_view, asked, event_id, some_claims
from tests.world import World, open_world, running_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def test_a_view_after_a_yes_becomes_a_row_with_all_that_the_server_saw(world: World):
    browser = world.browser()
    await browser.accept()
    view = a_view(url="https://example.org/a?x=1", referrer="https://news.example/")
    answer = await browser.send(view, **{"Accept-Language": "de-DE,de;q=0.9"})
    (row,) = await world.rows()

    assert (answer.status_code, answer.json()) == (202, {"recorded": 1})
    assert row["path"] == "/a"
    assert row["referrer_host"] == "news.example"
    assert (row["browser"], row["os"], row["device"]) == ("Chrome", "Windows", "desktop")
    assert (row["language"], row["ip"]) == ("de-DE", "192.0.2.7")
    assert row["time"].timestamp() * 1000 == NOON


async def test_a_link_click_becomes_a_row_with_its_link(world: World):
    browser = world.browser()
    await browser.accept()
    click = {"kind": "link_click", "link_url": "https://other.test/x", "link_kind": "outbound"}
    await browser.send(a_view(**click))
    (row,) = await world.rows()

    assert (row["kind"], row["link_url"], row["link_kind"]) == (
        "link_click",
        "https://other.test/x",
        "outbound",
    )


async def test_the_servers_clock_and_the_events_age_give_its_time(world: World):
    browser = world.browser()
    await browser.accept()
    world.clock.move(minutes=5)
    await browser.send(a_view(age=90_000))
    (row,) = await world.rows()

    assert row["time"].timestamp() * 1000 == NOON + 210_000


async def test_law_2_without_a_token_nothing_is_recorded_and_the_answer_says_why(world: World):
    answer = await world.browser().send()

    assert answer.status_code == 403
    assert answer.json() == {
        "error": {"code": "no_consent", "message": REASON_SENTENCES[Reason.NO_CONSENT]}
    }
    assert await world.rows() == []


async def test_law_2_a_forged_a_truncated_and_a_swapped_token_record_nothing(world: World):
    browser, other = world.browser(), world.browser()
    await browser.accept()
    await other.accept()
    payload, signature = browser.token.split(".")
    other_signature = other.token.split(".")[1]
    forged = Tokens([b"x" * 32]).sign(some_claims())
    bad = [forged, payload, browser.token[:-2], f"{payload}.{other_signature}", f".{signature}"]
    codes = []
    for token in bad:
        browser.token = token
        codes.append((await browser.send()).json()["error"]["code"])

    assert codes == ["bad_token"] * len(bad)
    assert await world.rows() == []


async def test_law_2_a_token_of_another_site_records_nothing(world: World):
    browser = world.browser()
    browser.token = world.services.tokens.sign(some_claims(site_id=77))

    assert (await browser.send()).json()["error"]["code"] == "other_site"


async def test_law_2_an_expired_token_records_nothing(world: World):
    browser = world.browser()
    await browser.accept()
    world.clock.move(days=180)

    assert (await browser.send()).json()["error"]["code"] == "expired"
    assert await world.rows() == []


async def test_law_2_a_yes_to_an_older_policy_records_nothing_once_more_is_asked(world: World):
    browser = world.browser()
    await browser.accept()
    content = {**world.services.book.policy(world.site).content, "new": "a purpose"}
    await world.services.book.publish(world.site, content, asks_again=True)

    assert (await browser.send()).json()["error"]["code"] == "outdated"


async def test_law_5_a_withdrawn_token_is_refused_at_once_when_replayed(world: World):
    browser = world.browser()
    await browser.accept()
    await browser.send()
    world.clock.move(ms=1)
    await browser.withdraw()
    replayed = await browser.send()

    assert replayed.json()["error"]["code"] == "withdrawn"
    assert len(await world.rows()) == 1


async def test_law_5_a_withdrawal_written_elsewhere_is_learned(world: World, tmp_path: Path):
    browser = world.browser()
    await browser.accept()
    world.services.withdrawn._times.clear()
    await browser.withdraw()
    world.services.withdrawn._times.clear()
    await world.services.withdrawn.refresh()

    assert (await browser.send()).json()["error"]["code"] == "withdrawn"


async def test_law_7_a_resend_after_a_lost_answer_is_stored_once(world: World):
    browser = world.browser()
    await browser.accept()
    view = a_view()
    answers = [await browser.send(view), await browser.send(view)]
    rows = await world.rows()
    answers.append(await browser.send(view))

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len(rows) == len(await world.rows()) == 1


async def test_law_7_when_the_journal_cannot_write_the_answer_is_503_and_nothing_is_stored(
    world: World,
):
    browser = world.browser()
    await browser.accept()
    await asked(world.services.journal, "PRAGMA query_only=ON")
    answer = await browser.send()
    await asked(world.services.journal, "PRAGMA query_only=OFF")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["error"]["code"] == "unavailable"
    assert await world.rows() == []


@pytest.mark.parametrize("agent", ["", "-", "somescript", "SomeHttp/7"])
async def test_a_yes_of_a_nameless_sender_is_recorded_and_left_out(world: World, agent: str):
    browser = world.browser()
    await browser.accept()
    answer = await browser.send(**{"User-Agent": agent})

    assert answer.json() == {"recorded": 1}
    assert [row["bot_rule"] for row in await world.rows()] == ["agent:no browser"]


async def test_a_crawler_that_is_turned_away_is_tallied_by_a_name_of_the_lists(world: World):
    browser = world.browser()
    await browser.accept()
    for agent in ("GPTBot/1.2", "ChatGPT-User/1.0", "zq-made-up-bot/1.0"):
        answer = await browser.send(**{"User-Agent": f"{agent}; +https://example.org/about"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bot")
    tally = await world.tally()

    assert tally == {"accepted": 1, "bot:GPTBot": 1, "bot:ChatGPT-User": 1, "bot:bot": 1}


async def test_law_8_each_refusal_is_tallied_by_its_reason(world: World):
    browser = world.browser()
    await browser.send()
    await browser.accept()
    await browser.send(**{"User-Agent": GOOGLEBOT})
    await browser.post("/event", b"{")
    await browser.send(a_view(age=2 * DAY_MS))
    await browser.post("/event", b"x" * 70_000)
    await browser.send(a_view(url="https://other.test/"))
    tally = await world.tally()

    assert tally.pop("accepted") == 1
    assert tally == {
        "no_consent": 1,
        "bot:Googlebot": 1,
        "malformed": 1,
        "too_old": 1,
        "too_large": 1,
        "bad_origin": 1,
    }
    assert await world.rows() == []


async def test_law_8_what_comes_from_nowhere_is_tallied_without_a_site(world: World):
    browser = world.browser()
    browser.headers["Origin"] = "https://elsewhere.test"
    await browser.post("/event", {"site": "unknown", "events": [a_view()]})
    tally = await world.services.tallies.read(0, "2000-01-01", "2999-12-31")

    assert tally == {"unknown_site": 1}


async def test_law_8_what_names_a_site_is_tallied_for_it_wherever_it_comes_from(world: World):
    browser = world.browser()
    browser.headers["Origin"] = "https://elsewhere.test"
    await browser.send()

    assert await world.tally() == {"bad_origin": 1}


async def test_one_bad_event_refuses_the_whole_request(world: World):
    browser = world.browser()
    await browser.accept()
    answer = await browser.send(a_view(), a_view(url="https://other.test/"))

    assert answer.status_code == 403
    assert await world.rows() == []


async def test_a_body_longer_than_the_limit_is_refused_though_its_length_is_hidden(world: World):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    answer = await world.client.post("/event", content=endless())

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


async def test_too_many_events_a_minute_are_answered_with_when_to_come_back(tmp_path: Path):
    async with open_world(tmp_path, events_per_minute=2) as world:
        browser = world.browser()
        await browser.accept()
        answers = [await browser.send() for _ in range(3)]
        world.clock.move(minutes=1)
        later = await browser.send()

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 61
    assert later.status_code == 202


async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(tmp_path: Path):
    said = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5"}
    found = []
    for number, trusted in enumerate(((), ("192.0.2.7",), ("192.0.2.0/24", "203.0.113.5"))):
        folder = tmp_path / str(number)
        async with open_world(folder, trusted_proxies=trusted) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send(**said)
            found.append((await world.rows())[0]["ip"])

    assert found == ["192.0.2.7", "203.0.113.5", "198.51.100.9"]


@pytest.mark.parametrize("said", ["nonsense", "<script>", "1.2.3", "", "=1+1"])
async def test_a_forwarded_address_that_is_none_is_recorded_as_none(tmp_path: Path, said: str):
    async with open_world(tmp_path, trusted_proxies=("192.0.2.7",)) as world:
        browser = world.browser()
        await browser.accept()
        answer = await browser.send(**{"X-Forwarded-For": said})
        (row,) = await world.rows()

    assert answer.status_code == 202
    assert row["ip"] in ("", "192.0.2.7")


async def test_any_page_may_read_the_answer_but_no_cookie_goes_with_it(world: World):
    answer = await world.browser().send()

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_other_methods_are_answered_in_the_one_shape(world: World, method: str):
    answer = await world.client.request(method, "/event")

    assert answer.status_code == 405
    assert method == "HEAD" or answer.json()["error"]["code"] == "method_not_allowed"


async def test_requests_that_come_together_are_each_answered(world: World):
    browser = world.browser()
    await browser.accept()
    answers = await asyncio.gather(*(browser.send() for _ in range(100)))

    assert {answer.status_code for answer in answers} == {202}
    assert len(await world.rows()) == 100


async def test_of_requests_that_come_together_each_is_judged_by_itself(world: World):
    yes, no = world.browser(), world.browser()
    await yes.accept()
    good, bad, none = {}, {"url": "nowhere"}, {"kind": "nothing"}
    sent = [*(yes.send(a_view(**view)) for view in (good, bad, none, good)), no.send(), yes.send()]
    answers = await asyncio.gather(*sent)

    assert [answer.status_code for answer in answers] == [202, 400, 400, 202, 403, 202]
    assert len(await world.rows()) == 3
    assert await world.tally() == {"accepted": 1, "malformed": 2, "no_consent": 1}


async def test_what_the_journal_has_no_room_for_takes_nothing_of_what_may_come_in_a_minute(
    tmp_path: Path,
):
    async with open_world(tmp_path, events_per_minute=4, journal_queue=2) as world:
        browser = world.browser()
        await browser.accept()
        together = await asyncio.gather(*(browser.send() for _ in range(4)))
        taken = [answer.status_code for answer in together].count(202)
        later = [await browser.send() for _ in range(5 - taken)]

    assert sorted({answer.status_code for answer in together}) == [202, 503]
    assert [answer.status_code for answer in later] == [202] * (4 - taken) + [429]


async def test_of_sixteen_requests_together_half_are_passed_on_before_the_others_are_handled(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    browser, acts, sink = world.browser(), [], world.services.admission
    await browser.accept()
    put = sink.put

    def noted(*given: Any) -> None:
        acts.append("put")
        put(*given)

    monkeypatch.setattr(sink, "put", noted)
    monkeypatch.setattr(sink, "flush", lambda: acts.append("flush"))
    answers = await asyncio.gather(*(browser.send() for _ in range(16)))

    assert [answer.status_code for answer in answers] == [202] * 16
    assert acts == [*["put"] * 8, "flush"] * 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEAR_EVENT = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON | st.builds(event_id),
        "kind": JSON | st.sampled_from(["page_view", "link_click"]),
        "age": JSON | st.integers(),
        "url": JSON | st.just("https://example.org/"),
        "referrer": JSON,
        "link_url": JSON,
        "link_kind": JSON,
    },
)
NEAR = st.fixed_dictionaries(
    {}, optional={"site": JSON, "token": JSON, "events": JSON | st.lists(NEAR_EVENT, max_size=3)}
)


def test_law_2_arbitrary_bytes_and_json_get_the_documented_error_and_leave_no_row(tmp_path: Path):
    with running_world(tmp_path) as (runner, world):
        browser = world.browser()
        sent = 0

        @settings(max_examples=2 * settings.default.max_examples, deadline=None)
        @given(st.binary() | st.builds(msgspec.json.encode, JSON | NEAR))
        def refused(body: bytes) -> None:
            nonlocal sent
            sent += 1
            answer = runner.run(browser.post("/event", body))
            tally = runner.run(world.tally())

            assert 400 <= answer.status_code < 500
            assert set(answer.json()) == {"error"}
            assert set(answer.json()["error"]) <= {"code", "message", "field"}
            assert sum(tally.values()) == sent

        refused()

        assert runner.run(world.rows()) == []


def test_hostile_addresses_and_user_agents_are_stored_whole_or_refused(tmp_path: Path):
    with running_world(tmp_path) as (runner, world):
        browser = world.browser()
        runner.run(browser.accept())
        taken = 0

        @settings(max_examples=200, deadline=None)
        @given(agent=st.text(max_size=40), path=st.text(max_size=40), referrer=st.text(max_size=20))
        def stored_or_refused(agent: str, path: str, referrer: str) -> None:
            nonlocal taken
            view = a_view(url=f"https://example.org/{path}", referrer=referrer)
            body = {"site": world.site.key, "token": browser.token, "events": [view]}
            headers = [(b"origin", b"https://example.org"), (b"user-agent", agent.encode())]
            answer = runner.run(
                world.client.post("/event", content=msgspec.json.encode(body), headers=headers)
            )
            taken += answer.status_code == 202
            world.clock.move(minutes=1)

            assert answer.status_code in (202, 400, 403)

        stored_or_refused()

        assert len(runner.run(world.rows())) == taken > 0


async def test_of_a_query_the_campaign_is_kept_and_what_the_owner_names(world: World):
    rules = RecordingRules(parameters=("v",))
    await world.services.book.change_rules(world.site, lambda _: rules)
    browser = world.browser()
    await browser.accept()
    secret = "https://example.org/reset?token=SECRET&utm_source=mail"
    click = {"kind": "link_click", "link_url": secret, "link_kind": "internal"}
    outside = "https://other.test/watch?v=1&q=SECRET&utm_source=SECRET#SECRET"
    await browser.send(a_view(url=secret, referrer=secret), a_view(**click))
    waiting = await world.services.journal.waiting(0, 10)
    await browser.send(a_view(kind="link_click", link_url=outside, link_kind="outbound"))
    rows = await world.rows()

    assert not any("SECRET" in str(value) for row in rows for value in row.values())
    assert b"utm_source" in b"".join(waiting.bodies)
    assert b"SECRET" not in b"".join(waiting.bodies)
    assert {row["utm_source"] for row in rows} == {"mail", ""}
    assert "https://other.test/watch?v=1" in {row["link_url"] for row in rows}


@pytest.mark.parametrize(
    ("tail", "recorded", "source"),
    [
        ("#utm_source=Bing&utm_medium=cpc", ("Bing", "cpc", ""), "Bing"),
        ("#/start?utm_source=bing", ("bing", "", ""), "Bing"),
        ("?UTM_Source=fb&utm_Medium=post&UTM_CAMPAIGN=a%26b", ("fb", "post", "a&b"), "Facebook"),
        ("?utm_source=ig&amp;utm_medium=paid", ("ig", "paid", ""), "Instagram"),
        ("?utm_source={{site}}&utm_campaign=%5Bname%5D&utm_medium=x", ("", "x", ""), ""),
        ("?utm_source=&utm_source=late+mail", ("late mail", "", ""), "late mail"),
        ("?v=1&utm%5Fsource=a", ("", "", ""), ""),
    ],
)
async def test_the_columns_of_a_campaign_hold_what_its_source_is_read_from(
    world: World, tail: str, recorded: tuple[str, str, str], source: str
):
    rules = RecordingRules(parameters=("v", "utm_source"))
    await world.services.book.change_rules(world.site, lambda _: rules)
    browser = world.browser()
    await browser.accept()
    await browser.send(a_view(url=f"https://example.org/a{tail}"))
    (row,) = await world.rows()

    assert (row["utm_source"], row["utm_medium"], row["utm_campaign"]) == recorded
    assert (row["source"], row["path"]) == (source, "/a")


@pytest.mark.parametrize(
    "address",
    [
        "zqzqzq@example.org",
        "zqzqzq%40example.org",
        "zqzqzq%2540example.org",
        "https://zqzqzq:zqzqzq@example.org/",
        "zqzqzq@b.бел",
    ],
)
async def test_no_column_holds_an_email_address(world: World, address: str):
    rules = RecordingRules(parameters=("v",))
    await world.services.book.change_rules(world.site, lambda _: rules)
    browser = world.browser()
    await browser.accept()
    names = (*CAMPAIGN, "ref", "source", "v")
    query = "&".join(f"{name}={address}" for name in names)
    page = f"https://example.org/u/{address}?{query}"
    outside = page.replace("example.org", "zqzqzq:zqzqzq@other.test", 1)
    await browser.send(
        a_view(url=page, referrer=outside, title=f"Mail of {address}", canonical=page + "&a=1"),
        a_view(url=f"https://example.org/?ref={address}#utm_source={address}"),
        a_view(url=page, kind="link_click", link_url=outside, link_kind="outbound"),
        a_view(url=page, kind="form_submit", form=f"of {address}"),
        a_view(url=page, kind="custom_event", name=address, props={"zqzqzq@x.org": address}),
    )
    waiting = await world.services.journal.waiting(0, 10)
    rows = await world.rows()

    assert len(rows) == 5
    assert b"zqzqzq" not in b"".join(waiting.bodies)
    assert [value for row in rows for value in row.values() if "zqzqzq" in str(value)] == []


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u2060"])
async def test_an_address_with_a_sign_in_it_that_is_not_seen_is_masked(world: World, unseen: str):
    browser = world.browser()
    await browser.accept()
    address = f"zqzqzq{unseen}@exa{unseen}mple.org"
    page = f"https://example.org/a?utm_source={address}"
    await browser.send(a_view(url=page, title=f"Hy{unseen}phens, {address}"))
    await browser.send(a_view(title=f"Hy{unseen}phens"))
    told = {(row["title"], row["utm_source"], row["source"]) for row in await world.rows()}

    assert told == {("Hyphens, :email", ":email", ":email"), (f"Hy{unseen}phens", "", "")}


@pytest.mark.parametrize("field", ["id", "url", "referrer"])
async def test_a_newline_at_the_end_is_malformed(world: World, field: str):
    browser = world.browser()
    await browser.accept()
    view = a_view(referrer="https://a.test/")
    answer = await browser.send({**view, field: view[field] + "\n"})

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == f"events[0].{field}"


async def test_an_internal_error_is_answered_in_the_one_shape_and_logged_without_the_request(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    browser = world.browser()
    await browser.accept()

    def fail(*_entries: object) -> None:
        raise RuntimeError("zq")

    monkeypatch.setattr(world.services.journal, "put", fail)
    with structlog.testing.capture_logs() as logs:
        answer = await browser.send()

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "error")
    assert [(line["event"], line["where"], line["why"]) for line in logs] == [
        ("internal_error", "intake", "RuntimeError")
    ]
    assert await world.tally() == {"accepted": 1, "error": 1}


async def test_law_3_no_row_is_recorded_after_a_withdrawal_that_waits_for_the_ledger(world: World):
    browser = world.browser()
    await browser.accept()
    world.clock.move(minutes=1)
    async with world.services.ledger.write():
        withdrawing = asyncio.create_task(browser.withdraw())
        for _ in range(50):
            await asyncio.sleep(0)
        world.clock.move(ms=50)
        meanwhile = await browser.send()
    await withdrawing
    rows = await world.rows()
    claims = world.services.tokens.read(browser.token)
    assert claims is not None
    withdrawn_at = world.services.withdrawn.since(claims.consent_id)

    assert withdrawn_at is not None
    assert meanwhile.status_code in (202, 403)
    assert all(row["time"].timestamp() * 1000 < withdrawn_at for row in rows)


async def test_law_8_an_event_that_was_answered_202_before_a_withdrawal_reached_it_is_tallied(
    world: World,
):
    browser = world.browser()
    await browser.accept()
    assert (await browser.send(a_view(), a_view())).status_code == 202
    await browser.withdraw()  # in the same millisecond, and before the events are shipped

    assert await world.rows() == []
    assert await world.rows() == []
    assert await world.tally() == {"accepted": 1, "withdrawal": 1, "withdrawn": 2}


async def test_requirement_49_a_yes_in_spite_of_the_signal_is_taken_with_it(world: World):
    browser = world.browser()
    await browser.accept()
    early = await browser.send(**{"Sec-GPC": "1"})
    assert (early.status_code, early.json()["error"]["code"]) == (403, "signal")
    await browser.accept(gpc=True)
    assert (await browser.send(**{"Sec-GPC": "1"})).status_code == 202

"""Floods of POST /event and POST /consent, with a stopped clock: who is turned away."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog

from askfirst.clock import DAY_MS
from askfirst.rate_limits import MINUTE_MS
from server.app import build_app
from tests.collector.intake.test_column_filter import CLICK, a_yes
from tests.factories import CHROME, GOOGLEBOT, a_view
from tests.world import Browser, World, open_world

MANY = 1_000_000
HASTE = {"choices_per_minute": MANY, "choices_per_hour": MANY, "choices_per_day": MANY}
MB = 1_000_000


def at(world: World, address: str) -> Browser:
    """Return a browser at an address, in front of the world's server."""
    application = getattr(world, "application", None) or build_app(world.services)
    world.application = application  # one server: its counts are shared
    transport = httpx2.ASGITransport(app=application, client=(address, 50000))
    client = httpx2.AsyncClient(transport=transport, base_url="http://askfirst.test")
    return Browser(client, world.site)


async def accepted(world: World, address: str) -> Browser:
    browser = at(world, address)
    (await browser.accept()).raise_for_status()
    return browser


def codes(answers: list[httpx2.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


async def test_one_address_with_many_tokens_is_slowed_and_others_are_not(tmp_path: Path):
    async with open_world(tmp_path, address_events_per_minute=10, **HASTE) as world:
        flood = [await accepted(world, "192.0.2.1") for _ in range(6)]
        other = await accepted(world, "192.0.2.2")
        answers = [await one.send(a_view(), a_view(), a_view()) for one in flood]
        calm = await other.send()
        world.clock.move(minutes=1)
        later = await flood[5].send()
        rows, tally = await world.rows(), await world.tally()

    assert codes(answers) == [202, 202, 202, 429, 429, 429]
    assert answers[3].json()["error"]["code"] == "too_fast"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert (calm.status_code, later.status_code) == (202, 202)
    assert len(rows) == 11
    assert tally["too_fast"] == 3


@pytest.mark.parametrize(
    "addresses",
    [
        ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::3"],
        ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"],
    ],
)
async def test_one_holder_of_several_addresses_has_one_budget(tmp_path: Path, addresses: list[str]):
    async with open_world(tmp_path, address_events_per_minute=2, **HASTE) as world:
        browsers = [await accepted(world, address) for address in addresses]
        assert codes([await one.send() for one in browsers]) == [202, 202, 429]


async def test_a_whole_network_of_made_up_addresses_has_ten_budgets(tmp_path: Path):
    async with open_world(tmp_path, address_events_per_minute=1, **HASTE) as world:
        browser = await accepted(world, "192.0.2.9")
        sent = []
        for network in range(30):
            one = at(world, f"2001:db8:1:{network:x}::1")
            one.token = browser.token
            sent.append(await one.send())
        honest = await accepted(world, "2001:db8:2::1")
        calm = await honest.send()

    assert codes(sent).count(202) == 10
    assert calm.status_code == 202


async def test_long_events_use_the_budget_of_bytes(tmp_path: Path):
    async with open_world(tmp_path, address_bytes_per_minute=10_000, **HASTE) as world:
        browser = await accepted(world, "192.0.2.1")
        long = [a_view(url="https://example.org/" + "x" * 1500) for _ in range(3)]
        assert codes([await browser.send(*long) for _ in range(3)]) == [202, 429, 429]
        assert (await browser.send()).status_code == 202
        assert len(await world.rows()) == 4


async def test_a_sites_events_have_a_ceiling_a_day_and_other_sites_go_on(tmp_path: Path):
    async with open_world(tmp_path, site_events_per_day=3, **HASTE) as world:
        browsers = [await accepted(world, f"192.0.2.{number}") for number in range(5)]
        with structlog.testing.capture_logs() as logs:
            answers = [await one.send() for one in browsers]
        tally = await world.tally()
        world.clock.move(ms=DAY_MS)
        tomorrow = await browsers[4].send()

    assert codes(answers) == [202, 202, 202, 429, 429]
    assert int(answers[4].headers["retry-after"]) == DAY_MS // 2000
    assert tally["too_fast"] == 2
    assert [line["event"] for line in logs] == ["site_at_its_ceiling"]
    assert tomorrow.status_code == 202


async def test_what_is_refused_by_the_ceiling_is_not_in_the_journal(tmp_path: Path):
    async with open_world(tmp_path, site_events_per_day=1, **HASTE) as world:
        browser = await accepted(world, "192.0.2.1")
        await browser.send(a_view(url="https://example.org/first"))
        await browser.send(a_view(url="https://example.org/second"))
        assert [row["path"] for row in await world.rows()] == ["/first"]


@pytest.mark.parametrize(
    ("limits", "move", "most"),
    [
        ({"choices_per_minute": 2}, {"minutes": 1}, 2),
        ({"choices_per_hour": 3, "choices_per_minute": MANY}, {"minutes": 60}, 3),
        ({"choices_per_day": 4, "choices_per_minute": MANY}, {"days": 1}, 4),
    ],
)
async def test_yeses_of_one_address_are_limited_by_the_minute_the_hour_and_the_day(
    tmp_path: Path, limits: dict[str, int], move: dict[str, float], most: int
):
    async with open_world(tmp_path, **limits) as world:
        answers = [await at(world, "192.0.2.1").accept() for _ in range(most + 2)]
        calm = await at(world, "192.0.2.2").accept()
        world.clock.move(**move)
        later = await at(world, "192.0.2.1").accept()
        tally = await world.tally()

    assert codes(answers) == [200] * most + [429] * 2
    assert "set-cookie" not in answers[-1].headers
    assert (calm.status_code, later.status_code) == (200, 200)
    assert tally == {"accepted": most + 2, "too_fast": 2}


async def test_law_5_who_may_say_no_more_yes_may_still_leave(tmp_path: Path):
    async with open_world(tmp_path, choices_per_minute=2) as world:
        first, second = await accepted(world, "192.0.2.1"), await accepted(world, "192.0.2.1")
        assert (await at(world, "192.0.2.1").accept()).status_code == 429
        answers = [await first.withdraw(), await second.erase(), await second.refuse()]

    assert codes(answers) == [200, 200, 200]


async def test_law_5_a_no_is_answered_always_and_counted_at_ten_times_as_many_as_yeses(
    tmp_path: Path,
):
    async with open_world(tmp_path, choices_per_minute=2) as world:
        browser = at(world, "192.0.2.1")
        assert codes([await browser.refuse() for _ in range(25)]) == [200] * 25
        assert (await at(world, "192.0.2.2").refuse()).status_code == 200
        assert await world.tally() == {"refused": 21, "too_fast": 5}


async def test_the_page_without_javascript_has_the_same_budget(tmp_path: Path):
    async with open_world(tmp_path, hosts=("askfirst.test",), choices_per_minute=2) as world:
        browser = at(world, "192.0.2.1")
        browser.headers["Origin"] = "http://askfirst.test"
        asked = await browser.wording()
        form = {"choice": "accept_all", "version": asked["version"], "notice": asked["hash"]}
        form |= {"language": "en", "offered": "statistics"}
        path = f"/choice/{world.site.key}"
        origin = {"Origin": "http://askfirst.test"}

        async def by_form() -> int:
            browser.client.cookies.clear()
            answer = await browser.client.post(path, data=form, headers=origin)
            return int(answer.status_code)

        found = [(await browser.accept()).status_code, await by_form(), await by_form()]
    assert found == [200, 200, 429]


async def test_who_floods_a_site_with_yeses_leaves_half_of_its_ceiling_to_others(tmp_path: Path):
    async with open_world(tmp_path, site_choices_per_day=40, **HASTE) as world:
        flood = codes([await at(world, "192.0.2.1").accept() for _ in range(60)])
        honest = codes([await at(world, f"198.51.100.{n}").accept() for n in range(30)])

    assert flood.count(200) == 20
    assert honest == [200] * 20 + [429] * 10


def free(world_disk: dict[str, int]) -> Any:
    return lambda _folder: world_disk["free"]


async def test_law_5_on_a_short_disk_events_and_yeses_wait_and_leaving_works(tmp_path: Path):
    disk = {"free": 600 * MB}
    async with open_world(tmp_path, free_of=free(disk), **HASTE) as world:
        first, second = await accepted(world, "192.0.2.1"), await accepted(world, "192.0.2.2")
        third = await accepted(world, "192.0.2.3")
        before = await first.send()
        world.clock.move(ms=1)
        disk["free"] = 500 * MB
        world.services.storage.look()
        events, yes = await first.send(), await at(world, "192.0.2.4").accept()
        leaving = [
            await first.withdraw(),
            await second.erase(),
            await at(world, "1.2.3.4").refuse(),
        ]
        tally = await world.tally()
        disk["free"] = 600 * MB
        world.services.storage.look()
        after, yes_again = await third.send(), await at(world, "192.0.2.4").accept()
        rows = await world.rows()

    assert (before.status_code, events.status_code, yes.status_code) == (202, 503, 503)
    assert events.json()["error"]["code"] == yes.json()["error"]["code"] == "unavailable"
    assert int(events.headers["retry-after"]) > 0
    assert "set-cookie" not in yes.headers
    assert codes(leaving) == [200, 200, 200]
    assert (tally["unavailable"], tally["withdrawal"], tally["refused"]) == (2, 2, 1)
    assert (after.status_code, yes_again.status_code) == (202, 200)
    assert len(rows) == 2


async def test_law_6_an_erasure_reaches_rows_while_the_disk_is_short(tmp_path: Path):
    disk = {"free": 600 * MB}
    async with open_world(tmp_path, free_of=free(disk), **HASTE) as world:
        browser = await accepted(world, "192.0.2.1")
        await browser.send(a_view(), a_view())
        disk["free"] = 0
        world.services.storage.look()
        answer = await browser.erase()

        assert answer.json()["receipt"]["rows"] > 0
        assert await world.rows() == []


async def test_a_server_that_opens_on_a_short_disk_takes_no_event_from_the_start(tmp_path: Path):
    disk = {"free": 600 * MB}
    async with open_world(tmp_path, free_of=free(disk), **HASTE) as world:
        token = (await accepted(world, "192.0.2.1")).token
    disk["free"] = 1
    async with open_world(tmp_path, free_of=free(disk), **HASTE) as world:
        browser = at(world, "192.0.2.1")
        browser.token = token
        assert (await browser.send()).status_code == 503


async def test_a_bot_is_refused_as_a_bot_and_not_as_too_fast(tmp_path: Path):
    async with open_world(tmp_path, address_events_per_minute=1, **HASTE) as world:
        browser = await accepted(world, "192.0.2.1")
        await browser.send()
        bot = {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}
        assert (await browser.send(**bot)).json()["error"]["code"] == "bot"
        assert CHROME in browser.headers["User-Agent"]


@pytest.mark.parametrize(
    ("events", "headers", "code"),
    [
        ([a_view()], {"User-Agent": GOOGLEBOT}, "bot"),
        ([a_view(age=2 * DAY_MS)], {}, "too_old"),
        ([a_view(age=5 * MINUTE_MS)], {}, "before_consent"),
        ([a_view(url="https://elsewhere.example/")], {}, "bad_origin"),
    ],
)
async def test_what_is_refused_for_another_reason_takes_nothing_of_anybodys_budget(
    tmp_path: Path, events: list[dict[str, Any]], headers: dict[str, str], code: str
):
    limits = {"address_events_per_minute": 2, "events_per_minute": 2}
    async with open_world(tmp_path, **limits, **HASTE) as world:
        browser = await accepted(world, "192.0.2.1")
        refused = [await browser.send(*events, **headers) for _ in range(5)]
        honest = [await browser.send(), await browser.send(), await browser.send()]

    assert {answer.json()["error"]["code"] for answer in refused} == {code}
    assert codes(honest) == [202, 202, 429]


async def test_law_8_a_request_that_is_turned_away_is_tallied_once_with_all_that_is_in_it(
    tmp_path: Path,
):
    async with open_world(tmp_path, site_events_per_day=1, **HASTE) as world:
        purposes = ("link_url", "link_kind"), ("statistics",)
        browser = await a_yes(world, *purposes)
        first = await browser.send()
        again = [await browser.send(a_view(), a_view(**CLICK)) for _ in range(3)]
        tally = await world.tally()

    assert codes([first, *again]) == [202, 429, 429, 429]
    assert tally["too_fast"] == 3
    assert "other_purpose" not in tally

"""The server-side API: a backend's events need a key of the site and the visitor's consent."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from askfirst.errors import Unavailable
from askfirst.store.ledger.api_keys import MOST_KEYS, ApiKeys
from collector.api.endpoint import WRONG_KEYS_A_MINUTE
from tests.factories import CHROME, GOOGLEBOT, NOON, a_view
from tests.world import Browser, World, open_world

EVENTS = "/api/v1/events"


class Backend:
    """A site's backend with a key, and one of its visitors."""

    def __init__(self, world: World, visitor: Browser, key: str) -> None:
        self.world = world
        self.visitor = visitor
        self.key = key

    async def send(self, *events: dict[str, Any], **fields: Any) -> httpx2.Response:
        body = {"token": self.visitor.token, "events": list(events) or [a_view()], **fields}
        return await self.post(body)

    async def post(self, body: object, key: str | None = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key if key is None else key}"}
        return await self.world.client.post(EVENTS, json=body, headers=headers)


async def a_key(world: World, site_id: int | None = None, name: str = "Shop") -> str:
    keys = ApiKeys(world.services.ledger, world.clock)
    async with world.services.ledger.write() as connection:
        secret = await keys.make(connection, site_id or world.site.id, name)
    assert secret
    return secret


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    async with open_world(tmp_path, events_per_minute=20, key_events_per_minute=30) as world:
        visitor = world.browser()
        await visitor.accept()
        yield Backend(world, visitor, await a_key(world))


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error"}
    return answer.status_code, answer.json()["error"]["code"]


async def refusals(backend: Backend) -> dict[str, int]:
    return {k: n for k, n in (await backend.world.tally()).items() if k != "accepted"}


@pytest.mark.parametrize("fields", [{}, {"user_agent": ""}, {"user_agent": "SomeApp/3.1"}])
async def test_a_backend_need_not_name_a_browser(backend: Backend, fields: dict[str, str]) -> None:
    await backend.send(**fields)

    assert [row["bot_rule"] for row in await backend.world.rows()] == [""]


async def test_an_event_of_a_backend_is_recorded_as_one_of_the_visitors_browser(
    backend: Backend,
) -> None:
    backend.world.clock.move(minutes=1)
    answer = await backend.send(
        a_view(url="https://example.org/thanks?utm_source=mail", age=1000),
        ip="81.2.69.142",
        user_agent=CHROME,
        accept_language="en-GB,en;q=0.8",
    )
    (row,) = await backend.world.rows()

    assert (answer.status_code, answer.json()) == (202, {"recorded": 1})
    assert answer.headers["cache-control"] == "no-store"
    assert (row["path"], row["browser"], row["language"]) == ("/thanks", "Chrome", "en-GB")
    assert (row["ip"], row["country"]) == ("81.2.69.142", "GB")
    assert row["time"].value == (NOON + 59_000) * 10**6


async def test_law_2_a_backend_needs_the_visitors_consent_like_everybody(backend: Backend) -> None:
    world, visitor = backend.world, backend.visitor
    site = await world.services.book.add("Other", ("other.org",), "UTC", dict(_content(world)))
    other = Backend(world, visitor, await a_key(world, site.id))
    elsewhere = a_view(url="https://other.org/")
    for answer, code in (
        (await backend.send(token=""), "no_consent"),
        (await backend.send(token="forged.token"), "bad_token"),
        (await backend.send(elsewhere), "bad_origin"),
        (await backend.send(a_view(), elsewhere), "bad_origin"),
        (await backend.send(a_view(age=1)), "before_consent"),
        (await backend.send(gpc=True), "signal"),
        (await backend.send(user_agent=GOOGLEBOT), "bot"),
        (await other.send(), "bad_origin"),
        (await other.send(elsewhere), "other_site"),
    ):
        assert code_of(answer) == (403, code)
    await visitor.withdraw()
    assert code_of(await backend.send()) == (403, "withdrawn")

    assert await world.rows() == []


def _content(world: World) -> dict[str, Any]:
    from consent.policy.wording import Terms, default_policy

    return default_policy("Other", "Other Ltd", "a@other.org", "", Terms())


async def test_law_3_each_row_names_the_consent_of_the_token(backend: Backend) -> None:
    claims = backend.world.services.tokens.read(backend.visitor.token)
    await backend.send()

    assert claims
    assert [row["consent_id"] for row in await backend.world.rows()] == [claims.consent_id]


async def test_without_a_key_of_the_server_nothing_is_read_and_nothing_recorded(
    backend: Backend,
) -> None:
    world, good = backend.world, {"token": backend.visitor.token, "events": [a_view()]}
    wrong = ["", "x", "askfirst_" + "A" * 43, backend.key[:-1]]
    for key in wrong:
        answer = await backend.post(good, key)
        assert code_of(answer) == (401, "bad_key")
        assert answer.headers["www-authenticate"] == "Bearer"
    latin = await world.client.post(EVENTS, json=good, headers={"Authorization": b"Bearer \xe9"})
    answer = await world.client.post(EVENTS, json=good)
    basic = await world.client.post(EVENTS, json=good, headers={"Authorization": "Basic abc"})

    assert code_of(answer) == code_of(basic) == code_of(latin) == (401, "bad_key")
    assert await world.services.tallies.read(0, "2000-01-01", "2999-12-31") == {"bad_key": 7}
    assert await world.rows() == []


async def test_a_revoked_key_and_one_of_a_deleted_site_are_known_no_more(backend: Backend) -> None:
    world = backend.world
    keys = ApiKeys(world.services.ledger, world.clock)
    (listed,) = await keys.of(world.site.id)
    async with world.services.ledger.write() as connection:
        assert not await keys.revoke(connection, world.site.id + 1, listed.id)
        assert await keys.revoke(connection, world.site.id, listed.id)
    assert code_of(await backend.send()) == (401, "bad_key")

    backend.key = await a_key(world)
    assert (await backend.send()).status_code == 202
    await world.services.site_deletion.delete(world.site.id)
    assert code_of(await backend.send()) == (401, "bad_key")


async def test_law_8_what_a_key_that_is_off_sends_is_refused_and_counted(backend: Backend) -> None:
    world = backend.world
    keys = ApiKeys(world.services.ledger, world.clock)
    (listed,) = await keys.of(world.site.id)
    async with world.services.ledger.write() as connection:
        assert await keys.switch(connection, world.site.id, listed.id, on=False)
    assert code_of(await backend.send()) == (403, "key_off")
    assert (await keys.of(world.site.id))[0].used_day == ""
    assert await world.rows() == []
    tallies = await world.services.tallies.read(world.site.id, "2000-01-01", "2999-12-31")
    assert tallies["key_off"] == 1

    async with world.services.ledger.write() as connection:
        assert await keys.switch(connection, world.site.id, listed.id, on=True)
    assert (await backend.send()).status_code == 202


async def test_a_key_is_stored_as_a_hash_with_the_day_of_its_last_use(backend: Backend) -> None:
    world, secret = backend.world, backend.key
    keys = ApiKeys(world.services.ledger, world.clock)
    assert [one.used_day for one in await keys.of(world.site.id)] == [""]
    await backend.send()
    world.clock.move(days=1)
    await backend.send(a_view())
    (listed,) = await keys.of(world.site.id)

    assert (listed.used_day, listed.name) == ("2026-01-02", "Shop")
    assert secret.startswith(listed.start)
    await world.services.ledger.checkpoint()
    folder = world.services.settings.data_folder
    stored = await asyncio.to_thread((folder / "ledger.db").read_bytes)
    assert listed.start.encode() in stored
    assert secret.encode() not in stored


async def test_a_site_has_no_more_than_so_many_keys(backend: Backend) -> None:
    world = backend.world
    for number in range(MOST_KEYS - 1):
        await a_key(world, name=str(number))
    keys = ApiKeys(world.services.ledger, world.clock)
    async with world.services.ledger.write() as connection:
        assert await keys.make(connection, world.site.id, "one more") is None


async def test_too_many_events_of_a_visitor_or_with_a_key_wait(backend: Backend) -> None:
    many = [a_view() for _ in range(20)]
    assert (await backend.send(*many)).status_code == 202
    more = await backend.send()
    another = backend.world.browser()
    await another.accept()
    by_key = await Backend(backend.world, another, backend.key).send(*(a_view() for _ in range(11)))

    for answer in (more, by_key):
        assert code_of(answer) == (429, "too_fast")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    backend.world.clock.move(minutes=1)
    assert (await backend.send()).status_code == 202
    assert await refusals(backend) == {"too_fast": 2}


async def test_an_address_with_many_wrong_keys_waits_also_with_a_right_one(
    backend: Backend,
) -> None:
    for _ in range(WRONG_KEYS_A_MINUTE):
        assert code_of(await backend.post({}, "wrong")) == (401, "bad_key")
    assert code_of(await backend.send()) == (429, "too_fast")
    backend.world.clock.move(minutes=1)
    assert (await backend.send()).status_code == 202


@pytest.mark.parametrize(
    ("referrer", "host", "source"),
    [
        ("www.google.com", "google.com", "Google"),
        ("WWW.Google.com:443/search?q=zq", "google.com", "Google"),
        ("HTTPS://duckduckgo.com/?q=zq", "duckduckgo.com", "DuckDuckGo"),
        ("bücher.example/zq", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("example.org/before", "", ""),
    ],
)
async def test_a_bare_host_is_read_as_a_referrer(
    backend: Backend, referrer: str, host: str, source: str
):
    answer = await backend.send(a_view(referrer=referrer))
    (row,) = await backend.world.rows()

    assert answer.status_code == 202
    assert (row["referrer_host"], row["source"]) == (host, source)
    assert "q=" not in row["referrer"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": []}, "events"),
        ({"events": [a_view()], "ip": "x"}, "ip"),
        ({"events": [a_view()], "site": "x"}, None),
        ({"events": [a_view(url="ftp://example.org")]}, "events[0].url"),
        ({"events": [a_view(id="no")]}, "events[0].id"),
        ({"events": [a_view() for _ in range(51)]}, "events"),
        ([], None),
    ],
    ids=("none", "address", "unknown", "url", "id", "many", "list"),
)
async def test_a_body_that_the_contract_does_not_know_is_malformed(
    backend: Backend, body: object, field: str | None
) -> None:
    answer = await backend.post(body)
    assert code_of(answer) == (400, "malformed")
    assert answer.json()["error"].get("field") == field
    assert await refusals(backend) == {"malformed": 1}


async def test_law_7_an_event_is_on_disk_when_it_is_answered_and_sent_again_is_stored_once(
    backend: Backend,
) -> None:
    view = a_view(url="https://example.org/once")
    await backend.send(view)
    assert b"/once" in await asyncio.to_thread(backend.world.journal_bytes)
    await backend.send(view)

    assert len(await backend.world.rows()) == 1


async def test_law_7_where_nothing_can_be_stored_it_says_so(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise Unavailable("The disk is short.", retry_after=60)

    monkeypatch.setattr(backend.world.services.admission, "_refuse_if_short", full)
    answer = await backend.send()
    assert code_of(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "60"
    assert await backend.world.rows() == []


async def test_law_8_every_refusal_of_a_backend_is_tallied_for_its_site(backend: Backend) -> None:
    await backend.send(token="")
    await backend.post("x" * 70_000)
    answer = await backend.world.client.get(EVENTS)

    assert code_of(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
    assert await refusals(backend) == {"no_consent": 1, "too_large": 1}

"""Strangers are slowed down; nobody who has signed in here before is locked out by them."""

import asyncio
import threading
from dataclasses import replace

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, update
from starlette.applications import Starlette

from askfirst.errors import AskfirstError
from askfirst.store.tables import staff
from reports.access import make_setup_link
from reports.app import routes
from tests.reports.garden import (
    EMAIL,
    HASH,
    PASSWORD,
    SAME_ORIGIN,
    Garden,
    _error,
    bare_garden,
    open_garden,
)

RIGHT = {"email": EMAIL, "password": PASSWORD}
WRONG = {"email": EMAIL, "password": "wrong"}


async def _try(client: httpx2.AsyncClient, form: dict[str, str]) -> int:
    return (await client.post("/sign-in", data=form, headers=SAME_ORIGIN)).status_code


async def _strangers(garden: Garden, app: Starlette, number: int) -> list[int]:
    return [await _try(garden.client(app, peer=f"198.51.100.{n}"), WRONG) for n in range(number)]


async def test_an_ipv6_network_of_one_holder_is_one_address(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=3) as garden:
        app = garden.app()
        peers = [f"2001:db8:0:1::{n}" for n in range(1, 6)]
        tries = [await _try(garden.client(app, peer=peer), WRONG) for peer in peers]
        neighbour = await _try(garden.client(app, peer="2001:db8:0:2::1"), WRONG)

    assert tries == [401, 401, 401, 429, 429]
    assert neighbour == 401


async def test_an_ipv4_address_is_one_however_it_is_written(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        app = garden.app()
        peers = ["192.0.2.7", "::ffff:192.0.2.7"]
        assert [await _try(garden.client(app, peer=p), WRONG) for p in peers] == [401, 429]


async def test_strangers_who_use_up_an_accounts_tries_do_not_lock_a_known_browser_out(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        owner = garden.client(app, peer="203.0.113.9")
        await _try(owner, RIGHT)
        strangers = await _strangers(garden, app, 22)

        assert strangers == [401] * 20 + [429] * 2
        assert await _try(owner, RIGHT) == 303
        assert await _try(garden.client(app, peer="203.0.113.77"), RIGHT) == 429


async def test_strangers_at_the_owners_address_do_not_lock_a_known_browser_out(tmp_path):
    """Behind a proxy that is not named in the settings everybody has one address."""
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        owner = garden.client(app)
        await _try(owner, RIGHT)
        strangers = [await _try(garden.client(app), WRONG) for _ in range(4)]

        assert strangers[-1] == 429
        assert await _try(owner, RIGHT) == 303


async def test_right_passwords_do_not_count_against_the_account(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        app = garden.app()
        peers = [f"198.51.100.{n}" for n in range(15)]
        assert {await _try(garden.client(app, peer=peer), RIGHT) for peer in peers} == {303}
        assert (await _strangers(garden, app, 30)).count(401) == 10  # from the other 15


async def test_a_known_browser_has_a_count_of_its_own_and_then_is_a_stranger(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        owner = garden.client(app)
        await _try(owner, RIGHT)
        tries = [await _try(owner, WRONG) for _ in range(5)]

        assert tries == [401, 401, 401, 429, 429]  # two of its own, one of the address


@pytest.mark.parametrize("case", ["changed", "cut", "other", "late", "password", "empty"])
async def test_a_cookie_that_is_not_the_accounts_own_makes_no_browser_known(tmp_path, case):
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        app = garden.app()
        owner = garden.client(app)
        await _try(owner, RIGHT)
        cookie = owner.cookies["__Host-askfirst_browser"]
        form = RIGHT
        if case == "changed":
            cookie = f"2{cookie[1:]}"
        if case == "cut":
            cookie = cookie[:-1]
        if case == "empty":
            cookie = "."
        if case == "late":
            garden.clock.move(days=180)
        async with garden.parts.ledger.write() as connection:
            if case == "password":
                again = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
                await connection.execute(update(staff).values(password_hash=again))
            if case == "other":
                row = {"email": "b@example.org", "password_hash": HASH, "created_at": 1}
                await connection.execute(insert(staff), [row])
                form = RIGHT | {"email": "b@example.org"}
        taken = garden.client(app, Cookie=f"__Host-askfirst_browser={cookie}")

        assert await _try(taken, form) == 429  # the address has used its one try up


async def test_the_cookie_of_a_known_browser_names_nobody(garden: Garden):
    client = await garden.signed_in()
    cookie = client.cookies["__Host-askfirst_browser"]

    assert EMAIL not in cookie
    assert cookie.startswith("1.")
    again = await garden.signed_in()
    assert again.cookies["__Host-askfirst_browser"] != cookie


async def test_a_crowd_before_the_slow_hash_is_told_to_come_again(tmp_path, monkeypatch):
    """Two are looked at, sixteen wait, and who comes then is answered at once."""
    release, verify = threading.Event(), PasswordHasher.verify

    def slow(self: PasswordHasher, *given: str) -> bool:
        release.wait(30)
        return verify(self, *given)

    async with open_garden(tmp_path) as garden:
        app = garden.app()
        await _try(garden.client(app, peer="198.51.100.200"), WRONG)
        monkeypatch.setattr(PasswordHasher, "verify", slow)
        tasks = []
        for number in range(30):
            client = garden.client(app, peer=f"198.51.100.{number}")
            form = {"email": EMAIL if number % 2 else "unknown@example.org", "password": "wrong"}
            asked = client.post("/sign-in", data=form, headers=SAME_ORIGIN)
            tasks.append(asyncio.create_task(asked))
        waiting = set(tasks)
        while len(waiting) > 18:
            _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        release.set()
        answers = await asyncio.gather(*tasks)

    full = [answer for answer in answers if answer.status_code == 503]
    assert len(full) == 12
    assert {answer.headers["retry-after"] for answer in full} == {"3"}
    assert {answer.json()["error"]["code"] for answer in full} == {"unavailable"}
    assert {answer.status_code for answer in answers} == {401, 503}


async def test_a_set_up_without_its_code_is_refused_before_any_work(tmp_path):
    def never(*_: object) -> None:
        raise AssertionError("A policy was written for somebody without a code.")

    async with bare_garden(tmp_path) as (parts, clock):
        await make_setup_link(parts.ledger, clock)
        idle = replace(parts, default_policy=never)
        app = Starlette(routes=routes(idle), exception_handlers={AskfirstError: _error})
        client = Garden(parts, clock, (None, None)).client(app)
        form = {"code": "wrong", "name": "Garden", "hosts": "example.org", "email": EMAIL}
        tries = [await client.post("/setup", data=form, headers=SAME_ORIGIN) for _ in range(11)]

    assert {answer.status_code for answer in tries[:10]} <= {410, 422}
    assert tries[10].status_code == 429

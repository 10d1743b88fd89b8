"""Strangers are limited, and lock out nobody who has signed in here before."""

import asyncio
import threading
from dataclasses import replace

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, update
from starlette.applications import Starlette

from askfirst.errors import AskfirstError
from askfirst.sign_in.sign_in_limits import SignInLimits
from askfirst.store.ledger.tables import staff
from reports.app import routes
from reports.sites.setup import make_setup_link
from tests.factories import StoppedClock
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
from tests.reports.typed_site import SETUP

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

        assert strangers == [401] * 22
        assert await _try(owner, RIGHT) == 303


async def test_strangers_who_use_up_an_accounts_tries_do_not_keep_a_new_browser_out(tmp_path):
    """From then on each network has a few wrong tries an hour of its own."""
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        strangers = await _strangers(garden, app, 30)

        assert strangers == [401] * 23 + [429] * 7
        assert await _try(garden.client(app, peer="203.0.113.77"), RIGHT) == 303
        assert await _try(garden.client(app, peer="203.0.113.78"), WRONG) == 401
        assert await _try(garden.client(app, peer="203.0.113.79"), RIGHT) == 303


async def test_one_who_holds_many_ipv6_networks_of_64_bits_keeps_the_owner_out_of_no_browser(
    tmp_path,
):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        peers = [f"2001:db8:7:{n:x}::1" for n in range(60)]
        tries = [await _try(garden.client(app, peer=peer), WRONG) for peer in peers]

        assert tries == [401] * 20 + [429] * 40  # the 48 bits have ten times an address's tries
        assert await _try(garden.client(app, peer="2001:db8:8::1"), RIGHT) == 303
        garden.clock.move(minutes=1)
        assert await _try(garden.client(app, peer="2001:db8:7:ff::1"), RIGHT) == 303


async def test_an_account_that_is_guarded_takes_few_wrong_passwords_from_a_network(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        app = garden.app()
        tries = []
        for number in range(6):
            garden.clock.move(minutes=1)
            await _strangers(garden, app, 10)  # an account is guarded for a minute
            peer = f"2001:db8:7:{number:x}::1"
            tries.append(await _try(garden.client(app, peer=peer), WRONG))

        assert tries == [401, 401, 401, 429, 429, 429]
        assert await _try(garden.client(app, peer="2001:db8:7:77::1"), RIGHT) == 429
        other = {"email": "nobody@example.org", "password": "wrong"}
        assert await _try(garden.client(app, peer="2001:db8:7:88::1"), other) == 401


async def test_right_passwords_do_not_count_against_their_address(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        assert {await _try(garden.client(app), RIGHT) for _ in range(5)} == {303}
        assert [await _try(garden.client(app), WRONG) for _ in range(3)] == [401, 401, 429]


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
        assert (await _strangers(garden, app, 30)).count(401) == 13


async def test_a_known_browser_has_a_count_of_its_own_and_then_is_a_stranger(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        owner = garden.client(app)
        await _try(owner, RIGHT)
        tries = [await _try(owner, WRONG) for _ in range(5)]

        assert tries == [401, 401, 401, 401, 429]  # two of its own, two of the address


@pytest.mark.parametrize("case", ["changed", "cut", "other", "late", "password", "empty"])
async def test_a_cookie_that_is_not_the_accounts_own_makes_no_browser_known(tmp_path, case):
    async with open_garden(tmp_path, sign_ins_per_minute=1) as garden:
        app = garden.app()
        owner = garden.client(app)
        await _try(owner, RIGHT)
        await _try(garden.client(app), WRONG)
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
            await _try(garden.client(app), WRONG)
        async with garden.deps.ledger.write() as connection:
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

    async with bare_garden(tmp_path) as (deps, clock):
        await make_setup_link(deps.ledger, clock)
        idle = replace(deps, default_policy=never)
        app = Starlette(routes=routes(idle), exception_handlers={AskfirstError: _error})
        client = Garden(deps, clock, (None, None)).client(app)
        form = {"code": "wrong", "name": "Garden", "hosts": "example.org", "email": EMAIL}
        tries = [await client.post("/setup", data=form, headers=SAME_ORIGIN) for _ in range(11)]

    assert {answer.status_code for answer in tries[:10]} <= {410, 422}
    assert tries[10].status_code == 429


async def test_a_right_code_sets_up_whatever_was_tried_before_at_its_address(tmp_path):
    async with bare_garden(tmp_path) as (deps, clock):
        code = ((await make_setup_link(deps.ledger, clock)) or "").partition("#code=")[2]
        client = Garden(deps, clock, (None, None)).client()
        for number in range(12):
            guess = SETUP | {"code": f"guess {number}"}
            await client.post("/setup", data=guess, headers=SAME_ORIGIN)
        answer = await client.post("/setup", data=SETUP | {"code": code}, headers=SAME_ORIGIN)

    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("192.0.2.7", "::ffff:192.0.2.9", True),
        ("192.0.2.7", "192.0.3.7", False),
    ],
)
def test_strangers_of_one_network_share_its_turns_in_the_queue(one: str, other: str, shared: bool):
    limits = SignInLimits(10, StoppedClock())
    mine, theirs = limits.take(one, EMAIL, None), limits.take(other, EMAIL, None)

    assert (mine.client_key.key == theirs.client_key.key) == shared

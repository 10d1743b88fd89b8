"""Whoever proved a password that is another one by now gets neither a session nor a change."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace

import httpx2
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette
from structlog.testing import capture_logs

from askfirst.errors import AskfirstError
from askfirst.store.ledger.tables import sessions
from reports.app import routes
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden, _error
from tests.reports.staff.test_account import NEW, csrf, post, sign_in
from tests.reports.staff.test_reset import code_of, send
from tests.reports.typed_site import THIRD

LATE = "nine blue lamps in town"


class Gate:
    """Holds a check of a password that has been made until `open`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._reached, self._opened = threading.Event(), threading.Event()
        verify = PasswordHasher.verify

        def held(hasher: PasswordHasher, *given: str) -> bool:
            answer = verify(hasher, *given)
            self._reached.set()
            self._opened.wait(60)
            return answer

        monkeypatch.setattr(PasswordHasher, "verify", held)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._reached.wait, 60)

    def open(self) -> None:
        self._opened.set()


async def _owner(garden: Garden, app: Starlette) -> httpx2.AsyncClient:
    client = await sign_in(garden, app)
    assert client is not None
    return client


async def _sessions(garden: Garden) -> int:
    async with garden.deps.ledger.read() as connection:
        counted = select(func.count()).select_from(sessions)
        return int((await connection.execute(counted)).scalar_one())


async def test_a_sign_in_under_way_does_not_survive_that_the_password_is_set_anew(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, code = garden.app(), await code_of(garden)
    await sign_in(garden, app, "wrong")  # the stand-in of nobody's password is made
    gate = Gate(monkeypatch)
    form = {"email": EMAIL, "password": PASSWORD}
    late = asyncio.create_task(garden.client(app).post("/sign-in", data=form, headers=SAME_ORIGIN))
    await gate.reached()
    assert (await send(garden.client(app), code, NEW)).status_code == 303
    gate.open()
    answer = await late

    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert "set-cookie" not in answer.headers
    assert await _sessions(garden) == 1  # that of whoever set the password
    assert [act for act, *_ in await garden.acts()][-1] == "sign_in_failed"


@pytest.mark.parametrize("path", ["/password", "/email"])
async def test_a_change_under_way_does_not_undo_that_the_password_is_set_anew(
    garden: Garden, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    app = garden.app()
    mine, code = await _owner(garden, app), await code_of(garden)
    form = {"csrf": await csrf(mine)} | {
        "/password": {"password_now": PASSWORD, "password_new": LATE},
        "/email": {"email_password": PASSWORD, "email": "other@example.org"},
    }[path]
    gate = Gate(monkeypatch)
    late = asyncio.create_task(mine.post(f"/account{path}", data=form))
    await gate.reached()
    assert (await send(garden.client(app), code, NEW)).status_code == 303
    gate.open()

    assert (await late).status_code == 422
    assert await sign_in(garden, app, NEW)
    assert await sign_in(garden, app, LATE) is None
    assert not {"password_changed", "email_changed"} & {act for act, *_ in await garden.acts()}


@asynccontextmanager
async def _noting_fails(garden: Garden) -> AsyncIterator[None]:
    refuse = "CREATE TRIGGER no BEFORE INSERT ON staff_acts BEGIN SELECT RAISE(ABORT, 'no'); END"
    async with garden.deps.ledger.write() as connection:
        await connection.execute(text(refuse))
    yield
    async with garden.deps.ledger.write() as connection:
        await connection.execute(text("DROP TRIGGER no"))


@pytest.mark.parametrize("path", ["/password", "/email", "/sessions"])
async def test_what_cannot_be_noted_of_an_account_is_not_done(garden: Garden, path: str) -> None:
    app = garden.app()
    mine, _other = await _owner(garden, app), await _owner(garden, app)
    form = {
        "/password": {"password_now": PASSWORD, "password_new": NEW},
        "/email": {"email_password": PASSWORD, "email": "other@example.org"},
        "/sessions": {"all": "yes"},
    }[path]
    async with _noting_fails(garden):
        with pytest.raises(IntegrityError):
            await post(mine, path, **form)

    assert await _sessions(garden) == 2
    assert await sign_in(garden, app)


async def test_a_code_whose_use_cannot_be_noted_stays_good(garden: Garden) -> None:
    app, code = garden.app(), await code_of(garden)
    async with _noting_fails(garden):
        with pytest.raises(IntegrityError):
            await send(garden.client(app), code, NEW)

    assert await sign_in(garden, app)
    assert (await send(garden.client(app), code, NEW)).status_code == 303


async def test_a_link_that_cannot_be_noted_is_not_made(garden: Garden) -> None:
    first = await code_of(garden)
    async with _noting_fails(garden):
        with pytest.raises(IntegrityError):
            await code_of(garden)

    assert (await send(garden.client(), first, NEW)).status_code == 303


@pytest.mark.parametrize("path", ["/sites/new", "/sites/KEY/settings"])
async def test_what_was_done_is_answered_as_done_where_it_cannot_be_noted(
    garden: Garden, path: str
) -> None:
    client = await _owner(garden, garden.app())
    secret = {"csrf": await csrf(client)}
    async with _noting_fails(garden):
        with capture_logs() as lines:
            answer = await client.post(path.replace("KEY", garden.site.key), data=THIRD | secret)

    assert answer.status_code == 303
    assert THIRD["name"] in [site.name for site in garden.deps.book.all()]
    assert "staff_act_not_kept" in [line["event"] for line in lines]


@pytest.mark.parametrize("crashes", [True, False])
async def test_a_sites_deletion_is_noted_before_anything_of_it_goes(
    garden: Garden, crashes: bool
) -> None:
    noted = []

    async def delete(_site_id: int) -> None:
        noted.extend(await garden.acts())
        if crashes:
            raise ConnectionError

    deps = replace(garden.deps, delete_site=delete)
    app = Starlette(routes=routes(deps), exception_handlers={AskfirstError: _error})
    client = await _owner(garden, app)
    form = {"csrf": await csrf(client), "name": "Garden"}
    with pytest.raises(ConnectionError) if crashes else nullcontext():
        await client.post(f"/sites/{garden.site.key}/delete", data=form)

    assert noted == [("site_deleted", EMAIL, garden.site.key)] == await garden.acts()


async def test_a_site_whose_deletion_cannot_be_noted_stays(garden: Garden) -> None:
    client = await _owner(garden, garden.app())
    form = {"csrf": await csrf(client), "name": "Garden"}
    async with _noting_fails(garden):
        with pytest.raises(IntegrityError):
            await client.post(f"/sites/{garden.site.key}/delete", data=form)

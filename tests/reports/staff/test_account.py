"""An account can be changed: its password, its address, and where it is signed in."""

from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import insert, select
from starlette.applications import Starlette

from askfirst.errors import AskfirstError
from askfirst.sign_in.secret_hash import secret_hash
from askfirst.store.ledger.tables import sessions, staff, staff_acts
from reports.app import routes
from tests.reports.garden import (
    EMAIL,
    HASH,
    PASSWORD,
    SAME_ORIGIN,
    Garden,
    _error,
    open_garden,
)
from tests.reports.reading import Reading

NEW = "seven red boats at dawn"
COOKIE = "__Host-askfirst_staff"


async def sign_in(
    garden: Garden, app: Starlette, password: str = PASSWORD, email: str = EMAIL, **headers: str
) -> httpx2.AsyncClient | None:
    client = garden.client(app, **headers)
    form = {"email": email, "password": password}
    answer = await client.post("/sign-in", data=form, headers=SAME_ORIGIN)
    return client if answer.status_code == 303 else None


async def csrf(client: httpx2.AsyncClient) -> str:
    return Reading((await client.get("/account")).text).fields["csrf"]


async def post(client: httpx2.AsyncClient, path: str, **form: str) -> httpx2.Response:
    return await client.post(f"/account{path}", data={"csrf": await csrf(client), **form})


async def is_in(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/account")).status_code == 200


async def acts(garden: Garden) -> list[str]:
    async with garden.deps.ledger.read() as connection:
        found = await connection.scalars(select(staff_acts.c.act).order_by(staff_acts.c.id))
        return list(found)


async def test_every_page_of_staff_leads_to_the_account(garden: Garden):
    client = await garden.signed_in()
    page = Reading((await client.get("/sites/new")).text)

    assert page.links["Your account"] == "/account"


@pytest.mark.parametrize("path", ["/account", "/account/log"])
async def test_nobody_sees_an_account_without_a_session(garden: Garden, path):
    answer = await garden.client().get(path)

    assert answer.headers["location"].startswith("/sign-in?next=%2Faccount")


@pytest.mark.parametrize("path", ["/email", "/password", "/sessions"])
async def test_a_change_without_the_sessions_secret_is_refused(garden: Garden, path):
    client = await garden.signed_in()
    form = {"all": "yes", "password_now": PASSWORD, "password_new": NEW, "csrf": "guess"}
    answer = await client.post(f"/account{path}", data=form)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_csrf")


async def test_a_new_password_ends_every_other_session_and_the_old_password(garden: Garden):
    app = garden.app()
    mine, other = await sign_in(garden, app), await sign_in(garden, app)
    before = mine.cookies[COOKIE]
    answer = await post(mine, "/password", password_now=PASSWORD, password_new=NEW)

    assert answer.headers["location"] == "/account?saved=password"
    assert "The password is set" in (await mine.get(answer.headers["location"])).text
    assert not await is_in(other)
    assert mine.cookies[COOKIE] != before
    assert not await is_in(garden.client(app, Cookie=f"{COOKIE}={before}"))
    assert await sign_in(garden, app) is None
    assert await sign_in(garden, app, NEW)
    assert "password_changed" in await acts(garden)


async def test_browsers_that_knew_the_old_password_are_strangers_afterwards(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=2) as garden:
        app = garden.app()
        mine, other = await sign_in(garden, app), await sign_in(garden, app)
        await post(mine, "/password", password_now=PASSWORD, password_new=NEW)
        await sign_in(garden, app, "wrong")
        await sign_in(garden, app, "wrong")
        form = {"email": EMAIL, "password": NEW}
        known = await mine.post("/sign-in", data=form, headers=SAME_ORIGIN)
        strange = await other.post("/sign-in", data=form, headers=SAME_ORIGIN)

        assert (known.status_code, strange.status_code) == (303, 429)


@pytest.mark.parametrize(
    ("now", "new", "field"),
    [
        ("wrong", NEW, "password_now"),
        ("", NEW, "password_now"),
        (PASSWORD, "short", "password_new"),
        (PASSWORD, " " * 12, "password_new"),
        (PASSWORD, f"my {EMAIL}", "password_new"),
    ],
)
async def test_a_password_that_cannot_be_changed_is_told_at_its_field(
    garden: Garden, now, new, field
):
    app = garden.app()
    mine, other = await sign_in(garden, app), await sign_in(garden, app)
    answer = await post(mine, "/password", password_now=now, password_new=new)
    page = Reading(answer.text)

    assert answer.status_code == 422
    assert [at["id"] for _, at in page.tags if at.get("aria-invalid") == "true"] == [field]
    assert page.fields["password_now"] == page.fields["password_new"] == ""
    assert await is_in(other)
    assert await sign_in(garden, app)


async def test_another_address_signs_in_from_then_on(garden: Garden):
    app = garden.app()
    mine, other = await sign_in(garden, app), await sign_in(garden, app)
    answer = await post(mine, "/email", email=" New@Example.org ", email_password=PASSWORD)
    shown = Reading((await mine.get(answer.headers["location"])).text)

    assert answer.headers["location"] == "/account?saved=email"
    assert shown.fields["email"] == "new@example.org"
    assert not await is_in(other)
    assert await sign_in(garden, app) is None
    assert await sign_in(garden, app, email="new@example.org")
    assert "email_changed" in await acts(garden)


@pytest.mark.parametrize("password", [PASSWORD, "wrong", ""])
async def test_the_address_that_it_is_already_is_said_and_changes_nothing(
    garden: Garden, password: str
):
    app = garden.app()
    client, other = await sign_in(garden, app), await sign_in(garden, app)
    answer = await post(client, "/email", email=f" {EMAIL.upper()}", email_password=password)

    assert answer.status_code == 200
    assert "This is your address already. Nothing was changed" in Reading(answer.text).text
    assert (await other.get("/account")).status_code == 200
    assert set(await acts(garden)) == {"signed_in"}


async def test_the_pages_of_the_account_lead_back_to_the_sites(garden: Garden):
    client = await sign_in(garden, garden.app())
    for path in ("/account", "/account/log"):
        links = Reading((await client.get(path)).text).links
        assert links["Back to the sites"] == "/?all"


@pytest.mark.parametrize(
    ("email", "password", "wrong"),
    [
        ("b@example.org", PASSWORD, ["email"]),
        ("nobody", PASSWORD, ["email"]),
        ("new@example.org", "wrong", ["email_password"]),
        ("b@example.org", "wrong", ["email_password"]),  # who has an account is not told
        ("<b>", "wrong", ["email", "email_password"]),
    ],
)
async def test_an_address_that_cannot_be_taken_is_told_at_its_field(
    garden: Garden, email, password, wrong
):
    async with garden.deps.ledger.write() as connection:
        row = {"email": "b@example.org", "password_hash": HASH, "created_at": 1}
        await connection.execute(insert(staff), [row])
    client = await garden.signed_in()
    answer = await post(client, "/email", email=email, email_password=password)
    page = Reading(answer.text)

    assert answer.status_code == 422
    assert [at["id"] for _, at in page.tags if at.get("aria-invalid") == "true"] == wrong
    assert page.fields["email"] == email
    assert await garden.signed_in()


async def test_whoever_finds_an_open_session_cannot_try_passwords_for_ever(tmp_path):
    async with open_garden(tmp_path, sign_ins_per_minute=3) as garden:
        client = await garden.signed_in()
        tries = [
            await post(client, "/password", password_now="wrong", password_new=NEW)
            for _ in range(4)
        ]

        assert [answer.status_code for answer in tries] == [422, 422, 422, 429]
        assert (await acts(garden)).count("password_wrong") == 3


async def test_the_list_of_sessions_says_where_when_and_which_is_this_one(garden: Garden):
    deps = replace(garden.deps, browser_of=lambda agent: f"{agent} on Linux")
    app = Starlette(routes=routes(deps), exception_handlers={AskfirstError: _error})
    await sign_in(garden, app, **{"User-Agent": "Firefox"})
    garden.clock.move(minutes=7)
    mine = await sign_in(garden, app, **{"User-Agent": "<b>Chrome"})
    text = " ".join(Reading((await mine.get("/account")).text).text.split())

    assert "<b>Chrome on Linux (this one) Signed in today, 12:07. Last used" in text
    assert "Firefox on Linux Signed in today, 12:00. Last used today, 12:00" in text
    assert "Firefox on Linux (this one)" not in text


async def test_when_a_session_was_last_used_is_kept_to_a_few_minutes(garden: Garden):
    client = await garden.signed_in()

    async def seen() -> int:
        await client.get("/sites/new")
        async with garden.deps.ledger.read() as connection:
            return (await connection.execute(select(sessions.c.seen_at))).scalar_one()

    start = garden.clock()
    garden.clock.move(minutes=4)
    assert await seen() == start
    garden.clock.move(minutes=2)
    assert await seen() == start + 6 * 60_000


async def test_one_other_session_or_all_others_can_be_ended(garden: Garden):
    app = garden.app()
    mine, second, third = [await sign_in(garden, app) for _ in range(3)]
    page = Reading((await mine.get("/account")).text)
    names = {at["value"] for _, at in page.tags if at.get("name") == "session"}
    assert names == {_name(second), _name(third)}
    await post(mine, "/sessions", session=_name(third))
    assert [await is_in(one) for one in (mine, second, third)] == [True, True, False]
    ended = await post(mine, "/sessions", all="yes")

    assert ended.headers["location"] == "/account?saved=sessions"
    assert [await is_in(one) for one in (mine, second, third)] == [True, False, False]
    assert (await acts(garden)).count("sessions_ended") == 2


def _name(client: httpx2.AsyncClient) -> str:
    return secret_hash(client.cookies[COOKIE]).hex()


@pytest.mark.parametrize("name", ["", "zz", "00" * 32, "other"])
async def test_a_session_that_is_not_ones_own_cannot_be_ended(garden: Garden, name):
    app = garden.app()
    async with garden.deps.ledger.write() as connection:
        row = {"email": "b@example.org", "password_hash": HASH, "created_at": 1}
        await connection.execute(insert(staff), [row])
    mine, other = await sign_in(garden, app), await sign_in(garden, app, email="b@example.org")
    one = await post(mine, "/sessions", session=_name(other) if name == "other" else name)
    every = await post(mine, "/sessions", all="yes")

    assert {answer.headers["location"] for answer in (one, every)} == {"/account"}
    assert await is_in(other)
    assert "sessions_ended" not in await acts(garden)

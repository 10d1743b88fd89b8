"""A lost password: a one-time link of the server's own command sets a new one."""

import httpx2
import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import setup_links, staff_acts
from reports.sites.setup import make_setup_link
from reports.staff.reset import make_reset_link
from tests.reports.garden import EMAIL, PASSWORD, SAME_ORIGIN, Garden
from tests.reports.reading import Reading

NEW = "seven red boats at dawn"


async def code_of(garden: Garden) -> str:
    link = await make_reset_link(garden.deps.ledger, garden.clock, EMAIL)
    path, _, code = (link or "").partition("#code=")
    assert path == "/reset"
    return code


async def send(client: httpx2.AsyncClient, code: str, new: str = NEW) -> httpx2.Response:
    form = {"code": code, "password_new": new}
    return await client.post("/reset", data=form, headers=SAME_ORIGIN)


async def test_the_link_sets_a_password_ends_all_sessions_and_signs_in(garden: Garden):
    app = garden.app()
    old = garden.client(app)
    await old.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_ORIGIN)
    client = garden.client(app)
    answer = await send(client, f" {await code_of(garden)}\n")

    assert answer.headers["location"] == "/account?saved=password"
    assert (await client.get("/account")).status_code == 200
    assert (await old.get("/account")).status_code == 303
    wrong = await old.post(
        "/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_ORIGIN
    )
    assert wrong.status_code == 401
    async with garden.deps.ledger.read() as connection:
        acts = list(await connection.scalars(select(staff_acts.c.act).order_by(staff_acts.c.id)))
    assert acts == [
        "signed_in",
        "reset_link_made",
        "password_reset",
        "signed_in",
        "sign_in_failed",
    ]


@pytest.mark.parametrize(
    "pasted",
    ["http://127.0.0.1:8000/reset#code={}", " #code={}\n", "http://a/reset#code=\n {}", "{} "],
)
async def test_the_whole_link_may_be_pasted_as_the_code(garden: Garden, pasted):
    code = await code_of(garden)
    assert (await send(garden.client(garden.app()), pasted.format(code))).status_code == 303


@pytest.mark.parametrize("pasted", ["http://a/reset#code=", "{}#code=", "#code=x", "x{}"])
async def test_what_is_pasted_around_another_code_is_no_code(garden: Garden, pasted):
    code = await code_of(garden)
    assert (await send(garden.client(garden.app()), pasted.format(code))).status_code == 422


@pytest.mark.parametrize("case", ["used", "older", "late", "guess", "empty", "changed"])
async def test_a_code_that_is_not_good_changes_nothing(garden: Garden, case):
    app = garden.app()
    client, code = garden.client(app), await code_of(garden)
    if case == "used":
        await send(client, code)
    if case == "older":
        await code_of(garden)
    if case == "late":
        garden.clock.move(minutes=60)
    if case == "changed":
        mine = await garden.signed_in()
        csrf = Reading((await mine.get("/account")).text).fields["csrf"]
        form = {"csrf": csrf, "password_now": PASSWORD, "password_new": NEW}
        await mine.post("/account/password", data=form)
    code = {"guess": "guess", "empty": ""}.get(case, code)
    answer = await send(garden.client(app), code, "nine blue lamps in town")
    page = Reading(answer.text)

    assert answer.status_code == 422
    assert [at["id"] for _, at in page.tags if at.get("aria-invalid") == "true"] == ["code"]
    form = {"email": EMAIL, "password": "nine blue lamps in town"}
    lost = await client.post("/sign-in", data=form, headers=SAME_ORIGIN)
    assert lost.status_code == 401


@pytest.mark.parametrize("new", ["short", " " * 12, f"my {EMAIL}"])
async def test_a_bad_password_is_told_at_its_field_and_the_code_stays_good(garden: Garden, new):
    client, code = garden.client(), await code_of(garden)
    answer = await send(client, code, new)
    page = Reading(answer.text)

    assert answer.status_code == 422
    assert [at["id"] for _, at in page.tags if at.get("aria-invalid") == "true"] == ["password_new"]
    assert page.fields == {"code": code, "password_new": ""}
    assert (await send(client, code)).status_code == 303


async def test_the_page_tells_nobody_whether_there_is_a_link(garden: Garden):
    before = await garden.client().get("/reset")
    code = await code_of(garden)
    after = await garden.client().get(f"/reset?code={code}")

    assert before.text == after.text
    assert after.headers["cache-control"] == "no-store"


async def test_who_has_the_code_may_try_passwords_until_one_is_good(garden: Garden):
    client, code = garden.client(), await code_of(garden)
    tries = [(await send(client, code, "short")).status_code for _ in range(15)]

    assert set(tries) == {422}
    assert (await send(client, code)).status_code == 303


async def test_codes_cannot_be_tried_for_ever(garden: Garden):
    client = garden.client()
    tries = [(await send(client, f"guess {n}")).status_code for n in range(12)]

    assert tries == [422] * 10 + [429] * 2


async def test_a_right_code_works_whatever_was_tried_before_at_its_address(garden: Garden):
    client = garden.client()
    for number in range(12):
        await send(client, f"guess {number}")

    assert (await send(client, await code_of(garden))).status_code == 303


async def test_another_website_cannot_set_a_password(garden: Garden):
    form = {"code": await code_of(garden), "password_new": NEW}
    answer = await garden.client().post(
        "/reset", data=form, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 403


async def test_an_address_without_an_account_gets_no_link(garden: Garden):
    assert await make_reset_link(garden.deps.ledger, garden.clock, "b@example.org") is None
    async with garden.deps.ledger.read() as connection:
        assert (await connection.execute(select(setup_links))).first() is None


async def test_the_ledger_keeps_a_hash_of_the_code_only(garden: Garden):
    code = await code_of(garden)
    async with garden.deps.ledger.read() as connection:
        kept = (await connection.execute(select(setup_links))).all()
        noted = (await connection.execute(select(staff_acts))).all()

    assert code not in repr(kept)
    assert code not in repr(noted)
    assert await make_setup_link(garden.deps.ledger, garden.clock) is None

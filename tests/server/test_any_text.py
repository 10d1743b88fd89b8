"""No page answers 500, whatever text a request carries in its query, its Host or a cookie."""

from itertools import product
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from reports.authentication.sessions import Sessions
from tests.world import World, open_world

PAGES = [
    ("/sign-in", "next"),
    ("/setup", "token"),
    ("/account", "saved"),
    ("/account/log", "before"),
    ("/sites/KEY", "period"),
    ("/sites/KEY/visitors", "page"),
    ("/sites/KEY/wording", "language"),
    ("/policy/KEY", "lang"),
    ("/choice/KEY", "lang"),
    ("/wording/KEY.json", "lang"),
    ("/wording/KEY/control.json", "lang"),
]
ODD = st.text("/[]:@?#%\\.a\u2100\t ", max_size=12)
HOSTS = ["a.test", "[", "[::1", "a.test:x", "a b", "]", "//", "a.test:99999999"]


@pytest.fixture
async def world(tmp_path: Path):
    """Yield a world whose browser is that of the owner, signed in."""
    async with open_world(tmp_path) as opened:
        services = opened.services
        async with services.ledger.write() as connection:
            row = {"email": "owner@example.org", "password_hash": "none", "created_at": 1}
            await connection.execute(insert(staff), [row])
            sessions = Sessions(services.ledger, services.clock, services.settings)
            secret = await sessions.open(connection, 1)
        opened.client.headers["Cookie"] = f"askfirst_staff={secret}"
        yield opened


async def test_the_pages_are_those_of_the_owner(world):
    assert (await ask(world, "/account")).status_code == 200


async def ask(world: World, path: str, **sent: object) -> httpx2.Response:
    client = world.browser().client
    return await client.get(path.replace("KEY", world.site.key), **sent)


@given(text=st.text(max_size=30) | ODD, page=st.sampled_from(PAGES))
@example(text="//[", page=PAGES[0])
@example(text="//\u2100", page=PAGES[0])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_in_a_query_gets_an_answer_that_is_no_fault(world, text, page):
    path, name = page
    text = text.encode("utf-8", "replace").decode()
    answer = await ask(world, path, params={name: text}, headers={"Accept": "text/html"})
    assert answer.status_code < 500


async def test_any_host_gets_an_answer_that_is_no_fault(world):
    for host, path in product(HOSTS, [path for path, _ in PAGES] + ["/", "/x"]):
        answer = await ask(world, path, headers={"Host": host, "Accept": "text/html"})
        assert answer.status_code < 500, (host, path)


async def test_a_form_to_any_host_gets_an_answer_that_is_no_fault(world):
    form = {"email": "a@example.org", "password": "x", "choice": "refuse"}
    client = world.browser().client
    for host, path in product(HOSTS, ("/sign-in", "/setup", "/consent", "/choice/KEY")):
        headers = {"Host": host, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        address = path.replace("KEY", world.site.key)
        answer = await client.post(address, data=form, headers=headers)
        assert answer.status_code < 500, (host, path)

"""No page answers 500, whatever text a request carries in its query, its Host or a cookie."""

from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.world import World, open_world

PAGES = [
    ("/sign-in", "next"),
    ("/setup", "token"),
    ("/sites/KEY", "period"),
    ("/sites/KEY/visitors", "page"),
    ("/sites/KEY/wording", "language"),
    ("/policy/KEY", "lang"),
    ("/choice/KEY", "lang"),
    ("/wording/KEY.json", "lang"),
]
ODD = st.text("/[]:@?#%\\.a\u2100\t ", max_size=12)
HOSTS = ["a.test", "[", "[::1", "a.test:x", "a b", "]", "//", "a.test:99999999"]


@pytest.fixture
async def world(tmp_path: Path):
    async with open_world(tmp_path) as opened:
        yield opened


async def ask(world: World, path: str, **sent: object) -> httpx2.Response:
    client = world.browser().client
    return await client.get(path.replace("KEY", world.site.key), **sent)


@given(text=st.text(max_size=30) | ODD, page=st.sampled_from(PAGES))
@example(text="//[", page=PAGES[0])
@example(text="//\u2100", page=PAGES[0])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_in_a_query_gets_an_answer_that_is_no_fault(world, text, page):
    path, name = page
    text = text.encode("utf-8", "replace").decode()
    answer = await ask(world, path, params={name: text}, headers={"Accept": "text/html"})
    assert answer.status_code < 500


@pytest.mark.parametrize("path", [path for path, _ in PAGES] + ["/", "/static/icon.svg", "/x"])
@pytest.mark.parametrize("host", HOSTS)
async def test_any_host_gets_an_answer_that_is_no_fault(world, path, host):
    answer = await ask(world, path, headers={"Host": host, "Accept": "text/html"})
    assert answer.status_code < 500


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/sign-in", "/setup", "/consent", "/choice/KEY"])
async def test_a_form_to_any_host_gets_an_answer_that_is_no_fault(world, path, host):
    client = world.browser().client
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    form = {"email": "a@example.org", "password": "x", "choice": "refuse"}
    answer = await client.post(path.replace("KEY", world.site.key), data=form, headers=headers)
    assert answer.status_code < 500

"""Lazy routes are loaded once, by the first request, and only serve what no other route serves."""

import asyncio
import threading

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from structlog.testing import capture_logs

from askfirst.errors import Unavailable
from reports.http.admission import Admission
from reports.lazy_routes import LazyRoutes


class Loading:
    """Counts how often the pages are loaded, and remembers in which threads."""

    def __init__(self) -> None:
        self.threads: list[str] = []

    def __call__(self) -> list[BaseRoute]:
        self.threads.append(threading.current_thread().name)
        return [*PAGES, Route("/sites/{key}", saying("report"), methods=["GET"])]


def saying(text: str):
    async def answer(_request: Request) -> Response:
        return PlainTextResponse(text)

    return answer


PAGES = [
    Route("/sites/{key}/settings", saying("settings"), methods=["GET"]),
    Route("/sites", saying("sites"), methods=["GET"]),
]


@pytest.fixture
def loading() -> Loading:
    return Loading()


@pytest.fixture
def client(loading: Loading) -> httpx2.AsyncClient:
    app = Starlette(routes=[*PAGES, LazyRoutes(loading, Admission(lambda: 60))])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")


async def test_pages_are_loaded_once_for_all_who_ask_at_once(
    client: httpx2.AsyncClient, loading: Loading
):
    answers = await asyncio.gather(*(client.get(f"/sites/{n}") for n in range(5)))

    assert [answer.text for answer in answers] == ["report"] * 5
    assert len(loading.threads) == 1
    assert loading.threads[0] != threading.current_thread().name


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sites/a/settings", 200),
        ("POST", "/sites/a/settings", 405),
        ("GET", "/sites/", 307),
        ("GET", "/nothing", 404),
    ],
)
async def test_what_other_routes_answer_loads_nothing(
    client: httpx2.AsyncClient, loading: Loading, method: str, path: str, status: int
):
    answer = await client.request(method, path)

    assert answer.status_code == status
    assert loading.threads == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/sites/a", 405),
        ("GET", "/sites/a/nothing", 404),
        ("GET", "/sites/a/settings/", 307),
        ("GET", "/sites/a/", 307),
    ],
)
async def test_what_no_page_takes_is_answered_as_without_the_stand_in(
    client: httpx2.AsyncClient, method: str, path: str, status: int
):
    assert (await client.request(method, path)).status_code == status


async def test_pages_that_cannot_be_loaded_are_said_to_be_away_and_tried_again():
    loads = Loading()
    tries = iter([RuntimeError("no home"), None])

    def failing() -> list[BaseRoute]:
        if (error := next(tries)) is not None:
            raise error
        return loads()

    app = Starlette(routes=[LazyRoutes(failing, Admission(lambda: 60))])
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test")
    with pytest.raises(Unavailable, match="the server's log says why"), capture_logs() as logs:
        await client.get("/sites/1")

    assert [(one["event"], one["why"]) for one in logs] == [("reports_not_loaded", "RuntimeError")]
    assert (await client.get("/sites/1")).text == "report"

"""Only so many reports are made at once, half of them shared ones; the others wait."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from askfirst.errors import TookTooLong, Unavailable
from askfirst.system.threads import Threads
from reports.http import admission
from reports.http.admission import Admission
from reports.lazy_routes import LazyRoutes

MOST = 4


def _thread() -> str:
    return threading.current_thread().name


class Reports:
    """Reports that are made until they are let go, and which of them were begun."""

    def __init__(self, seconds: float = 60) -> None:
        self.begun: list[str] = []
        self.go, self.all_begun = asyncio.Event(), asyncio.Event()
        routes = LazyRoutes(self._routes, Admission(lambda: seconds, MOST))
        self._app = Starlette(routes=[routes])

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self._app), base_url="http://test")

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/sites/{name}", self._made("_page")),
            Route("/share/{name}", self._made("_page")),
            Route("/sites/{name}", self._made("_act"), methods=["POST"]),
            Route("/sites/{name}/file", self._made("_file")),
            Route("/sites/{name}/events", self._made("_stream")),
        ]

    def _made(self, make: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            self.begun.append(request.path_params["name"])
            if len(self.begun) == 2 * MOST:
                self.all_begun.set()
            return await getattr(self, make)()

        return answer

    async def _page(self) -> Response:
        await self.go.wait()
        return PlainTextResponse("made")

    async def _act(self) -> Response:
        return PlainTextResponse(await asyncio.to_thread(_thread))

    async def _file(self) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="a.csv"'}
        return StreamingResponse(self._pieces(), headers=headers)

    async def _stream(self) -> Response:
        return StreamingResponse(self._pieces(), media_type="text/event-stream")

    async def _pieces(self):
        yield b"a"
        await self.go.wait()
        yield b"b"


async def loaded(seconds: float = 60) -> Reports:
    found = Reports(seconds)
    async with found.client() as client:
        await client.get("/sites/none/nothing")
    return found


@pytest.fixture
async def reports() -> Reports:
    return await loaded()


async def settled() -> None:
    """Let every task go on as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_so_many_are_made_at_once_and_each_other_one_in_its_turn(reports: Reports):
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/sites/{number}")) for number in range(7)]
        await settled()
        assert reports.begun == [str(number) for number in range(MOST)]
        reports.go.set()
        assert [(await one).text for one in asked] == ["made"] * 7
    assert reports.begun == [str(number) for number in range(7)]


async def test_shared_reports_take_half_of_the_places_and_staff_need_not_wait_for_them(
    reports: Reports,
):
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/share/{number}")) for number in range(9)]
        await settled()
        asked += [asyncio.create_task(client.get(f"/sites/staff{number}")) for number in range(2)]
        await settled()
        assert reports.begun == ["0", "1", "staff0", "staff1"]
        reports.go.set()
        assert {(await one).status_code for one in asked} == {200}


async def test_too_many_shared_reports_are_refused_at_once_and_other_reports_are_not(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(admission, "MOST_WAITING", 3)
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/share/{number}")) for number in range(5)]
        await settled()
        with pytest.raises(Unavailable, match="Too many shared reports"):
            await client.get("/share/6")
        asked.append(asyncio.create_task(client.get("/sites/staff")))
        reports.go.set()
        assert {(await one).status_code for one in asked} == {200}


@pytest.mark.parametrize("path", ["/sites/late", "/share/late"])
async def test_who_waits_too_long_is_told_so_and_takes_no_place(path: str):
    reports = await loaded(seconds=0.05)
    async with reports.client() as client:
        kind = path.removesuffix("late")
        asked = [asyncio.create_task(client.get(f"{kind}{number}")) for number in range(MOST)]
        await settled()
        with pytest.raises(TookTooLong):
            await client.get(path)
        reports.go.set()
        await asyncio.gather(*asked, return_exceptions=True)
        assert (await client.get(path)).text == "made"


async def test_what_acts_such_as_an_erasure_waits_for_no_report_and_has_other_threads(
    reports: Reports,
):
    asyncio.get_running_loop().set_default_executor(Threads())
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/sites/{number}")) for number in range(2 * MOST)]
        await settled()
        async with asyncio.timeout(30):
            assert (await client.post("/sites/erased")).text.startswith("work")
        reports.go.set()
        assert {(await one).text for one in asked} == {"made"}


async def test_who_gives_up_waiting_takes_no_place(reports: Reports):
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/share/{number}")) for number in range(6)]
        await settled()
        for one in asked[1:5]:
            one.cancel()
        await asyncio.gather(*asked[1:5], return_exceptions=True)
        reports.go.set()
        async with asyncio.timeout(30):
            assert [(await one).text for one in (asked[0], asked[5])] == ["made"] * 2
            more = await asyncio.gather(*(client.get(f"/share/{n}") for n in range(8)))
        assert {one.text for one in more} == {"made"}


@pytest.mark.parametrize("what", ["file", "events"])
async def test_what_is_written_piece_by_piece_keeps_no_place(reports: Reports, what: str):
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/sites/{n}/{what}")) for n in range(2 * MOST)]
        await settled()
        assert len(reports.begun) == 2 * MOST
        reports.go.set()
        assert {(await one).text for one in asked} == {"ab"}


async def test_a_page_that_its_reader_takes_slowly_keeps_its_place_for_a_while_only(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
):
    async def slowly() -> Response:
        return StreamingResponse(reports._pieces(), media_type="text/html")

    monkeypatch.setattr(admission, "WRITING_S", 0.0)
    monkeypatch.setattr(reports, "_page", slowly)
    async with reports.client() as client:
        asked = [asyncio.create_task(client.get(f"/sites/{n}")) for n in range(2 * MOST)]
        async with asyncio.timeout(30):
            await reports.all_begun.wait()
        reports.go.set()
        assert {(await one).text for one in asked} == {"ab"}


class Failing(Reports):
    """Reports of which none can be made."""

    async def _page(self) -> Response:
        raise ValueError("no")


async def test_a_report_that_fails_leaves_its_place():
    reports = Failing()
    async with reports.client() as client:
        for number in range(2 * MOST):
            with pytest.raises(ValueError, match="no"):
                await client.get(f"/sites/{number}")
    assert len(reports.begun) == 2 * MOST

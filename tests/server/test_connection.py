"""Events on the wire itself: the connection answers as the application does, and in order."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import uvicorn

from consent.wording import default_policy
from server.app import FrontDoor
from server.house import House
from server.serving import uvicorn_config
from tests.factories import CHROME, StoppedClock, a_view, settings_in, some_claims

Answer = tuple[int, dict[str, str], bytes]


class Wire:
    """A running server, a visitor who said yes, and requests byte by byte."""

    def __init__(self, house: House, port: int, key: str, token: str, site_id: int) -> None:
        self.house = house
        self.port = port
        self.key = key
        self.token = token
        self.site_id = site_id

    def body(self, *events: dict[str, Any], **changes: Any) -> bytes:
        said = {"site": self.key, "token": self.token, "events": list(events) or [a_view()]}
        return msgspec.json.encode({**said, **changes})

    def request(self, body: bytes, line: str = "POST /event HTTP/1.1", **changes: str) -> bytes:
        headers = {
            "Host": "x",
            "Origin": "https://example.org",
            "User-Agent": CHROME,
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        return f"{line}\r\n{told}\r\n".encode() + body

    async def say(self, *pieces: bytes, answers: int = 1, closes: bool = False) -> list[Answer]:
        """Write the pieces one after the other and read answers, and then the end if it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            found = [await read_answer(reader) for _ in range(answers)]
            assert not closes or await reader.read() == b""
            return found
        finally:
            writer.close()

    async def rows(self) -> list[dict[str, Any]]:
        await self.house.shipper.ship_all()
        asked = "SELECT * FROM events ORDER BY time, event_id"
        frame = await asyncio.to_thread(self.house.warehouse.answer, asked)
        return [dict(row) for row in frame.to_dict("records")]


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:-2])
    return (
        int(head[0].split()[1]),
        headers,
        await reader.readexactly(int(headers["content-length"])),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    opened: asyncio.Future[House] = asyncio.get_running_loop().create_future()

    async def when_open(house: House) -> None:
        opened.set_result(house)

    folder = tmp_path_factory.mktemp("data")
    door = FrontDoor(
        settings_in(folder, trusted_proxies=("127.0.0.1",)), when_open, clock=StoppedClock()
    )
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn_config(door))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        house = await opened
        content = default_policy("Example", "Example", "privacy@example.org", "")
        site = await house.book.add("Example", ("example.org",), "Europe/Berlin", content)
        token = house.tokens.sign(some_claims(site_id=site.id))
        yield Wire(house, bound.getsockname()[1], site.key, token, site.id)
    finally:
        server.should_exit = True
        await serving


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_law_7_an_event_is_in_the_journal_when_its_answer_is_there(wire: Wire):
    view = a_view(url="https://example.org/durable")
    ((status, headers, body),) = await wire.say(wire.request(wire.body(view)))
    waiting = await wire.house.journal.waiting(0, 100)

    assert (status, body) == (202, b'{"recorded":1}')
    assert headers["access-control-allow-origin"] == "*"
    assert waiting is not None
    assert view["id"] in [entry.event_id for entry in waiting.entries()]


async def test_requests_behind_each_other_are_answered_in_their_order(wire: Wire):
    said = wire.request(wire.body(a_view(), a_view()))
    asked = wire.request(b"", "GET /nothing HTTP/1.1")
    bad = wire.request(wire.body(site="unknown"))
    answers = await wire.say(said + asked + bad + said, answers=4)

    assert [(status, body[:13]) for status, _, body in answers] == [
        (202, b'{"recorded":2'),
        (404, b'{"error":{"co'),
        (403, b'{"error":{"co'),
        (202, b'{"recorded":2'),
    ]


async def test_a_request_may_come_in_pieces_and_connections_are_used_again(wire: Wire):
    said = wire.request(wire.body())
    pieces = [said[n : n + 7] for n in range(0, len(said), 7)]

    assert [a[0] for a in await wire.say(*pieces, said, *pieces, answers=3)] == [202, 202, 202]


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("POST /event HTTP/1.0", {}),
        ("POST /event HTTP/1.1", {"Connection": "close"}),
    ],
)
async def test_a_client_that_wants_the_connection_closed_gets_it_closed(
    wire: Wire, line: str, changes: dict[str, str]
):
    said = wire.request(wire.body(), line, **changes)
    ((status, headers, _),) = await wire.say(said, closes=True)

    assert (status, headers["connection"]) == (202, "close")


async def test_what_is_not_plain_takes_the_applications_way(wire: Wire):
    body = wire.body()
    chunked = wire.request(b"", Content_Length="", Transfer_Encoding="chunked")
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    queried = wire.request(wire.body(), "POST /event?now HTTP/1.1")
    asked = wire.request(b"", "GET /event HTTP/1.1")
    answers = await wire.say(chunked, chunk, queried, asked, answers=3)

    assert [status for status, _, _ in answers] == [202, 202, 405]


async def test_a_body_above_the_limit_is_refused_by_413(wire: Wire):
    most = wire.house.settings.max_body_bytes
    ((status, _, body),) = await wire.say(wire.request(b"x" * (most + 1)))

    assert status == 413
    assert msgspec.json.decode(body)["error"]["code"] == "too_large"


async def test_both_ways_answer_alike(wire: Wire):
    bodies = [wire.body(), wire.body(site="no"), wire.body(token="no"), b"[", wire.body(events=[])]
    for body in bodies:
        (plain,) = await wire.say(wire.request(body))
        (other,) = await wire.say(wire.request(body, "POST /event? HTTP/1.1"))
        for _, headers, _ in (plain, other):
            headers.pop("date")

        assert plain == other


async def test_the_address_is_the_one_that_a_trusted_proxy_names(wire: Wire):
    view = a_view(url="https://example.org/proxied")
    said = wire.request(wire.body(view), X_Forwarded_For="198.51.100.7, 203.0.113.9")
    await wire.say(said)
    (row,) = [row for row in await wire.rows() if row["event_id"] == view["id"]]

    assert row["ip"] == "203.0.113.9"


async def test_law_7_a_client_that_goes_away_costs_nobody_anything(wire: Wire):
    view = a_view(url="https://example.org/gone")
    _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(wire.request(wire.body(view)))
    await writer.drain()
    writer.transport.abort()
    half = wire.request(wire.body())[:-20]
    _, left = await asyncio.open_connection("127.0.0.1", wire.port)
    left.write(half)
    await left.drain()
    left.transport.abort()
    ((status, _, _),) = await wire.say(wire.request(wire.body()))

    assert status == 202
    assert len([row for row in await wire.rows() if row["event_id"] == view["id"]]) <= 1


async def test_law_8_a_refusal_on_the_connection_is_tallied(wire: Wire):
    before = await wire.house.tallies.read(wire.site_id, "2000-01-01", "2999-12-31")
    await wire.say(wire.request(wire.body(token="")))
    after = await wire.house.tallies.read(wire.site_id, "2000-01-01", "2999-12-31")

    assert after["no_consent"] == before.get("no_consent", 0) + 1

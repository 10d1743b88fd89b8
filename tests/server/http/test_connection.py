"""Events on the wire itself: the connection answers as the application does, and in order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import cast

import msgspec
import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send

from consent.policy.wording import default_policy
from reports.formatting import readers
from server.app import ServerApp
from server.http.connection_limits import MOST_UNWANTED
from server.http.serving import uvicorn_config
from server.services import Services
from tests.factories import StoppedClock, a_view, asked, settings_in, some_claims
from tests.server.wire import Wire, read_answer

LONG = 3 * MOST_UNWANTED
ASKED = "GET /nothing HTTP/1.1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Wire]:
    opened: asyncio.Future[Services] = asyncio.get_running_loop().create_future()

    async def when_open(services: Services) -> None:
        opened.set_result(services)

    folder = tmp_path_factory.mktemp("data")
    app = ServerApp(
        settings_in(folder, trusted_proxies=("127.0.0.1",)), when_open, clock=StoppedClock()
    )
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn_config(app))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        services = await opened
        content = default_policy("Example", "Example", "privacy@example.org", "")
        site = await services.book.add("Example", ("example.org",), "Europe/Berlin", content)
        token = services.tokens.sign(some_claims(site_id=site.id))
        yield Wire(services, bound.getsockname()[1], site.key, token, site.id)
    finally:
        server.should_exit = True
        await serving


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_law_7_an_event_is_in_the_journal_when_its_answer_is_there(wire: Wire):
    view = a_view(url="https://example.org/durable")
    ((status, headers, body),) = await wire.say(wire.request(wire.body(view)))
    waiting = await wire.services.journal.waiting(0, 100)

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


async def test_each_event_behind_a_head_that_is_known_is_judged_by_its_own_bytes(wire: Wire):
    good, closing = wire.request(wire.body()), wire.request(wire.body(), Connection="close")
    said = [
        *(good, good.replace(b"example.org\r\n", b"example.com\r\n"), good),
        *(wire.request(wire.body(site="unknown")), wire.request(b"{"), good[:-9], good[-9:]),
        *(wire.request(b"", ASKED), good, wire.request(b"x" * 70_000), closing, good),
    ]
    expected = [202, 403, 202, 403, 400, None, 202, 404, 202, 413, 202]
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    found: list[int | None] = []
    for piece, status in zip(said, expected, strict=False):
        writer.write(piece)
        await asyncio.sleep(0)
        found.append((await wire.read(reader))[0] if status else None)
    writer.write(said[-1])

    assert found == expected
    assert await reader.read() == b""
    writer.close()


async def test_law_5_a_withdrawal_holds_for_an_event_whose_head_is_known(wire: Wire):
    said = wire.request(
        wire.body(
            token=wire.services.tokens.sign(some_claims(site_id=wire.site_id, consent_id="e" * 32))
        )
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    statuses = []
    for _ in range(2):
        writer.write(said)
        statuses.append((await wire.read(reader))[0])
    with wire.services.withdrawn.marked_before_commit(wire.services.clock) as mark:
        mark(["e" * 32])
    writer.write(said)
    statuses.append((await wire.read(reader))[0])
    writer.close()

    assert statuses == [202, 202, 403]


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
    most = wire.services.settings.max_body_bytes
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

    assert row["ip"] == "203.0.113.0"


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
    before = await wire.services.tallies.read(wire.site_id, "2000-01-01", "2999-12-31")
    await wire.say(wire.request(wire.body(token="")))
    after = await wire.services.tallies.read(wire.site_id, "2000-01-01", "2999-12-31")

    assert after["no_consent"] == before.get("no_consent", 0) + 1


async def test_law_7_a_connection_that_ends_in_the_middle_of_a_group_keeps_nobody_waiting(
    wire: Wire,
):
    said = wire.request(wire.body())
    for _ in range(5):
        _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(said + said + b"\x00GARBAGE\r\n\r\n")
        slow = asyncio.create_task(asked(wire.services.journal, "SELECT 1"))
        answers = await asyncio.gather(*(wire.say(said) for _ in range(3)))
        await slow
        writer.transport.abort()

        assert [answer[0][0] for answer in answers] == [202] * 3


async def test_long_requests_behind_each_other_are_no_long_head(wire: Wire):
    most = wire.services.settings.max_body_bytes
    long = wire.request(wire.body(token="n" * (most - 1000)))
    answers = await wire.say(long + long + wire.request(wire.body())[:20], answers=2)

    assert [status for status, _, _ in answers] == [400, 400]


async def test_a_client_that_sends_and_never_reads_is_not_answered_without_end(wire: Wire):
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", wire.port))
    _, writer = await asyncio.open_connection(sock=plain)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    refused = wire.request(wire.body(token="no")) * 200
    for _ in range(400):  # 60 MB, more than the buffers of the system take
        writer.write(refused)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(writer.drain(), 1)
        if held := writer.transport.get_write_buffer_size():
            break
    writer.transport.abort()
    ((status, _, _),) = await wire.say(wire.request(wire.body()))

    assert held > 0  # the server stopped reading
    assert status == 202


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("POST /nothing HTTP/1.1", 404),
        ("POST /consent HTTP/1.1", 413),
        ("POST /event?now HTTP/1.1", 413),
        ("POST /sign-in HTTP/1.1", 403),
    ],
)
async def test_a_body_that_nobody_wants_is_read_and_the_connection_goes_on(
    wire: Wire, line: str, status: int
):
    said = wire.request(b"x" * (wire.services.settings.max_body_bytes + 1), line)
    first, second = await wire.say(said, wire.request(b"", ASKED), answers=2)

    assert (first[0], second[0]) == (status, 404)
    assert "connection" not in first[1]


@pytest.mark.parametrize("line", ["POST /nothing HTTP/1.1", "POST /consent HTTP/1.1"])
async def test_a_long_body_that_nobody_wants_closes_the_connection_and_says_so(
    wire: Wire, line: str
):
    said = wire.request(b"", line, Content_Length=str(LONG)) + b"x" * 1000
    ((status, headers, _),) = await wire.say(said, closes=True)

    assert status in (404, 413)
    assert headers["connection"] == "close"


async def test_a_chunked_body_without_end_closes_the_connection_and_says_so(wire: Wire):
    head = wire.request(
        b"", "POST /nothing HTTP/1.1", Content_Length="", Transfer_Encoding="chunked"
    )
    chunks = [b"8000\r\n" + b"x" * 0x8000 + b"\r\n"] * (1 + MOST_UNWANTED // 0x8000)
    ((status, headers, _),) = await wire.say(head, *chunks)

    assert (status, headers["connection"]) == (404, "close")


class _Named:
    """An application that takes a reader's name from a request, and says who reads."""

    event_targets: frozenset[bytes] = frozenset()

    def trusts(self, _address: str) -> bool:
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/ja":
            readers.write_for(["ja"])
        said = readers.reader().tag.encode()
        headers = [(b"content-length", b"%d" % len(said))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said})


async def test_the_readers_of_one_connection_do_not_change_what_the_next_one_reads():
    """A proxy sends requests of many clients on it; a long body had them all in the first form."""
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn_config(cast(ServerApp, _Named()))
    config.lifespan = "off"
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    reader, writer = await asyncio.open_connection(*bound.getsockname())
    found = []
    for path, length in (("/ja", 300_000), ("/", 0), ("/", 0)):
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode() + b"x" * length)
        found.append((await read_answer(reader))[2])
    writer.close()
    server.should_exit = True
    await serving

    assert found == [b"ja", b"", b""]

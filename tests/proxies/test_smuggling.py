"""Nobody behind a reverse proxy receives an answer that is not theirs, whatever others send."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from tests.proxies.conftest import OWNER, Place

Act = Callable[[Place], Awaitable[str]]
"""Does one thing, and gives '' or what it received that was not its own."""

ROUNDS = 5
SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """What a client received: the status, its fields in lower case and the body's beginning."""

    status: int
    fields: dict[str, str]
    cookies: list[str]
    body: bytes


def request(method: str, path: str, body: bytes = b"", **fields: str) -> bytes:
    told = {"Host": "example.org", "Content-Length": str(len(body)), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


async def asked(port: int, *pieces: bytes) -> Answer:
    """Send a request in pieces on a connection of its own and read one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.002)
        return await asyncio.wait_for(read_answer(reader), 60)
    finally:
        writer.transport.abort()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    pairs = [line.partition(":")[::2] for line in lines]
    fields = {name.lower(): value.strip() for name, value in pairs}
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    elif "chunked" in fields.get("transfer-encoding", ""):
        body = await read_chunks(reader)
    else:
        body = b""
    cookies = [value.strip() for name, value in pairs if name.lower() == "set-cookie"]
    return Answer(int(first.split()[1]), fields, cookies, body)


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


async def sign_in(place: Place) -> str:
    answer = await asked(place.port, request("POST", "/sign-in", form(OWNER), **SAME_SITE))
    names = sorted(cookie.partition("=")[0] for cookie in answer.cookies)
    ours = answer.status == 303 and names == ["askfirst_browser", "askfirst_staff"]
    return "" if ours else f"sign-in: {answer}"


async def tag(place: Place) -> str:
    answer = await asked(place.port, request("GET", "/tag.js"))
    script = "javascript" in answer.fields.get("content-type", "")
    ours = answer.status == 200 and script and not answer.cookies
    return "" if ours else f"tag: {answer}"


async def nothing(place: Place) -> str:
    name = f"nothing-{random.random()}"
    answer = await asked(place.port, request("GET", f"/{name}"))
    ours = answer.status == 404 and b"not_found" in answer.body and not answer.cookies
    return "" if ours else f"nothing: {answer}"


async def accept(place: Place) -> str:
    asked_for = await asked(place.port, request("GET", f"/wording/{place.key}.json"))
    if asked_for.status != 200 or asked_for.cookies:
        return f"wording: {asked_for}"
    wording = msgspec.json.decode(asked_for.body)
    said = {"site": place.key, "choice": "accept", "purposes": ["statistics"]}
    said |= {"version": wording["version"], "notice": wording["hash"], "language": "en"}
    said |= {"method": "banner", "gpc": False}
    body = msgspec.json.encode(said)
    fields = {"Origin": "https://example.org", "Content-Type": "text/plain"}
    answer = await asked(place.port, request("POST", "/consent", body, **fields))
    ours = answer.status == 200 and b'"token"' in answer.body
    return "" if ours else f"accept: {answer}"


def form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def hidden(place: Place) -> bytes:
    """Return a request to hide: its answer takes a while, so that somebody else waits by then.

    The empty lines before it let it come in a later read than the head, and are no request.
    """
    wrong = OWNER | {"password": "not the password of anybody"}
    keep = {"Connection": "keep-alive"}
    found = random.choice(
        [
            request("POST", "/sign-in", form(wrong), **SAME_SITE, **keep),
            request("GET", f"/policy/{place.key}", **keep),
        ]
    )
    return b"\r\n" * random.choice([0, 200_000]) + found


async def attack(place: Place) -> str:
    """Send a request for another protocol whose body is a request."""
    path = random.choice(["/event", "/sign-in"])
    other = {"Connection": "Upgrade", "Upgrade": random.choice(["x", "websocket", "h2c"])}
    body = hidden(place)
    whole = request("POST", path, body, **SAME_SITE, **other)
    answer = await asked(place.port, whole.removesuffix(body), body)
    # The proxy itself refuses what it does not make, or gives the server's 400 on.
    return "" if answer.status >= 400 and not answer.cookies else f"attack: {answer}"


async def crowd(place: Place, kinds: list[Act]) -> list[str]:
    """Let many do these things at once, a few at a time, and give what was not theirs."""
    few, wrong = asyncio.Semaphore(6), list[str]()

    async def act(kind: Act) -> None:
        async with few:
            if not wrong:
                try:
                    wrong.extend(filter(None, [await kind(place)]))
                except (TimeoutError, EOFError, ValueError, ConnectionError) as error:
                    wrong.append(f"{kind.__name__}: {error!r}")

    await asyncio.gather(*(act(kind) for kind in kinds))
    return wrong


async def test_nobody_receives_the_answer_to_a_request_that_a_stranger_hid(proxied: Place):
    kinds: list[Act] = [sign_in, attack, tag, attack, accept, attack, nothing, attack, tag] * ROUNDS

    assert await crowd(proxied, kinds) == []


async def test_a_request_for_another_protocol_without_a_body_harms_nobody(proxied: Place):
    async def upgrade(place: Place) -> str:
        fields = {"Connection": "Upgrade", "Upgrade": "websocket"}
        answer = await asked(place.port, request("GET", "/tag.js", **fields))
        return "" if answer.status in (200, 400, 426, 502) else f"upgrade: {answer}"

    assert await crowd(proxied, [upgrade, tag, nothing] * ROUNDS) == []

"""Requests to a running server byte by byte, and what it answers."""

import asyncio
from typing import Any

import msgspec

from server.services import Services
from tests.factories import CHROME, a_view

Answer = tuple[int, dict[str, str], bytes]


class Wire:
    """A running server, a visitor who said yes, and requests byte by byte."""

    def __init__(self, services: Services, port: int, key: str, token: str, site_id: int) -> None:
        self.services = services
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

    async def read(self, reader: asyncio.StreamReader) -> Answer:
        """Read one answer."""
        return await read_answer(reader)

    async def rows(self) -> list[dict[str, Any]]:
        await self.services.shipper.ship_all()
        frame = await asyncio.to_thread(self.services.warehouse.events)
        return [dict(row) for row in frame.to_dict("records")]


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:-2])
    return (
        int(head[0].split()[1]),
        headers,
        await reader.readexactly(int(headers["content-length"])),
    )

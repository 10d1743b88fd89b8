"""The demo's mailbox: a mail server on this machine that keeps the last mails for a page to show.

What the demo's server sends goes nowhere else, so that accounts and reports by mail can be tried
without a mail server.
"""

import asyncio
import email
import email.policy
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from askfirst.web.urls import split_address

KEPT = 30
"""Mails; an older one gives way."""
LARGEST = 5_000_000
"""Bytes of a mail."""
SENDER = "Harbour Lane Library <desk@harbour-lane.example>"
_LONGEST_LINE = 65_536
_OFFERS = ("250-demo", f"250-SIZE {LARGEST}", "250-8BITMIME", "250 SMTPUTF8")
_ANSWERS = {
    "HELO": "250 demo",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "RSET": "250 OK",
    "NOOP": "250 OK",
}


@dataclass(frozen=True)
class Received:
    """A mail: when it came, to whom, its subject and its plain text with links."""

    at: str
    to: str
    subject: str
    text: Markup


class Mailbox:
    """Takes mail (SMTP, RFC 5321) at a port of the loopback address, from this machine alone."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._mails: deque[Received] = deque(maxlen=KEPT)

    @property
    def url(self) -> str:
        """Return its address as the setting `smtp_url` has it."""
        return f"smtp://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def mails(self) -> list[Received]:
        """Return what came, the newest first."""
        return list(reversed(self._mails))

    async def run(self) -> None:
        """Take mail until cancelled."""
        server = await asyncio.start_server(
            self._session, sock=self._listening, limit=_LONGEST_LINE
        )
        async with server:
            await server.serve_forever()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, asyncio.IncompleteReadError):
            _say(writer, "220 demo")
            while (line := await reader.readuntil(b"\n")) and await self._answer(
                line, reader, writer
            ):
                await writer.drain()
        writer.close()

    async def _answer(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer a command; False where it ends the session."""
        verb = line[:4].decode("ascii", "replace").upper()
        if verb == "QUIT":
            _say(writer, "221 Bye")
            await writer.drain()
            return False
        if verb == "EHLO":
            _say(writer, *_OFFERS)
        elif verb == "DATA":
            _say(writer, "354 Go on")
            self._keep(await _data(reader))
            _say(writer, "250 OK")
        else:
            _say(writer, _ANSWERS.get(verb, "502 Not here"))
        return True

    def _keep(self, raw: bytes) -> None:
        found = email.message_from_bytes(raw, policy=email.policy.default)
        part = found.get_body(("plain",))
        text = part.get_content() if part else ""
        at = f"{datetime.now(UTC):%H:%M:%S}"
        self._mails.append(Received(at, str(found["To"]), str(found["Subject"]), with_links(text)))


async def _data(reader: asyncio.StreamReader) -> bytes:
    lines: list[bytes] = []
    size = 0
    while (line := await reader.readuntil(b"\n")) not in (b".\r\n", b".\n"):
        size += len(line)
        if size > LARGEST:
            raise ValueError("The mail is too large.")
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))


def with_links(text: str) -> Markup:
    """Return a text as HTML in which words that are web addresses are links."""
    lines = [
        Markup(" ").join(_linked(word) for word in line.split(" ")) for line in text.splitlines()
    ]
    return Markup("\n").join(lines)


def _linked(word: str) -> str | Markup:
    address = word.strip()
    is_web = address.startswith(("http://", "https://")) and split_address(address).hostname
    return Markup('<a href="{0}">{0}</a>').format(address) if is_web else word

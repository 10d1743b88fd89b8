"""The messages between a worker and the server, and the stream that carries them."""

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import msgspec

T = TypeVar("T")
_LENGTH = struct.Struct("!I")

STORED = ""
"""The code of an answer for events that are durable."""


class Accepted(msgspec.Struct, array_like=True, frozen=True):
    """The events of one request that a worker's gate let in; `body` is their JSON."""

    number: int
    site_id: int
    consent_id: str
    arrived_at: int
    ids: list[str]
    body: bytes


class FromWorker(msgspec.Struct, array_like=True, frozen=True):
    """A message of a worker: accepted events, and tallies as (site, reason, count).

    `events` are tallies of which each event counts once: site, reason and ids.
    """

    accepted: list[Accepted]
    tallied: list[tuple[int, str, int]]
    events: list[tuple[int, str, list[str]]] = []


class FromServer(msgspec.Struct, array_like=True, frozen=True):
    """A message of the server: numbers of accepted events by code, or that sites changed."""

    answers: list[tuple[list[int], str]]
    sites_changed: bool = False


class Stream(asyncio.Protocol, Generic[T]):
    """One end of a stream of messages with length prefixes; `lost` is called when it ends."""

    def __init__(
        self, kind: type[T], received: Callable[[T], None], lost: Callable[[], None]
    ) -> None:
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._encode = msgspec.msgpack.Encoder().encode
        self._received = received
        self._lost = lost
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, which sends a message at once and not at the turn's end."""
        self._transport = cast(
            asyncio.Transport, transport
        )  # the transports of uvloop share no class with those of asyncio
        self._transport.set_write_buffer_limits(0)

    def send(self, message: Any) -> None:
        """Send a message; nothing happens when the other end is gone."""
        if self._transport is not None and not self._transport.is_closing():
            content = self._encode(message)
            self._transport.write(_LENGTH.pack(len(content)) + content)

    def data_received(self, data: bytes) -> None:
        """Pass on each message that is complete."""
        self._held += data
        start = 0
        while len(self._held) >= start + _LENGTH.size:
            end = start + _LENGTH.size + _LENGTH.unpack_from(self._held, start)[0]
            if len(self._held) < end:
                break
            self._received(self._decode(self._held[start + _LENGTH.size : end]))
            start = end
        self._held = self._held[start:]

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the owner that the other end is gone."""
        self._transport = None
        self._lost()

    def close(self) -> None:
        """End the stream."""
        if self._transport is not None:
            self._transport.close()

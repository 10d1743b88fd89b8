"""Connections that move to another process: a worker hands them over, the server adopts them."""

import array
import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger()

_LONGEST = 1 << 18  # bytes read from a connection that are sent along with it
_AGAIN_AFTER = 0.01  # seconds until it is looked again whether there is room
_FULL = {errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.ETOOMANYREFS}  # there will be room
_GONE = {errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE, errno.EBADF}  # the other end, or this one

MOST_WAITING = 16 << 20
"""Bytes read from connections of a worker that may wait until the server takes them."""

Adopt = Callable[[socket.socket, bytes], None]
"""Continues a connection from which these bytes were read already."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets that keep message boundaries, with room for the bytes read."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _LONGEST)
    return ends


@dataclass(eq=False)
class _Waiting:
    """A connection for which there is no room yet, and what refuses it."""

    transport: asyncio.Transport
    data: bytes
    refuse: Callable[[], None]


class HandingOver:
    """Sends connections to the other process, each in its turn as soon as there is room for it."""

    def __init__(self, way: socket.socket, most_waiting: int = MOST_WAITING) -> None:
        self._way = way
        self._most = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0

    def hand_over(
        self, transport: asyncio.Transport, data: bytes, refuse: Callable[[], None]
    ) -> None:
        """Hand over a connection from which these bytes were read, and read no more of it.

        Where too many bytes wait, `refuse` is called of the connection that has the most of them.
        """
        transport.pause_reading()
        self._waiting.append(_Waiting(transport, data, refuse))
        self._bytes += len(data)
        if len(self._waiting) == 1:
            self._send()
        elif self._bytes > self._most:
            longest = max(self._waiting, key=lambda one: len(one.data))
            self._waiting.remove(longest)
            self._bytes -= len(longest.data)
            longest.refuse()

    def _send(self) -> None:
        """Send what waits until there is no room, and go on a little later."""
        while self._waiting:
            first = self._waiting[0]
            if not first.transport.is_closing() and not self._sent(first):
                asyncio.get_running_loop().call_later(_AGAIN_AFTER, self._send)
                return
            self._waiting.popleft()
            self._bytes -= len(first.data)

    def _sent(self, one: _Waiting) -> bool:
        """Send a connection, and end it where the other process is gone; False is "no room"."""
        descriptor = one.transport.get_extra_info("socket").fileno()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        try:
            self._way.sendmsg([one.data], rights)
        except OSError as error:
            if error.errno in _FULL:
                return False
            log.warning("handover_failed", side="worker", why=type(error).__name__)
        one.transport.abort()  # closes the descriptor of this process alone
        return True


class Adopting:
    """Adopts the connections that arrive on a socket, until it is closed."""

    def __init__(self, way: socket.socket, adopt: Adopt) -> None:
        self._way = way
        self._adopt = adopt
        self._told = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(way.fileno(), self._read)

    def _read(self) -> None:
        try:
            data, rights, _, _ = self._way.recvmsg(_LONGEST, socket.CMSG_SPACE(4))
        except OSError as error:
            if error.errno in _GONE:
                self.close()
            return
        if not data:
            self.close()
        elif rights:
            descriptors = array.array("i")
            descriptors.frombytes(rights[0][2][:4])
            self._adopt(socket.socket(fileno=descriptors[0]), data)
        else:
            self._dropped()

    def _dropped(self) -> None:
        """Log once that no descriptor was free for a connection: many lines would fill the log."""
        if not self._told:
            self._told = True
            log.warning("handover_failed", side="server", why="no descriptor is free")

    def close(self) -> None:
        """Stop adopting."""
        if self._way.fileno() >= 0:
            self._loop.remove_reader(self._way.fileno())
            self._way.close()


def _after(data: bytes, protocol: Any) -> Any:
    """Let a protocol begin with the bytes that were read before."""
    begin = protocol.connection_made

    def connection_made(transport: asyncio.BaseTransport) -> None:
        begin(transport)
        if not transport.is_closing():  # a refused connection gets nothing done
            protocol.data_received(data)

    protocol.connection_made = connection_made
    return protocol


def adopter(protocol_factory: Callable[[], Any]) -> Adopt:
    """Return a function that continues connections with the server's own protocol."""
    tasks: set[asyncio.Task[None]] = set()

    async def go_on(connection: socket.socket, data: bytes) -> None:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(lambda: _after(data, protocol_factory()), connection)
        except Exception as error:
            connection.close()
            log.exception("internal_error", where="handover", why=type(error).__name__)

    def adopt(connection: socket.socket, data: bytes) -> None:
        task = asyncio.ensure_future(go_on(connection, data))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return adopt

"""Connections that change the process: a worker hands them over, and the server adopts them."""

import array
import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import structlog

log = structlog.get_logger()

_LONGEST = 1 << 18  # bytes that were read of a connection and go along with it
_GONE = {errno.ECONNRESET, errno.ENOTCONN, errno.EPIPE, errno.EBADF}  # the other end, or this one

Adopt = Callable[[socket.socket, bytes], None]
"""Goes on with a connection, of which these bytes were read already."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends that keep messages apart, with room for what goes along with a connection."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _LONGEST)
    return ends


def hand_over(way: socket.socket, transport: asyncio.Transport, data: bytes) -> None:
    """Return a connection to the other process; where that takes none now it is ended."""
    transport.pause_reading()
    descriptor = transport.get_extra_info("socket").fileno()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
    try:
        way.sendmsg([data], rights)
    except OSError as error:
        log.warning("handover_failed", side="worker", why=type(error).__name__)
    transport.abort()  # closes this process's own descriptor alone


class Adopting:
    """Takes over what comes by one end, until it is closed."""

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
        """Tell once that a connection found no descriptor: many would fill the log."""
        if not self._told:
            self._told = True
            log.warning("handover_failed", side="server", why="no descriptor is free")

    def close(self) -> None:
        """Take no more."""
        if self._way.fileno() >= 0:
            self._loop.remove_reader(self._way.fileno())
            self._way.close()


def _after(data: bytes, protocol: Any) -> Any:
    """Let a protocol begin with bytes that were read before; what comes next comes behind them."""
    begin = protocol.connection_made

    def connection_made(transport: asyncio.BaseTransport) -> None:
        begin(transport)
        if not transport.is_closing():  # where it was refused nothing it asks for is done
            protocol.data_received(data)

    protocol.connection_made = connection_made
    return protocol


def adopter(protocol_factory: Callable[[], Any]) -> Adopt:
    """Return what goes on with connections by protocols of the server's own kind."""
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

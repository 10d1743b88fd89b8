"""Standing in: the server itself accepts connections at an address while no worker does."""

import asyncio
import socket
from collections.abc import Callable

from server.http.serving import BACKLOG

Accepting = Callable[[], asyncio.Protocol]
"""Makes the protocol of a connection that the server answers by itself."""


class StandingIn:
    """Accepts at a worker's listening socket between `begin` and `end`.

    Connections that were accepted meanwhile stay with the server until they are closed.
    """

    def __init__(self, listening: socket.socket, protocol: Accepting) -> None:
        self._listening = listening
        self._protocol = protocol
        self._wanted = False
        self._server: asyncio.Server | None = None

    async def begin(self) -> None:
        """Accept connections; raises `OSError` where no descriptor is free."""
        self._wanted = True
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(
                self._protocol, sock=self._listening.dup(), backlog=BACKLOG
            )
        if not self._wanted:  # ended meanwhile
            self.end()

    def end(self) -> None:
        """Accept no more; connections that wait to be accepted are left to the worker."""
        self._wanted = False
        if self._server is not None:
            self._server.close()
            self._server = None

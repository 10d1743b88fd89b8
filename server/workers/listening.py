"""The sockets on which workers listen: how many, by the settings and by what the machine can do."""

import socket

import structlog

from askfirst.settings import Settings
from askfirst.system.memory import allowed_memory
from askfirst.system.processors import usable_processors
from server.http.serving import BACKLOG
from server.workers.handover import pair

log = structlog.get_logger()

_ENOUGH = 900 << 20
"""Bytes of memory, as a machine of one gigabyte has, below which no worker is begun unasked."""
_CORES = 2


def workers_by(settings: Settings) -> int:
    """Return how many workers the settings ask for; `auto` is one where the machine has room."""
    if settings.workers != "auto":
        return settings.workers
    memory = allowed_memory()
    return int(usable_processors() >= _CORES and (memory is None or memory >= _ENOUGH))


def worker_sockets(listening: socket.socket, workers: int) -> list[socket.socket]:
    """Return a socket for each worker, all at the address of `listening`, which may be among them.

    The system distributes connections among them. None are returned where it cannot do that, or
    cannot move connections between processes, which is logged: the server is to be alone then.
    """
    if not workers:
        return []
    try:
        _try_moving()
        return [listening] if workers == 1 else _shared(listening, workers)
    except (OSError, AttributeError) as error:
        log.warning("no_workers_here", why=type(error).__name__)
        return []


def _try_moving() -> None:
    """Raise an error where connections cannot be moved between processes."""
    for end in pair():
        end.close()
    _ = socket.SCM_RIGHTS


def _shared(listening: socket.socket, times: int) -> list[socket.socket]:
    """Return sockets that share an address, which `listening` had before."""
    family, address = listening.family, listening.getsockname()[:2]
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.close()
    return [
        socket.create_server(address, family=family, backlog=BACKLOG, reuse_port=True)
        for _ in range(times)
    ]

"""The worker processes of a server that runs, as the system shows them."""

import signal
from contextlib import suppress
from pathlib import Path

from benchmarks.load.serving import Serving
from benchmarks.load.usage import descendants

_TERM = 1 << (signal.SIGTERM - 1)


def serving_workers(server: Serving) -> list[int]:
    """Return the workers that serve: one that is still starting does not let itself be ended."""
    return [pid for pid in descendants(server.process.pid) if _is_worker(pid) and _serves(pid)]


def _is_worker(pid: int) -> bool:
    return b"server.workers.process" in _read(pid, "cmdline")


def _serves(pid: int) -> bool:
    for line in _read(pid, "status").splitlines():
        name, _, value = line.partition(b":")
        if name == b"SigBlk":
            return not int(value, 16) & _TERM
    return False


def _read(pid: int, name: str) -> bytes:
    with suppress(OSError):  # it has ended
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""

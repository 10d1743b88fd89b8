"""A worker's process: how the server begins it, what runs in it, and how it is ended."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from askfirst.settings import Settings

_ENDING = {signal.SIGINT, signal.SIGTERM}


def main(descriptors: Sequence[str]) -> None:
    """Serve events until the process is told to end, or the server is gone.

    The settings come by standard input as JSON; the descriptors are those of the listening socket,
    the stream of messages to the server, and the way on which connections are handed over to it.
    """
    import uvicorn  # noqa: PLC0415 - the server's side needs nothing of what a worker loads

    from server.http.descriptors import raise_descriptor_limit  # noqa: PLC0415 - as above
    from server.http.serving import log_plainly, tune_for_answers, uvicorn_config  # noqa: PLC0415
    from server.workers.worker import EventsOnly, WorkerApp  # noqa: PLC0415 - as above

    settings = Settings.model_validate_json(sys.stdin.buffer.read())
    listening, stream, way = (socket.socket(fileno=int(one)) for one in descriptors)
    log_plainly()
    raise_descriptor_limit()
    tune_for_answers()
    app = WorkerApp(settings, stream, way)
    server = app.server = uvicorn.Server(uvicorn_config(app, EventsOnly))
    server.run(sockets=[listening])
    sys.stderr.flush()
    os._exit(0)


class Spawned:
    """A worker in a process of its own, which has copies of the sockets that `main` takes.

    It loads what a worker needs and not, as by `multiprocessing`, the command line with all of the
    server.
    """

    def __init__(self, settings: Settings, *sockets: socket.socket) -> None:
        descriptors = [one.fileno() for one in sockets]
        command = [sys.executable, "-P", "-m", __name__, *map(str, descriptors)]
        with _kept_from(_ENDING):
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and numbers
                command, stdin=subprocess.PIPE, pass_fds=descriptors, env=_environment()
            )
        told = self._process.stdin
        with suppress(BrokenPipeError):  # it has ended already, which the end of its stream tells
            if told is not None:
                told.write(settings.model_dump_json().encode())
                told.close()

    def terminate(self) -> None:
        """Tell it to answer what it has accepted, and to end."""
        self._process.terminate()

    def join(self, timeout: float) -> None:
        """Wait for its end, so many seconds at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def _environment() -> dict[str, str]:
    """Return the environment in which this same code is found."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}


@contextmanager
def _kept_from(signals: set[signal.Signals]) -> Iterator[None]:
    """Block signals in a process that this thread starts, until it can handle them.

    Ctrl-C reaches every process of a terminal, and a service manager may signal each of them, but
    the server ends its workers itself.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


if __name__ == "__main__":
    main(sys.argv[1:])

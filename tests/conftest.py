"""Guards that hold for every test: no way out to the network, no blocking call on the loop."""

import gc
import inspect
import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import httpx2
import pytest
from blockbuster import BlockBuster
from hypothesis import settings

from tests.paid_once import pay_once
from tests.warehouses import end_all

ROOMS = ["askfirst", "collector", "consent", "reports", "server"]
# Real disks on busy machines have no deadline; a slow example is no wrong example.
settings.register_profile("askfirst", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("askfirst")

os.environ.setdefault("ASKFIRST_WORKERS", "0")  # a worker costs every start a second

WATCHED = ("time.sleep", "socket.socket.", "ssl.SSLSocket.", "sqlite3.")


ROOT = Path(__file__).parents[1]
LONG = ("tests/browser", "tests/askfirst/store/warehouse", "tests/server", "tests/proxies")
"""Where the files that take longest lie."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several processes
        rank = _longest_first(list(dict.fromkeys(item.path for item in items)))
        items.sort(key=lambda item: rank[item.path])


def _longest_first(files: list[Path]) -> dict[Path, int]:
    """Rank files: those of the longest folders by turns, so that few wait for one, then the rest.

    A long file that comes last keeps one process at work while the others have nothing to do.
    """
    folders = [[one for one in files if one.is_relative_to(ROOT / name)] for name in LONG]
    by_turns = [one for one in chain(*zip_longest(*folders)) if one]
    return {one: number for number, one in enumerate(dict.fromkeys([*by_turns, *files]))}


def pytest_collection_finish() -> None:
    """Let no collection of garbage look at what lives until the end: modules and tests.

    What one request leaves makes ten collections, unless these are rarer than in a server.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_unconfigure() -> None:
    gc.unfreeze()


class LeftTheMachine(AssertionError):
    """A test tried to reach another machine."""


def _is_loopback(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ip_address(text.partition("%")[0]).is_loopback or text in ("0.0.0.0", "::")
    except ValueError:
        return False


def _check_address(address: Any) -> None:
    if isinstance(address, tuple) and not _is_loopback(address[0]):
        raise LeftTheMachine(f"A test tried to reach {address[0]!r}; only loopback is allowed.")


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Begin each test with what systems start with: a command that another test ran narrows it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Let sockets of this process connect to loopback only, and look no other name up."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, _original: Any = original) -> Any:
            _check_address(address)
            return _original(self, address)

        patch.setattr(socket.socket, name, guarded)
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check_address((host,))
        return look_up(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _patient_clients() -> None:
    """Let every client wait a minute: a server beside others may take more than five seconds."""
    usual = inspect.signature(httpx2.Client).parameters["timeout"].default
    usual.connect = usual.read = usual.write = usual.pool = 60.0


@pytest.fixture(scope="session", autouse=True)
def _paid_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        pay_once(patch)
        yield
        end_all()


@pytest.fixture(scope="session", autouse=True)
def _no_blocking() -> Iterator[None]:
    """Fail where our code sleeps, queries SQLite or waits for a socket on the event loop.

    Files may be read: the start reads keys, templates and places before anybody waits. A group of
    events is committed on the loop, as long as the disk is fast.
    """
    calls = BlockBuster(scanned_modules=ROOMS).functions
    watched = [call for name, call in calls.items() if name.startswith(WATCHED)]
    for call in watched:
        call.can_block_in("collector/journal/group_commit.py", "_insert")
        call.activate()
    yield
    for call in watched:
        call.deactivate()

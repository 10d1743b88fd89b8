"""How many workers there are, and on which sockets they listen."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings
from server.workers import listening
from server.workers.listening import worker_sockets, workers_by

MB = 1 << 20


@pytest.mark.parametrize(
    ("said", "cores", "memory", "expected"),
    [
        ("auto", 2.0, 950 * MB, 1),
        ("auto", 64.0, None, 1),
        ("auto", 1.0, 9000 * MB, 0),
        ("auto", 1.5, 9000 * MB, 0),
        ("auto", 2.0, 512 * MB, 0),
        ("0", 64.0, None, 0),
        ("1", 1.0, 512 * MB, 1),
        (2, 1.0, 512 * MB, 2),
    ],
)
def test_one_worker_is_beside_the_server_where_there_is_room_unless_a_number_is_set(
    monkeypatch: pytest.MonkeyPatch, said: object, cores: float, memory: int | None, expected: int
):
    monkeypatch.setattr(listening, "usable_processors", lambda: cores)
    monkeypatch.setattr(listening, "allowed_memory", lambda: memory)

    assert workers_by(Settings(workers=said)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("said", ["65", "9" * 5000, "-1", "two", "", "1.5", "٣", "AUTO"])
def test_what_is_no_number_of_workers_stops_the_start(said: str):
    with pytest.raises(Misconfigured, match=r"workers is wrong: .* auto or a number from 0 to 64"):
        load_settings(environment={"ASKFIRST_WORKERS": said})


@pytest.fixture
def bound() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


def test_one_worker_listens_on_the_socket_that_the_server_has(bound: socket.socket):
    assert worker_sockets(bound, 1) == [bound]
    assert worker_sockets(bound, 0) == []


def test_several_workers_share_the_address(bound: socket.socket):
    address = bound.getsockname()
    found = worker_sockets(bound, 3)
    addresses = [one.getsockname() for one in found]
    for one in found:
        one.close()

    assert addresses == [address] * 3


def missing(*_: object, **__: object) -> Any:
    raise OSError


@pytest.mark.parametrize(("workers", "lacks"), [(1, "pair"), (2, "pair"), (2, "SO_REUSEPORT")])
def test_where_the_system_cannot_share_them_the_server_goes_on_alone(
    monkeypatch: pytest.MonkeyPatch, bound: socket.socket, workers: int, lacks: str
):
    if lacks == "pair":
        monkeypatch.setattr(listening, "pair", missing)
    else:
        monkeypatch.delattr(socket, "SO_REUSEPORT")
    with structlog.testing.capture_logs() as logs:
        assert worker_sockets(bound, workers) == []

    assert [line["event"] for line in logs] == ["no_workers_here"]
    with socket.create_connection(bound.getsockname()):  # it is still listened on
        pass

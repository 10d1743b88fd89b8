"""The reserve of free disk: watched beside the requests, logged once, and safe where unknown."""

from pathlib import Path

import pytest
import structlog

from askfirst.errors import Unavailable
from askfirst.system.disk_space import Storage, free_of, sizes_of

MB = 1_000_000


class Disk:
    """A disk with so many megabytes free, or None where the system does not say."""

    def __init__(self, free: float | None) -> None:
        self.free = free
        self.asked = 0

    def __call__(self, _folder: Path) -> int:
        self.asked += 1
        if self.free is None:
            raise OSError
        return int(self.free * MB)


def is_short(storage: Storage) -> bool:
    try:
        storage.refuse_if_short()
    except Unavailable as error:
        return error.retry_after == 60
    return False


def test_below_the_reserve_it_is_short_and_not_again_before_there_is_some_more(tmp_path, clock):
    disk = Disk(101)
    storage = Storage(tmp_path, 100, clock, disk)
    found = []
    with structlog.testing.capture_logs() as logs:
        for free in (101, 99, 50, 100, 105, 111, 105, 99.9):
            disk.free = free
            storage.look()
            found.append(is_short(storage))
    assert found == [False, True, True, True, True, False, False, True]
    assert [line["event"] for line in logs] == ["disk_short", "disk_has_room", "disk_short"]
    assert logs[0]["free"] == 99 * MB


def test_since_when_it_is_short_is_told_with_what_is_free(tmp_path, clock):
    disk = Disk(50)
    storage = Storage(tmp_path, 100, clock, disk)
    storage.look()
    began, clock.now = clock.now, clock.now + 5000
    storage.look()
    figure = storage.figure()
    assert (figure.free, figure.reserve, figure.short_since) == (50 * MB, 100 * MB, began)


def test_where_the_system_says_nothing_it_counts_as_short(tmp_path, clock):
    disk = Disk(None)
    storage = Storage(tmp_path, 100, clock, disk)
    storage.look()
    assert is_short(storage)
    assert storage.figure().free is None
    disk.free = 200
    storage.look()
    assert not is_short(storage)


@pytest.mark.parametrize("free", [0, None])
def test_without_a_reserve_nothing_is_refused(tmp_path, clock, free):
    storage = Storage(tmp_path, 0, clock, Disk(free))
    storage.look()
    assert not is_short(storage)


def test_a_request_does_not_ask_the_system(tmp_path, clock):
    disk = Disk(200)
    storage = Storage(tmp_path, 100, clock, disk)
    storage.look()
    for _ in range(100):
        assert not is_short(storage)
    assert disk.asked == 1


def test_a_stores_size_is_that_of_its_file_and_its_logs(tmp_path):
    for name, size in {"ledger.db": 10, "ledger.db-wal": 5, "journal.db": 7, "keys": 99}.items():
        (tmp_path / name).write_bytes(bytes(size))
    assert sizes_of(tmp_path) == {"ledger": 15, "journal": 7, "warehouse": 0}
    assert free_of(tmp_path) > 0

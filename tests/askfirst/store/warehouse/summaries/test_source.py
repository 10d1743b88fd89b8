"""Parameters of questions: each has a number of its own, whoever else asks for one meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import ibis
import pytest

from askfirst.store.warehouse.summaries import source


class Meeting(list[str]):
    """A list at which two threads meet after each has added a name, where they can."""

    def __init__(self) -> None:
        super().__init__()
        self._both = threading.Barrier(2)

    def append(self, name: str) -> None:
        super().append(name)
        with suppress(threading.BrokenBarrierError):
            self._both.wait(0.2)


def test_two_threads_get_parameters_of_different_numbers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source, "_NAMES", Meeting())
    ibis.literal(1)  # loaded before, so that both threads arrive together
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(source.parameter.__wrapped__, ("one", "other")))
    assert not made[0].equals(made[1])

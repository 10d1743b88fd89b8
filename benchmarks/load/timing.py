"""Times one piece of work repeatedly, in wall-clock time and in processor time."""

import statistics
import time
from collections.abc import Callable
from typing import TypedDict

_LEAST_RUNS = 5


class Timing(TypedDict):
    """Microseconds an event: wall-clock time, and processor time in all threads."""

    micros: float
    cpu_micros: float


class Stopwatch:
    """Collects runs of some events each, until they add up to enough seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._walls: list[float] = []
        self._cpus: list[float] = []
        self._sum = 0.0

    @property
    def wants_more(self) -> bool:
        """Return whether another run is wanted."""
        return self._sum < self._seconds or len(self._walls) < _LEAST_RUNS

    def note(self, began: tuple[float, float], events: int) -> None:
        """Record a run of so many events that began at a `now()`."""
        wall, cpu = (after - before for after, before in zip(now(), began, strict=True))
        self._sum += wall
        self._walls.append(wall / events * 1e6)
        self._cpus.append(cpu / events * 1e6)

    def timing(self) -> Timing:
        """Return the medians."""
        walls, cpus = statistics.median(self._walls), statistics.median(self._cpus)
        return Timing(micros=round(walls, 3), cpu_micros=round(cpus, 3))


def now() -> tuple[float, float]:
    """Return the wall-clock time and the processor time, in seconds."""
    return time.perf_counter(), time.process_time()


def milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall-clock time of some work, and the processor time in all threads."""
    began = now()
    work()
    wall, cpu = (after - before for after, before in zip(now(), began, strict=True))
    return wall * 1000, cpu * 1000


def timed(work: Callable[[], object], seconds: float, events: int = 1, again: int = 1) -> Timing:
    """Time work that handles so many events, repeated `again` times a run."""
    watch = Stopwatch(seconds)
    work()
    while watch.wants_more:
        began = now()
        for _ in range(again):
            work()
        watch.note(began, events * again)
    return watch.timing()

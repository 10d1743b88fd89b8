"""The processor time and memory that a server uses, from /proc, its children included."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_IDLE = 0.1  # of a core
_LOOKS = 3


@dataclass(frozen=True)
class Usage:
    """Seconds of processor time: of the event loop's thread, the other threads, the children."""

    event_loop: float = 0.0
    other_threads: float = 0.0
    children: float = 0.0

    @property
    def total(self) -> float:
        """Return all of it."""
        return self.event_loop + self.other_threads + self.children

    def since(self, before: "Usage") -> "Usage":
        """Return what was used since an earlier reading."""
        return Usage(
            self.event_loop - before.event_loop,
            self.other_threads - before.other_threads,
            self.children - before.children,
        )

    def milliseconds_each(self, number: float) -> dict[str, float]:
        """Divide it by a number of requests; return milliseconds by part."""
        parts = {
            "event_loop": self.event_loop,
            "other_threads": self.other_threads,
            "children": self.children,
            "total": self.total,
        }
        return {part: round(seconds / number * 1000, 4) for part, seconds in parts.items()}


def usage_of(pid: int) -> Usage:
    """Read what a process has used so far; its main thread runs the event loop."""
    own, gone = _seconds(Path(f"/proc/{pid}/stat"))
    loop, _ = _seconds(Path(f"/proc/{pid}/task/{pid}/stat"))
    alive = sum(sum(_seconds(Path(f"/proc/{child}/stat"))) for child in descendants(pid))
    return Usage(loop, max(0.0, own - loop), gone + alive)


def rss_of(pid: int) -> int:
    """Return the bytes of memory that a process and its children hold."""
    return sum(_pages(one) for one in (pid, *descendants(pid))) * _PAGE


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children and of their descendants."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if _is_pid(path)}
    found, generation = [], [pid]
    while generation:
        generation = [child for child, parent in parents.items() if parent in generation]
        found.extend(generation)
    return found


def busy_cores(seconds: float = 1.0) -> float:
    """Watch the machine for so many seconds and return how many of its cores were busy."""
    before = _idle_seconds()
    time.sleep(seconds)
    busy = (os.cpu_count() or 1) - (_idle_seconds() - before) / seconds
    return round(max(0.0, busy), 1)


def _idle_seconds() -> float:
    fields = Path("/proc/stat").read_text().split(maxsplit=6)
    return (int(fields[4]) + int(fields[5])) / _TICK


def wait_until_idle(pid: int, quiet: float = 1.2, most: float = 20.0) -> None:
    """Wait until a server has been idle for `quiet` seconds, so that shipping is counted too.

    Its jobs alone take up to 0.06 of a core on a slow machine, and a pause between two shipments is
    longer than two looks: three in a row have to find it idle.
    """
    end = time.monotonic() + most
    before, idle = usage_of(pid).total, 0
    while time.monotonic() < end and idle < _LOOKS:
        time.sleep(quiet)
        now = usage_of(pid).total
        idle = idle + 1 if now - before < _IDLE * quiet else 0
        before = now


def _is_pid(path: Path) -> bool:
    return path.name.isdigit()


def _fields(path: Path) -> list[str]:
    try:
        return path.read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 20  # it has ended meanwhile


def _seconds(path: Path) -> tuple[float, float]:
    """Return a process's own seconds, and those of its children that have ended."""
    fields = [int(field) for field in _fields(path)[11:15]]
    return (fields[0] + fields[1]) / _TICK, (fields[2] + fields[3]) / _TICK


def _parent(folder: Path) -> int:
    return int(_fields(folder / "stat")[1])


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0

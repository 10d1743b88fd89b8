"""How much memory the process may use, and whether that is little."""

from functools import cache
from pathlib import Path

SMALL = 512 << 20
"""Bytes: with no more than this, of a machine or a container, Askfirst saves memory."""

_CGROUPS = Path("/sys/fs/cgroup")
_MINE = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/meminfo")


@cache
def is_scarce() -> bool:
    """Return whether there is little memory; False where the system does not say how much."""
    most = allowed_memory()
    return most is not None and most <= SMALL


def allowed_memory(
    cgroups: Path = _CGROUPS, mine: Path = _MINE, machine: Path = _MACHINE
) -> int | None:
    """Return how many bytes the machine has and the process's control groups allow, or None.

    The limits of the groups above hold too. Version 2 has them in `memory.max`, version 1 in
    `memory.limit_in_bytes` (the kernel's cgroup-v2 and cgroup-v1 documents); within a container,
    the own group is mostly the root of what is visible.
    """
    known = [_total(machine), *(_limit(file) for file in _limits(cgroups, mine))]
    return min((one for one in known if one is not None), default=None)


def _limits(cgroups: Path, mine: Path) -> list[Path]:
    found = []
    for line in _read(mine).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers or "memory" in controllers.split(","):
            name = "memory.limit_in_bytes" if controllers else "memory.max"
            roots = (cgroups / "memory",) if controllers else (cgroups, cgroups / "unified")
            group = Path(path.strip("/"))
            found += [root / one / name for root in roots for one in (group, *group.parents)]
    return found


def _limit(file: Path) -> int | None:
    text = _read(file).strip()
    return int(text) if text.isdigit() else None


def _total(machine: Path) -> int | None:
    for line in _read(machine).splitlines():
        name, _, value = line.partition(":")
        number = value.split()[:1]
        if name == "MemTotal" and number and number[0].isdigit():
            return int(number[0]) << 10
    return None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""

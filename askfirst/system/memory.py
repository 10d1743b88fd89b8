"""How much memory the process may use, and whether that is little."""

from functools import cache
from pathlib import Path

from askfirst.system.control_groups import CGROUPS, MINE, limits_of, read

SMALL = 512 << 20
"""Bytes: with no more than this, of a machine or a container, Askfirst saves memory."""

_MACHINE = Path("/proc/meminfo")


@cache
def is_scarce() -> bool:
    """Return whether there is little memory; False where the system does not say how much."""
    most = allowed_memory()
    return most is not None and most <= SMALL


def allowed_memory(
    cgroups: Path = CGROUPS, mine: Path = MINE, machine: Path = _MACHINE
) -> int | None:
    """Return how many bytes the machine has and the process's control groups allow, or None.

    The limits of the groups above hold too.
    """
    said = limits_of("memory", "memory.max", "memory.limit_in_bytes", cgroups, mine)
    known = [_total(machine), *(int(text) for text in said if text.isdigit())]
    return min((one for one in known if one is not None), default=None)


def _total(machine: Path) -> int | None:
    for line in read(machine).splitlines():
        name, _, value = line.partition(":")
        number = value.split()[:1]
        if name == "MemTotal" and number and number[0].isdigit():
            return int(number[0]) << 10
    return None

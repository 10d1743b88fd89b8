"""How many processors the process may use."""

import os
from pathlib import Path

from askfirst.system.control_groups import CGROUPS, MINE, limits_of


def usable_processors(cgroups: Path = CGROUPS, mine: Path = MINE) -> float:
    """Return the processors of this process's affinity, or fewer where its control groups say so.

    A share of processor time counts as that share of a processor: a container with
    `--cpus 1.5` has 1.5.
    """
    shares = [_share(text) for text in _quotas(cgroups, mine)]
    return min([float(_cores()), *(share for share in shares if share is not None)])


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _quotas(cgroups: Path, mine: Path) -> list[str]:
    """Return microseconds of a period, and the period, as `cpu.max` has them."""
    quotas = limits_of("cpu", "cpu.max", "cpu.cfs_quota_us", cgroups, mine)
    periods = limits_of("cpu", "", "cpu.cfs_period_us", cgroups, mine)
    return [f"{quota} {period}" for quota, period in zip(quotas, periods, strict=True)]


def _share(text: str) -> float | None:
    numbers = text.split()[:2]
    if len(numbers) == 2 and all(one.isdigit() for one in numbers) and int(numbers[1]):
        return int(numbers[0]) / int(numbers[1])
    return None

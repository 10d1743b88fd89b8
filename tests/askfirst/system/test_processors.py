"""How many processors there are: those of the affinity, less what control groups take."""

from pathlib import Path

import pytest

from askfirst.system import processors
from askfirst.system.processors import usable_processors


@pytest.mark.parametrize(
    ("groups", "mine", "expected"),
    [
        ({"cpu.max": "150000 100000\n"}, "0::/\n", 1.5),
        ({"a/b/cpu.max": "max 100000", "a/cpu.max": "50000 100000"}, "0::/a/b\n", 0.5),
        (
            {"cpu/x/cpu.cfs_quota_us": "200000", "cpu/x/cpu.cfs_period_us": "100000"},
            "4:cpu:/x\n",
            2.0,
        ),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, "4:cpu:/\n", 4.0),
        ({"cpu.max": "900000 100000"}, "0::/\n", 4.0),
        ({"cpu.max": "1 0"}, "0::/\n", 4.0),
        ({}, "", 4.0),
    ],
)
def test_the_least_of_the_affinity_and_its_groups_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    groups: dict[str, str],
    mine: str,
    expected: float,
):
    monkeypatch.setattr(processors.os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    for name, text in groups.items():
        file = tmp_path / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "mine").write_text(mine)

    assert usable_processors(tmp_path / "cgroup", tmp_path / "mine") == expected

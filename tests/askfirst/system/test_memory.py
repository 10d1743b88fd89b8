"""How much memory there is: read from the machine and its control groups, without failing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.system import memory
from askfirst.system.memory import allowed_memory

MEMINFO = "MemTotal:       24684032 kB\nMemFree:  1 kB\n"
MB = 1 << 20


def told(folder: Path, groups: dict[str, str], mine: str, machine: str = MEMINFO) -> int | None:
    for name, text in groups.items():
        file = folder / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "mine").write_text(mine)
    (folder / "machine").write_text(machine)
    return allowed_memory(folder / "cgroup", folder / "mine", folder / "machine")


@pytest.mark.parametrize(
    ("groups", "mine", "expected"),
    [
        ({"memory.max": f"{512 * MB}\n"}, "0::/\n", 512 * MB),
        ({"a/b/memory.max": f"{300 * MB}", "a/memory.max": "max"}, "0::/a/b\n", 300 * MB),
        ({"a/b/memory.max": "max", "a/memory.max": f"{200 * MB}"}, "0::/a/b\n", 200 * MB),
        ({"unified/a/memory.max": f"{100 * MB}"}, "0::/a\n", 100 * MB),
        ({"memory/x/memory.limit_in_bytes": f"{256 * MB}"}, "4:cpu,memory:/x\n", 256 * MB),
        ({"memory/memory.limit_in_bytes": f"{256 * MB}"}, "4:memory:/docker/gone\n", 256 * MB),
        ({"memory/memory.limit_in_bytes": "9223372036854771712"}, "4:memory:/\n", 24684032 << 10),
        ({"cpu/x/memory.limit_in_bytes": "1"}, "4:cpu:/x\n", 24684032 << 10),
        ({}, "", 24684032 << 10),
    ],
)
def test_the_least_of_the_machine_and_its_groups_counts(
    tmp_path: Path, groups: dict[str, str], mine: str, expected: int
):
    assert told(tmp_path, groups, mine) == expected


def test_where_the_system_says_nothing_the_amount_is_unknown(tmp_path: Path):
    assert allowed_memory(tmp_path / "a", tmp_path / "b", tmp_path / "c") is None


@given(mine=st.text(":/0a.\nmemory,", max_size=30), said=st.text(max_size=10))
def test_no_text_fails(tmp_path_factory: pytest.TempPathFactory, mine: str, said: str):
    folder = tmp_path_factory.mktemp("told")
    assert told(folder, {"memory.max": said.encode("utf-8", "replace").decode()}, mine) is not None


@pytest.mark.parametrize(
    ("there_is", "scarce"), [(512 * MB, True), (512 * MB + 1, False), (None, False), (0, True)]
)
def test_up_to_512_megabytes_memory_is_spared(
    monkeypatch: pytest.MonkeyPatch, there_is: int | None, scarce: bool
):
    monkeypatch.setattr(memory, "allowed_memory", lambda: there_is)
    assert memory.is_scarce.__wrapped__() is scarce

"""What is installed is named with its version and hashes, and is what pyproject.toml asks for."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmmirror" + ".com")
ONE_LINE = re.compile(r"[a-z0-9-]+==[0-9a-z.+!]+( ; [^#\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(path: Path) -> list[list[str]]:
    """Return each package of a lock: its line, and the lines of its hashes."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", "\x00").splitlines()
    named = [line for line in lines if not line.startswith("#")]
    return [[part.strip() for part in line.split("\x00")] for line in named]


def locked(name: str) -> dict[str, str]:
    """Return the version of each package of a lock."""
    lines = [Requirement(entry[0]) for entry in entries(ROOT / "requirements" / f"{name}.txt")]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in lines}


def asked(group: str) -> list[Requirement]:
    """Return what a group of pyproject.toml asks for, with the groups that it includes."""
    found: list[Requirement] = []
    for entry in GROUPS[group]:
        found += asked(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_each_package_has_one_version_and_its_hashes(path: Path) -> None:
    odd = [
        entry
        for entry in entries(path)
        if not ONE_LINE.fullmatch(entry[0])
        or len(entry) < 2
        or not all(HASH.fullmatch(one) for one in entry[1:])
    ]
    assert odd == []
    assert not any(entry[0].startswith("askfirst==") for entry in entries(path))


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("runtime", [*map(Requirement, PROJECT["project"]["dependencies"]), *asked("build")]),
        ("dev", [*map(Requirement, PROJECT["project"]["dependencies"]), *asked("dev")]),
        ("node", asked("node")),
        ("lock", asked("lock")),
    ],
)
def test_what_the_project_asks_for_is_locked_at_a_version_that_it_takes(
    lock: str, wanted: list[Requirement]
) -> None:
    """`scripts/lock` writes the locks anew after a change of pyproject.toml."""
    found = locked(lock)
    wrong = [
        str(one)
        for one in wanted
        if not one.specifier.contains(found.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]
    assert wrong == []


def test_the_tests_run_with_the_versions_that_owners_run() -> None:
    assert locked("runtime").items() <= locked("dev").items()


def test_what_builds_askfirst_is_locked_too() -> None:
    needed = [Requirement(one).name for one in PROJECT["build-system"]["requires"]]
    assert set(map(canonicalize_name, needed)) <= set(locked("runtime"))


@pytest.mark.parametrize("path", [*LOCKS, ROOT / "package-lock.json"], ids=lambda path: path.name)
def test_the_locks_name_no_registry(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [host for host in REGISTRIES if host in text] == []
    assert "://" not in text.replace('"url": "https://', "")
    assert '"resolved"' not in text


def test_each_package_of_the_javascript_tests_has_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    without = [name for name, facts in packages.items() if name and "integrity" not in facts]
    assert without == []

"""What a release promises: a change log for its version, one test command, a whole wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

ASK_THE_WHEEL = """
import sys
sys.path.insert(0, sys.argv[1])
from askfirst.system.assets import ROOT, asset_path
import askfirst.store
print(ROOT)
for name in sys.argv[2:]:
    assert asset_path(name).is_file(), name
"""


def test_the_change_log_has_a_heading_for_the_version_or_for_what_comes() -> None:
    headings = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert {"Unreleased", PROJECT["version"]} & set(headings)


def test_the_readme_names_the_command_that_continuous_integration_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    command = lines[-1].removeprefix("exec ")
    blocks = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    assert any(line.partition("#")[0].strip() == command for b in blocks for line in b.splitlines())


def test_the_notice_names_the_licence_of_the_places() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert "IP Geolocation by DB-IP" in notice
    assert "creativecommons.org/licenses/by/4.0" in notice


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the unpacked wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as packed:
        packed.extractall(folder / "unpacked")
    return folder / "unpacked"


def _shipped(folder: str) -> list[str]:
    paths = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("folder", ["static", "templates", "data"])
def test_an_installed_wheel_finds_every_shipped_file(wheel: Path, folder: str) -> None:
    names = _shipped(folder)
    asked = [sys.executable, "-I", "-c", ASK_THE_WHEEL, str(wheel), *names]
    answer = subprocess.run(asked, cwd=wheel, check=True, capture_output=True, text=True)
    assert names
    assert answer.stdout.strip() == str(wheel / "askfirst" / "_assets")


def test_the_wheel_holds_the_rooms_the_migrations_and_the_licence(wheel: Path) -> None:
    assert (wheel / "askfirst" / "store" / "ledger" / "migrations" / "env.py").is_file()
    assert all(
        (wheel / room / "__init__.py").is_file()
        for room in ("collector", "consent", "reports", "server")
    )
    assert list(wheel.glob("*.dist-info/licenses/LICENSE"))
    assert list(wheel.glob("*.dist-info/licenses/NOTICE"))


def test_the_wheel_holds_no_tests_and_no_development_files(wheel: Path) -> None:
    top = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"askfirst", "collector", "consent", "reports", "server"}

"""Root looks into the folder of another user, and writes nothing that the user could not open."""

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
import structlog
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from benchmarks.load.serving import askfirst_command, free_port, serving
from server.cli import commands
from server.services import open_services
from tests.factories import settings_in
from tests.world import open_world

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another user")
SOMEBODY = 65534
WRITING = (
    "check DATA --repair",
    "backup TARGET.tar --data DATA",
    "staff reset --data DATA",
)
READING = (
    "check DATA",
    "ledger verify --data DATA",
    "ledger decisions TARGET --data DATA",
    "ledger export TARGET --data DATA",
    "staff list --data DATA",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a data folder of another user, which a server left in the middle of its work."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)

        async def make() -> None:
            async with open_world(Path(place) / "made") as world:
                browser = world.browser()
                await browser.accept()
                await browser.send()
                await world.services.shipper.ship_all()
                await asyncio.to_thread(
                    shutil.copytree, Path(place) / "made" / "data", Path(place) / "data"
                )

        asyncio.run(make())
        shutil.rmtree(Path(place) / "made")
        given(Path(place) / "data")
        assert (Path(place) / "data" / "ledger.db-wal").stat().st_size
        yield Path(place) / "data"


def given(folder: Path, user: int = SOMEBODY) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user)


def ran(command: str, folder: Path) -> tuple[int, str]:
    for word, place in {"DATA": folder, "TARGET": folder.parent / "target"}.items():
        command = command.replace(word, str(place))
    ended = CliRunner().invoke(commands, command.split())
    structlog.reset_defaults()  # a command logs to a standard error that has ended with it
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, " ".join(ended.output.split())


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in [folder, *folder.rglob("*")]}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def start(folder: Path, user: int = SOMEBODY) -> str:
    """Start and stop as a user; return the sentence of the refusal."""

    async def opened() -> None:
        async with open_services(settings_in(folder)):
            pass

    os.setegid(user)
    os.seteuid(user)
    try:
        asyncio.run(opened())
    except Misconfigured as error:
        return error.message
    finally:
        os.seteuid(0)
        os.setegid(0)
    return ""


@pytest.mark.parametrize("command", WRITING)
def test_an_error_tells_root_as_whom_to_write_and_nothing_is_changed(folder: Path, command: str):
    before = contents(folder)
    code, said = ran(command, folder)

    assert code == 2 or (code == 1 and "--repair" in command)
    assert "belongs to the user nobody" in said
    assert "sudo -u nobody askfirst" in said
    assert contents(folder) == before
    assert owners(folder) == {SOMEBODY}
    assert start(folder) == ""


def test_root_starts_no_server_on_the_folder_of_another_user(folder: Path):
    assert "sudo -u nobody" in start(folder, 0)
    assert owners(folder) == {SOMEBODY}


def test_root_restores_nothing_into_the_folder_of_another_user(folder: Path):
    empty = folder.parent / "empty"
    empty.mkdir(mode=0o700)
    given(empty)
    ended = CliRunner().invoke(commands, ["restore", str(folder), str(empty)])

    assert ended.exit_code == 2
    assert "sudo -u nobody" in " ".join(ended.output.split())
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("command", READING)
def test_what_root_reads_leaves_nothing_of_roots(folder: Path, command: str, damaged: bool):
    if damaged:
        log = bytearray((folder / "ledger.db-wal").read_bytes())
        log[-3000] ^= 1
        (folder / "ledger.db-wal").write_bytes(log)
    for name in ("lock", "warehouse.duckdb.wal"):
        with suppress(FileNotFoundError):
            (folder / name).unlink()
    code, said = ran(command, folder)

    lost = "The warehouse ends before the last event that was shipped"
    assert code == 0 or damaged or lost in said
    assert owners(folder) == {SOMEBODY}
    assert not (folder / "lock").exists()
    assert start(folder) == ""


@pytest.mark.parametrize("command", ["check DATA", "backup TARGET.tar --data DATA"])
def test_root_is_given_a_copy_by_the_server_of_another_user(folder: Path, command: str):
    port = free_port()
    started = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with serving([*started, *askfirst_command(folder, port)], port, HOME="/nonexistent"):
        code, said = ran(command, folder)

        assert code == 0, said
        assert owners(folder) == {SOMEBODY}
        assert list(folder.glob("backup-*")) == []


ROOTS: dict[str, Callable[[Path], object]] = {
    "ledger.db": Path.touch,
    "journal.db": Path.touch,
    "warehouse.duckdb": Path.touch,
    "keys": Path.touch,
    "lost-times": Path.touch,
    "ledger.db-wal": Path.touch,
    "places": lambda path: path.mkdir(exist_ok=True),
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_start_names_a_file_of_roots_as_what_it_is(folder: Path, name: str):
    ROOTS[name](folder / name)
    os.chown(folder / name, 0, 0)
    (folder / name).chmod(0o700 if name == "places" else 0o600)
    said = start(folder)

    assert said.startswith(f"{folder / name} belongs to the user root, and Askfirst, as user 65534")
    assert "chown" in said
    assert "damaged" not in said


def test_a_start_names_a_folder_of_roots_as_what_it_is(folder: Path):
    os.chown(folder, 0, 0)
    folder.chmod(0o700)

    assert start(folder).startswith(f"{folder} belongs to the user root")


@pytest.mark.parametrize("name", ["warehouse.duckdb", "ledger.db", "keys"])
def test_a_start_names_a_file_that_its_owner_may_not_open(folder: Path, name: str):
    (folder / name).chmod(0)
    said = start(folder)

    assert said.startswith(f"{folder / name} may not be opened by its owner")
    assert stat.S_IMODE((folder / name).stat().st_mode) == 0


def test_root_runs_its_own_server_in_the_folder_of_another_user(folder: Path):
    """The root of a container has made everything in a folder that a user of the host owns."""
    for path in folder.rglob("*"):
        os.chown(path, 0, 0)

    assert start(folder, 0) == ""
    assert ran("check DATA --repair", folder)[0] == 0


def test_a_warehouse_without_tables_is_empty_when_root_looks(folder: Path):

    (folder / "warehouse.duckdb").unlink()
    for log in folder.glob("warehouse.duckdb.*"):
        log.unlink()
    with duckdb.connect(str(folder / "warehouse.duckdb")) as made:
        made.execute("CREATE TABLE events (n INTEGER)")
    given(folder)
    _, said = ran("check DATA", folder)

    assert "damaged" not in said

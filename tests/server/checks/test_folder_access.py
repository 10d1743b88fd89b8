"""What a start refuses is refused by every command, and nothing is written or read there."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from server.checks import repair as repairing
from server.checks.repair import repair
from server.cli import commands
from server.startup.data_folder import RESTORING, is_served, locked
from tests.factories import settings_in
from tests.world import open_world

COMMANDS = (
    "staff list --data DATA",
    "staff reset --data DATA",
    "ledger verify --data DATA",
    "ledger decisions TARGET --data DATA",
    "ledger export TARGET --data DATA",
    "backup TARGET.tar --data DATA",
    "check DATA",
    "check DATA --repair",
    "restore TARGET.tar NEW --decisions-from DATA",
)
Found = dict[str, tuple[int, int, bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder with every store in it, on which no server runs."""

    async def make() -> None:
        async with open_world(tmp_path) as world:
            await world.browser().accept()

    asyncio.run(make())
    return tmp_path / "data"


def ran(command: str, folder: Path) -> tuple[int, str]:
    places = {"DATA": folder, "TARGET": folder.parent / "target", "NEW": folder.parent / "new"}
    for word, place in places.items():
        command = command.replace(word, str(place))
    ended = CliRunner().invoke(commands, command.split())
    structlog.reset_defaults()  # a command logs to a standard error that has ended with it
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, " ".join(ended.output.split())


def found_in(folder: Path) -> Found:
    """Return the owner, the mode and the bytes of everything in a folder and below."""
    return {str(path): _facts(path) for path in [folder, *sorted(folder.rglob("*"))]}


def _facts(path: Path) -> tuple[int, int, bytes]:
    facts = path.lstat()
    content = path.read_bytes() if stat.S_ISREG(facts.st_mode) else b""
    return facts.st_uid, facts.st_mode, content


@pytest.mark.parametrize("command", COMMANDS)
def test_law_6_no_command_comes_to_a_folder_whose_restore_has_not_ended(folder: Path, command: str):
    for name in ("journal.db", "warehouse.duckdb", "lock"):
        (folder / name).unlink()
    (folder / RESTORING).touch()
    before = found_in(folder.parent)
    code, said = ran(command, folder)

    assert code != 0
    assert f"A restore into {folder} did not end" in said
    assert found_in(folder.parent) == before


@pytest.mark.parametrize("name", ["ledger.db", "journal.db", "keys", "lock", "ledger.db-wal"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_reads_or_writes_through_a_link(folder: Path, command: str, name: str):
    elsewhere = folder.parent / "elsewhere"
    if (folder / name).exists():
        (folder / name).rename(elsewhere)
    elsewhere.touch()
    (folder / name).symlink_to(elsewhere)
    before = found_in(folder.parent)
    code, said = ran(command, folder)

    assert code != 0
    assert f"{folder / name} is a link" in said
    assert found_in(folder.parent) == before


def test_a_repair_changes_nothing_where_a_start_is_refused(folder: Path):
    folder.chmod(0o755)
    (folder / "journal.db").unlink()
    (folder / RESTORING).touch()
    before = found_in(folder)
    with pytest.raises(Misconfigured, match="did not end"):
        repair(settings_in(folder))

    assert found_in(folder) == before


def test_a_repair_changes_nothing_while_another_process_uses_the_folder(folder: Path):
    folder.chmod(0o755)
    before = found_in(folder)
    with locked(folder), pytest.raises(Misconfigured, match="in use"):
        repair(settings_in(folder))

    assert found_in(folder) == before


def test_a_repair_reads_the_stores_while_no_server_can_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    served = []
    monkeypatch.setattr(
        repairing, "_repair_waiting", lambda _settings: served.append(is_served(folder))
    )
    repair(settings_in(folder))

    assert served == [True]


@pytest.mark.parametrize("command", COMMANDS[:7])
def test_a_folder_without_a_ledger_is_an_error_and_none_is_made(tmp_path: Path, command: str):
    code, said = ran(command, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    again, said_again = ran(command, tmp_path / "empty")

    assert (code, again) == (2, 2)
    assert "There is no ledger in the folder" in said
    assert "There is no ledger in the folder" in said_again
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_listing_accounts_writes_nothing(folder: Path):
    before = found_in(folder)
    code, _ = ran("staff list --data DATA", folder)

    assert code == 0
    assert os.listdir(folder.parent) == ["data"]
    assert {name: facts for name, facts in found_in(folder).items() if name in before} == before

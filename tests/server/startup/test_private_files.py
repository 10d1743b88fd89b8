"""Whose the data folder is: made private where that can be done, else refused with a sentence."""

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from server.checks.files import permissions
from server.cli import commands
from server.services import open_services
from server.startup.private_files import make_private
from server.startup.weaknesses import weaknesses
from tests.factories import settings_in
from tests.world import open_world

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another user")
SOMEBODY, OTHER = 12345, 23456
OURS = ("ledger.db", "journal.db", "warehouse.duckdb", "keys", "receipt-seed", "lock", "lost-times")


async def opened(folder: Path) -> None:
    async with open_services(settings_in(folder)):
        pass


def started(folder: Path) -> list[dict[str, object]]:
    """Start on a folder and stop, and return the lines of the log."""
    with structlog.testing.capture_logs() as said:
        asyncio.run(opened(folder))
    return list(said)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder with every store in it, on which no server runs."""

    async def make() -> None:
        async with open_world(tmp_path):
            pass

    asyncio.run(make())
    (tmp_path / "data" / "receipt-seed").write_text("00" * 32)
    (tmp_path / "data" / "receipt-seed").chmod(0o600)
    (tmp_path / "data" / "lost-times").write_text("1 2\n")
    (tmp_path / "data" / "lost-times").chmod(0o600)
    return tmp_path / "data"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_all(folder: Path) -> None:
    for name in OURS:
        (folder / name).chmod(0o644)
    folder.chmod(0o755)


def test_a_start_closes_a_folder_and_its_files_to_others_and_says_so(folder: Path):
    open_to_all(folder)
    said = started(folder)

    assert mode(folder) == 0o700
    assert {name: mode(folder / name) for name in OURS} == dict.fromkeys(OURS, 0o600)
    (made,) = (line for line in said if line["event"] == "made_private")
    assert set(made["files"]) >= {"data", *OURS}  # type: ignore[call-overload]
    assert [line["file"] for line in said if line["event"] == "key_could_be_read"] == [
        "keys",
        "receipt-seed",
    ]
    assert started(folder) == []


def test_a_key_that_nobody_could_reach_is_closed_and_not_cried_over(folder: Path):
    (folder / "keys").chmod(0o644)
    said = [line["event"] for line in started(folder)]

    assert said == ["made_private"]
    assert mode(folder / "keys") == 0o600


def test_check_says_that_keys_could_be_read_and_how_to_make_new_ones(folder: Path):
    open_to_all(folder)
    ended = CliRunner().invoke(commands, ["check", str(folder)])

    assert ended.exit_code == 1
    assert "Others than its owner could read keys: whoever has it can forge" in ended.output
    assert "a new one is made at the next start" in ended.output
    assert "Others than its owner may open ledger.db" in ended.output


@pytest.mark.parametrize("option", ["--repair", "--mend"])
def test_check_repairs_what_others_may_open_by_both_names_of_the_option(folder: Path, option: str):
    open_to_all(folder)
    CliRunner().invoke(commands, ["check", str(folder), option])

    assert weaknesses(folder) == []


def test_settings_may_be_read_by_others_and_not_changed(folder: Path):
    settings = folder / "askfirst.toml"
    settings.write_text("port = 9000\n")
    settings.chmod(0o644)
    assert weaknesses(folder) == []
    settings.chmod(0o666)
    started(folder)

    assert mode(settings) == 0o644


@pytest.mark.parametrize("name", OURS)
def test_a_link_among_the_files_stops_a_start_and_is_not_followed(folder: Path, name: str):
    elsewhere = folder.parent / name
    (folder / name).rename(elsewhere)
    elsewhere.chmod(0o644)
    before = elsewhere.read_bytes()
    (folder / name).symlink_to(elsewhere)
    wanted = "cannot be written" if name == "lock" else f"{name} is a link"
    with pytest.raises(Misconfigured, match=wanted):
        started(folder)
    ended = CliRunner().invoke(commands, ["check", str(folder), "--repair"])

    assert ended.exit_code in {1, 2}
    assert mode(elsewhere) == 0o644
    assert elsewhere.read_bytes() == before


def test_a_link_to_what_is_not_ours_is_named_and_its_target_left_alone(folder: Path):
    secret = folder.parent / "secret"
    secret.write_text("of somebody else")
    secret.chmod(0o644)
    (folder / "mine").symlink_to(secret)
    (folder / "broken").symlink_to(folder / "nothing")
    folder.chmod(0o755)
    started(folder)
    said = [one.sentence for one in permissions(folder)]

    assert said == [
        f"{name} is a link: nothing follows it, and no backup holds it."
        for name in ("broken", "mine")
    ]
    CliRunner().invoke(commands, ["check", str(folder), "--repair"])
    assert mode(secret) == 0o644


def test_the_folder_itself_may_be_a_link_to_another_disk(folder: Path):
    link = folder.parent / "link"
    link.symlink_to(folder)
    folder.chmod(0o755)
    started(link)

    assert mode(folder) == 0o700
    assert link.is_symlink()
    ended = CliRunner().invoke(commands, ["check", str(link)])
    assert ended.exit_code == 0, ended.output


def test_settings_may_be_a_link_because_they_are_only_read(folder: Path):
    (folder.parent / "askfirst.toml").write_text("port = 9000\n")
    (folder.parent / "askfirst.toml").chmod(0o644)
    (folder / "askfirst.toml").symlink_to(folder.parent / "askfirst.toml")

    assert started(folder) == []
    assert mode(folder.parent / "askfirst.toml") == 0o644


@pytest.mark.parametrize("name", ["keys", "ledger.db", "lost-times"])
def test_what_is_no_plain_file_stops_a_start(folder: Path, name: str):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(Misconfigured, match=f"{name} is no plain file"):
        started(folder)


def as_user(user: int, act: Callable[[Path], object], folder: Path) -> str:
    """Do something as another user of root's group; return the sentence of the refusal."""
    os.setegid(0)
    os.seteuid(user)
    try:
        act(folder)
    except Misconfigured as error:
        return error.message
    finally:
        os.seteuid(0)
    return ""


def given(folder: Path, user: int, group: int = SOMEBODY) -> None:
    """Change the owner of a folder and all that is in it, and let everybody reach it."""
    for path in [folder, *folder.iterdir()]:
        os.chown(path, user, group)
    for path in folder.parents:
        if path.stat().st_uid == 0 and "pytest" in str(path):
            path.chmod(0o755)


@needs_root
def test_a_folder_of_another_user_is_refused(folder: Path):
    given(folder, OTHER)
    folder.chmod(0o777)
    said = as_user(SOMEBODY, make_private, folder)

    assert said.startswith(f"The data folder {folder} belongs to another user ({OTHER})")
    assert f"({SOMEBODY})" in said
    assert mode(folder) == 0o777


@needs_root
@pytest.mark.parametrize("name", ["keys", "receipt-seed", "ledger.db", "lost-times"])
def test_a_file_of_another_user_is_refused_in_a_folder_of_our_own(folder: Path, name: str):
    given(folder, SOMEBODY)
    os.chown(folder / name, OTHER, OTHER)
    said = as_user(SOMEBODY, make_private, folder)

    assert said.startswith(f"{folder / name} belongs to another user ({OTHER})")


@needs_root
def test_a_folder_of_root_is_taken_where_only_its_group_may_enter(folder: Path):
    """A container runs as any user number, with the group of root."""
    given(folder, SOMEBODY, 0)
    os.chown(folder, 0, 0)
    folder.chmod(0o770)

    assert as_user(SOMEBODY, make_private, folder) == ""
    assert mode(folder) == 0o770


@needs_root
def test_a_folder_of_root_that_everybody_may_enter_is_refused_with_what_to_do(folder: Path):
    given(folder, SOMEBODY, 0)
    os.chown(folder, 0, 0)
    folder.chmod(0o777)
    said = as_user(SOMEBODY, make_private, folder)

    assert "belongs to root and everybody may open it" in said
    assert f"name a folder inside of it, e.g. {folder / 'askfirst'}" in said


@needs_root
def test_keys_of_root_that_others_could_read_are_logged_at_the_start(folder: Path):
    given(folder, SOMEBODY)
    os.chown(folder / "keys", 0, 0)
    (folder / "keys").chmod(0o644)
    folder.chmod(0o755)
    with structlog.testing.capture_logs() as said:
        refused = as_user(SOMEBODY, make_private, folder)

    assert refused == ""
    assert [line["event"] for line in said] == ["made_private", "key_could_be_read"]
    assert mode(folder) == 0o700


@needs_root
def test_root_may_look_after_the_folder_of_another_user(folder: Path):
    given(folder, SOMEBODY)
    open_to_all(folder)
    make_private(folder)

    assert mode(folder) == 0o700
    assert (folder / "keys").stat().st_uid == SOMEBODY


@pytest.mark.parametrize("sticky", [0o1777, 0o1700])
def test_a_folder_that_everybody_shares_is_refused_and_left_as_it_is(tmp_path: Path, sticky: int):
    tmp_path.chmod(sticky)
    with pytest.raises(Misconfigured, match="is shared by everybody: name a folder inside"):
        started(tmp_path)

    assert mode(tmp_path) == sticky
    assert list(tmp_path.iterdir()) == []
    tmp_path.chmod(0o700)


def test_what_is_refused_changes_nothing(folder: Path):
    open_to_all(folder)
    (folder / "keys").rename(folder.parent / "keys")
    (folder / "keys").symlink_to(folder.parent / "keys")
    with pytest.raises(Misconfigured):
        started(folder)

    assert mode(folder) == 0o755
    assert mode(folder / "ledger.db") == 0o644


def keeps_none(_descriptor: int, _mode: int) -> None:
    """Change nothing and say nothing, as SMB does."""


def takes_none(_descriptor: int, _mode: int) -> None:
    raise PermissionError(errno.EPERM, "as FAT says")


@pytest.mark.parametrize("changes", [keeps_none, takes_none])
def test_a_file_system_without_permissions_is_logged_at_each_start_and_stops_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, changes: Callable[[int, int], None]
):
    """An existing installation continues after an update, and the log names what was open."""
    open_to_all(folder)
    monkeypatch.setattr(os, "fchmod", changes)
    for _ in range(2):
        said = started(folder)
        (left,) = (line for line in said if line["event"] == "not_private")
        assert set(left["files"]) >= {"data", *OURS}  # type: ignore[call-overload]
        assert "keeps no permissions" in str(left["meaning"])
        assert "made_private" not in [line["event"] for line in said]
        assert "key_could_be_read" in [line["event"] for line in said]
    ended = CliRunner().invoke(commands, ["check", str(folder), "--repair"])

    assert ended.exit_code == 1
    assert "Left after the repair" in ended.output


@pytest.mark.parametrize("name", ["places", "assets"])
def test_a_link_inside_a_folder_of_ours_stops_a_start_and_is_not_followed(folder: Path, name: str):
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "inside").symlink_to("/etc/hostname")
    with pytest.raises(Misconfigured, match="inside is a link"):
        started(folder)
    ended = CliRunner().invoke(commands, ["check", str(folder)])

    assert ended.exit_code == 1
    assert "inside is a link" in " ".join(ended.output.split())

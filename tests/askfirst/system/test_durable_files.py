"""Files that survive a loss of power: the bytes first, then the name, then the folder."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from askfirst.system.durable_files import (
    copy_durably,
    create,
    open_plain,
    remove_durably,
    write_durably,
)
from collector.enrichment.places.files import shipped_places
from server.maintenance.retention import begin_retaining, end_retaining
from server.startup.carry_over import note_carry_over
from server.startup.data_folder import locked
from server.startup.keys import load_keys, load_seed
from server.startup.restore_gaps import add_restore_gap


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Record each fsync with the name of its file, and each rename with the new name."""
    noted: list[tuple[str, str]] = []
    fsync, replace, unlink = os.fsync, os.replace, os.unlink

    def noting_fsync(descriptor: int) -> None:
        noted.append(("sync", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        fsync(descriptor)

    def noting_replace(source: Path, target: Path) -> None:
        noted.append(("rename", Path(target).name))
        replace(source, target)

    def noting_unlink(path: Path) -> None:
        unlink(path)
        noted.append(("remove", Path(path).name))

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "replace", noting_replace)
    monkeypatch.setattr(os, "unlink", noting_unlink)
    return noted


WRITERS: dict[str, Callable[[Path], object]] = {
    "keys": load_keys,
    "receipt-seed": load_seed,
    "lost-times": lambda folder: add_restore_gap(folder, 1, 2),
    "retaining": begin_retaining,
    "taking-over": lambda folder: note_carry_over(folder / "journal.db.damaged-1Z"),
    "a copy": lambda folder: copy_durably(Path(__file__), folder / "a copy"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_law_7_a_file_is_on_disk_before_it_has_its_name_and_the_folder_after(
    tmp_path: Path, steps: list[tuple[str, str]], name: str
):
    folder = tmp_path / "data"
    folder.mkdir()
    WRITERS[name](folder)

    assert steps == [("sync", f"{name}.fresh"), ("rename", name), ("sync", "data")]
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_law_7_a_new_data_folder_and_those_it_lies_in_have_their_names_on_disk(
    tmp_path: Path, steps: list[tuple[str, str]]
):
    with locked(tmp_path / "srv" / "askfirst" / "data"):
        assert steps == [("sync", "askfirst"), ("sync", "srv"), ("sync", tmp_path.name)]
    steps.clear()
    with locked(tmp_path / "srv" / "askfirst" / "data"):
        assert steps == []
    assert (tmp_path / "srv" / "askfirst" / "data").stat().st_mode & 0o777 == 0o700


def test_law_7_a_folder_that_is_named_from_here_has_its_name_on_disk(
    tmp_path: Path, steps: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with locked(Path("askfirst-data")):
        assert steps == [("sync", tmp_path.name)]


def test_the_unpacked_country_file_is_on_disk_before_it_has_its_name(tmp_path: Path, steps):
    made = shipped_places(tmp_path)

    assert steps == [
        ("sync", f"{made.name}.fresh"),
        ("rename", made.name),
        ("sync", tmp_path.name),
    ]


def test_a_note_that_is_taken_away_stays_away_after_a_loss_of_power(tmp_path: Path, steps):
    begin_retaining(tmp_path)
    steps.clear()
    end_retaining(tmp_path)

    assert steps == [("remove", "retaining"), ("sync", tmp_path.name)]


def test_a_new_file_is_on_disk_with_its_name_or_gone(tmp_path: Path, steps):
    with create(tmp_path / "new") as file:
        file.write(b"all of it")
    with pytest.raises(ZeroDivisionError), create(tmp_path / "other") as file:
        file.write(bytes(1 // 0))

    assert steps == [("sync", "new"), ("sync", tmp_path.name), ("remove", "other")]
    assert (tmp_path / "new").read_bytes() == b"all of it"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_write_that_fails_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch):
    path = tmp_path / "keys"
    path.write_bytes(b"before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"after")

    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["keys"]


def test_nothing_is_written_or_read_through_a_link(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    for name in ("file", "file.fresh"):
        (tmp_path / name).symlink_to(elsewhere)

    with pytest.raises(OSError, match="symbolic"):
        open_plain(tmp_path / "file")
    with pytest.raises(OSError, match="symbolic"):
        copy_durably(tmp_path / "file", tmp_path / "copy")
    with pytest.raises(FileExistsError), create(tmp_path / "file"):
        pass
    write_durably(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    remove_durably(tmp_path / "file")

    assert elsewhere.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_a_pipe_or_a_folder_is_no_plain_file_and_holds_nobody_up(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="no plain file"):
            open_plain(path)

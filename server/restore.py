"""A restore: a backup's files, checked, into an empty folder, and what was decided after it."""

import asyncio
import hashlib
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from askfirst.clock import Clock, system_clock
from askfirst.durable import sync
from askfirst.errors import Misconfigured
from askfirst.settings import Settings
from server import jobs
from server.backup import MANIFEST, Manifest, manifest_of
from server.data_folder import RESTORING
from server.house import open_house
from server.later_decisions import Decisions, carry_out
from server.lost_times import add_lost_time

_Opened = Callable[[str], IO[bytes]]
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What was restored, and how many later withdrawals and erasures were carried out on it."""

    manifest: Manifest
    withdrawn: int
    erased: int


def restore(
    backup: Path, settings: Settings, decisions: Decisions, clock: Clock = system_clock
) -> Restored:
    """Restore a folder or .tar into the empty data folder of `settings`.

    Raises `Misconfigured` when the folder is not empty or a file is not what the manifest says;
    then the folder is left empty.
    """
    folder = settings.data_folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misconfigured(f"The folder {folder} is not empty; nothing was restored.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    try:
        manifest = _bring_back(backup, folder, clock)
    except BaseException:
        _empty(folder)
        raise
    withdrawn, erased = asyncio.run(_decide(settings, decisions, clock))
    return Restored(manifest, withdrawn, erased)


def _bring_back(backup: Path, folder: Path, clock: Clock) -> Manifest:
    (folder / RESTORING).touch(mode=0o600)
    with opened(backup) as open_file:
        with open_file(MANIFEST) as file:
            manifest = manifest_of(file.read())
        for name, expected in manifest.files.items():
            place = _place(folder, name)
            with open_file(name) as file:
                found = _copy(file, place)
            if found != expected:
                raise Misconfigured(f"The backup's file {name} is damaged: its sum is another one.")
    add_lost_time(folder, manifest.made_at, clock())
    (folder / RESTORING).unlink()
    sync(folder)
    return manifest


def _place(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name == MANIFEST:
        raise Misconfigured("The backup's manifest names a file outside of the folder.")
    place = folder / path
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _copy(source: IO[bytes], place: Path) -> str:
    """Copy a file for its owner alone and give its SHA-256."""
    found = hashlib.sha256()
    place.touch(mode=0o600, exist_ok=False)
    with place.open("wb") as target:
        while chunk := source.read(_CHUNK):
            found.update(chunk)
            target.write(chunk)
    sync(place)
    return found.hexdigest()


@contextmanager
def opened(backup: Path) -> Iterator[_Opened]:
    """Give a function that opens a file of a backup, which is a folder or a .tar, by its name."""
    try:
        if backup.is_dir():
            yield lambda name: (backup / name).open("rb")
        else:
            with tarfile.open(backup, "r:") as packed:
                yield lambda name: _packed(packed, name)
    except (OSError, KeyError, tarfile.TarError) as error:
        raise Misconfigured(f"The backup {backup} cannot be read, or is not whole.") from error


def _packed(packed: tarfile.TarFile, name: str) -> IO[bytes]:
    file = packed.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


async def _decide(settings: Settings, decisions: Decisions, clock: Clock) -> tuple[int, int]:
    async with open_house(settings, clock) as house:
        numbers = await carry_out(house, decisions)
        await jobs.rewrite(house)
    return numbers


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()

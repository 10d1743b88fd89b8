"""What a restore writes: those files of a backup that Askfirst knows, if there is room."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from askfirst.clock import DAY_MS, as_iso
from askfirst.errors import Misconfigured
from server.backups.backup import COPIED, MANIFEST, REQUIRED, Manifest, manifest_of
from server.backups.backup_files import BackupFiles

_LONGEST_MANIFEST = 1 << 20
_LONGEST_NAME = 255
_MOST_ROWS = 10**12
_TO_SPARE = 16 << 20
"""Bytes that must remain free beside the files: a start on them writes logs."""


@dataclass(frozen=True)
class Plan:
    """The sizes in bytes of the files to write, by name, and the names that are left out."""

    manifest: Manifest
    sizes: dict[str, int]
    left_out: tuple[str, ...]


def read_plan(files: BackupFiles, folder: Path, now: int) -> Plan:
    """Read a backup's manifest and compare it with the files; nothing is written.

    `now` is milliseconds since the epoch. Raises `Misconfigured` where they do not agree, something
    is missing, a name leads out of the folder, the backup's time is in the future, or the disk has
    no room.
    """
    manifest = _manifest(files)
    if manifest.made_at > now + DAY_MS:  # clocks differ by a day at most
        raise Misconfigured(
            f"The backup says that it was made at {as_iso(manifest.made_at)}, which is yet to come."
        )
    if max(manifest.counts.values(), default=0) > _MOST_ROWS:
        raise Misconfigured("The backup's manifest counts more rows than any file holds.")
    for name in manifest.files:
        _refuse_name(name)
    if files.closed and set(files.sizes) - {*manifest.files, MANIFEST}:
        raise Misconfigured("The backup holds a file that its manifest does not name.")
    sizes = {name: _size(files, manifest, name) for name in COPIED if name in manifest.files}
    if missing := [name for name in REQUIRED if name not in sizes]:
        raise Misconfigured(f"The backup lacks the file {missing[0]}.")
    _refuse_without_room(sum(sizes.values()), folder)
    return Plan(manifest, sizes, tuple(sorted(set(manifest.files) - set(COPIED))))


def _manifest(files: BackupFiles) -> Manifest:
    if not 0 < files.sizes.get(MANIFEST, 0) <= _LONGEST_MANIFEST:
        raise Misconfigured("The backup has no manifest, so it is none, or it is not whole.")
    return manifest_of(b"".join(files.chunks(MANIFEST)))


def _refuse_name(name: str) -> None:
    """Raise `Misconfigured` for a name that no file in a folder can have on any system."""
    parts = name.replace("\\", "/").split("/")
    odd = not name.isprintable() or ":" in name or len(name) > _LONGEST_NAME
    if odd or name == MANIFEST or any(part in {"", ".", ".."} for part in parts):
        raise Misconfigured("The backup's manifest names a file outside of the folder.")


def _size(files: BackupFiles, manifest: Manifest, name: str) -> int:
    if name not in files.sizes:
        raise Misconfigured(f"The backup lacks the file {name}.")
    size = files.sizes[name]
    if manifest.sizes and manifest.sizes.get(name) != size:
        raise Misconfigured(f"The backup's file {name} is damaged: its size is another one.")
    return size


def _refuse_without_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed + _TO_SPARE > free:
        raise Misconfigured(
            f"There is no room in {folder}: the backup needs {_told(needed + _TO_SPARE)},"
            f" and {_told(free)} are free."
        )


def _told(count: int) -> str:
    return f"{-(-count // 1_000_000):,} MB"

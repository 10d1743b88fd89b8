"""What others than its owner may open or change in a data folder, and whose its files are."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from askfirst.settings import FILE_NAME
from server.startup.data_folder import (
    ADDRESS,
    CARRY_OVER,
    LEFT,
    LOCK,
    LOST,
    MOVED,
    RESTORING,
    RETAINING,
    STORES,
    WRITER,
)
from server.startup.folder_owner import name_of
from server.startup.keys import KEY_FILES
from server.startup.restore_gaps import FILE_NAME as RESTORE_GAPS

ALL_BUT_OWNER = 0o077
"""The permissions of everybody but a file's owner."""
_WRITING = 0o022
_NEW = (".fresh", ".new", ".new.wal")
_ENDS = ("-wal", "-shm", ".wal", *_NEW)
_BESIDE = tuple(f"{name}{end}" for name in STORES for end in _ENDS)
_NOTES = (ADDRESS, RESTORE_GAPS, RESTORING, RETAINING, CARRY_OVER, LEFT, LOST, MOVED, WRITER)
_OURS = {*STORES, *_BESIDE, *KEY_FILES, *_NOTES, FILE_NAME, LOCK}
_FOLDERS = {"places", "assets"}  # older versions kept a chart library in assets
_WRITTEN = (*STORES, *(one for one in _BESIDE if not one.endswith(_NEW)), LOCK)
_OPENED = dict.fromkeys(_WRITTEN, 0o600) | dict.fromkeys((*KEY_FILES, RESTORE_GAPS), 0o400)
"""What a start opens, with the permissions that it needs, as those of an owner."""
_EFFECTIVE = os.access in os.supports_effective_ids
_NEW_KEYS = (
    "whoever has it can forge consents and receipts. If that may be, delete it while the server is"
    " stopped: a new one is made at the next start, and docs/durability.md says what that changes."
)


@dataclass(frozen=True)
class Weakness:
    """What is wrong with the folder or a file of it, in a sentence.

    `refused` stops a start. `mask` has the permissions to take away, 0 where that does not help.
    `read` says that a key could be read by others.
    """

    path: Path
    sentence: str
    mask: int = 0
    read: bool = False
    refused: bool = False


def weaknesses(folder: Path) -> list[Weakness]:
    """Return what others than the owner may open or change, and links; the folder comes first."""
    found = folder.stat()  # the folder itself may be a link to another disk
    return [
        *folder_weaknesses(folder, found),
        *(weak for path in sorted(folder.iterdir()) for weak in _of_path(path, found)),
    ]


def folder_weaknesses(folder: Path, found: os.stat_result) -> Iterator[Weakness]:
    """Yield what is wrong with the folder itself."""
    mode = stat.S_IMODE(found.st_mode)
    inside = f"name a folder inside of it, e.g. {folder / 'askfirst'}, which is then made private."
    if mode & stat.S_ISVTX:
        yield Weakness(
            folder, f"The folder {folder} is shared by everybody: {inside}", refused=True
        )
    elif may_change(found.st_uid):
        if mode & ALL_BUT_OWNER:
            sentence = f"Others than its owner may open {folder.name}."
            yield Weakness(folder, sentence, mask=ALL_BUT_OWNER)
    elif found.st_uid != 0:
        yield Weakness(
            folder,
            f"The data folder {folder} belongs to another user ({found.st_uid}), who may read and"
            f" change everything in it: give it to the user that runs Askfirst ({os.geteuid()}),"
            f" or {inside}",
            refused=True,
        )
    elif mode & 0o007:
        yield Weakness(
            folder,
            f"The data folder {folder} belongs to root and everybody may open it, which Askfirst"
            f" cannot change as user {os.geteuid()}: take the permissions of others away"
            f" (chmod o= {folder}), or {inside}",
            refused=True,
        )
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=_EFFECTIVE):
        yield Weakness(folder, _not_ours_to_open(folder, 0, "-R "), refused=True)


def _of_path(path: Path, folder: os.stat_result) -> Iterator[Weakness]:
    ours = path.name in _OURS or path.name in _FOLDERS
    try:
        found = path.lstat()
    except FileNotFoundError:
        return  # a server that runs on the folder has removed it
    if stat.S_ISLNK(found.st_mode):
        if path.name == FILE_NAME and path.exists():
            found = path.stat()  # settings may be kept elsewhere: they are only read
        else:
            yield _link(path, ours)
            return
    if stat.S_ISREG(found.st_mode):
        yield from _of_file(path, found, folder, ours)
    elif stat.S_ISDIR(found.st_mode) and path.name in _FOLDERS:
        yield from _of_inner_folder(path, found)
    elif ours:
        yield Weakness(path, f"{path} is no plain file.", refused=True)


def _of_inner_folder(path: Path, found: os.stat_result) -> Iterator[Weakness]:
    if _may_open(path, found, 0o700):
        yield from (_link(one, True) for one in sorted(path.iterdir()) if one.is_symlink())
    else:
        yield Weakness(path, _not_ours_to_open(path, found.st_uid, "-R "), refused=True)


def _link(path: Path, ours: bool) -> Weakness:
    if ours:
        told = f"{path} is a link: put the file itself there. The whole data folder may be a link."
        return Weakness(path, told, refused=True)
    return Weakness(path, f"{path.name} is a link: nothing follows it, and no backup holds it.")


def _of_file(
    path: Path, found: os.stat_result, folder: os.stat_result, ours: bool
) -> Iterator[Weakness]:
    mask = _WRITING if path.name == FILE_NAME else ALL_BUT_OWNER
    mode = stat.S_IMODE(found.st_mode) & mask
    if ours and found.st_uid not in {0, os.geteuid(), folder.st_uid}:
        yield Weakness(
            path,
            f"{path} belongs to another user ({found.st_uid}), who may read and change it: give it"
            f" to the user that runs Askfirst ({os.geteuid()}).",
            refused=True,
        )
    elif path.name in _OPENED and not _may_open(path, found, _OPENED[path.name]):
        yield Weakness(path, _not_ours_to_open(path, found.st_uid), refused=True)
    elif mode and may_change(found.st_uid) and not path.is_symlink():
        yield _open_file(path, mask, _reachable(mode, folder))
    elif path.name in KEY_FILES and _reachable(mode, folder):
        yield Weakness(path, _could_read(path), read=True)


def _may_open(path: Path, found: os.stat_result, need: int) -> bool:
    """Return whether this user has the permissions, which are given as those of an owner."""
    if may_change(found.st_uid):
        return os.geteuid() == 0 or found.st_mode & need == need
    return os.access(path, need >> 6, effective_ids=_EFFECTIVE)


def _not_ours_to_open(path: Path, owner: int, how: str = "") -> str:
    user = os.geteuid()
    if owner == user:
        return f"{path} may not be opened by its owner ({user}): permit it by chmod u+rwX {path}"
    return (
        f"{path} belongs to the user {name_of(owner)}, and Askfirst, as user {user}, may not open"
        f" it: give it away by chown {how}{user} {path}"
    )


def _open_file(path: Path, mask: int, reachable: bool) -> Weakness:
    if path.name in KEY_FILES and reachable:
        return Weakness(path, _could_read(path), mask, read=True)
    done = "change" if mask == _WRITING else "open"
    return Weakness(path, f"Others than its owner may {done} {path.name}.", mask=mask)


def _could_read(path: Path) -> str:
    return f"Others than its owner could read {path.name}: {_NEW_KEYS}"


def _reachable(mode: int, folder: os.stat_result) -> bool:
    """Return whether anybody who may read a file of this mode may also enter its folder."""
    group = mode & 0o040 and folder.st_mode & 0o010
    others = mode & 0o004 and folder.st_mode & 0o001
    return bool(group or others)


def may_change(owner: int) -> bool:
    """Return whether this user may change the permissions of what a user owns."""
    return os.geteuid() in {0, owner}

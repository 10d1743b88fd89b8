"""Closes the data folder and its files to others than their owner, or refuses the folder."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import structlog

from askfirst.errors import Misconfigured
from server.startup.data_folder import LOCK, STORES
from server.startup.weaknesses import (
    ALL_BUT_OWNER,
    Weakness,
    folder_weaknesses,
    may_change,
    weaknesses,
)

log = structlog.get_logger()

_MADE_PRIVATE = "Others than their owner could open these; now nobody else can."
_NOT_PRIVATE = (
    "Others than their owner can open these, and their file system keeps no permissions: use a data"
    " folder on another one, or mount it for this user alone."
)


def make_private(folder: Path) -> None:
    """Close the folder and its files to others than their owner, and log what was open.

    Raises `Misconfigured`, before anything is changed, for what cannot be put right: the folder or
    a file of another user, a link among the files, a folder that everybody shares.
    """
    try:
        found = weaknesses(folder)
    except OSError as error:
        raise Misconfigured(f"The data folder {folder} cannot be read.") from error
    if refused := next((one for one in found if one.refused), None):
        raise Misconfigured(refused.sentence)
    opened = [one for one in found if one.mask]
    closed = {one.path.name: _close(one.path, one.mask, _link_flag(one, folder)) for one in opened}
    if done := [name for name, is_closed in closed.items() if is_closed]:
        log.warning("made_private", files=done, meaning=_MADE_PRIVATE)
    if left := [name for name, is_closed in closed.items() if not is_closed]:
        log.error("not_private", files=left, meaning=_NOT_PRIVATE)
    for one in found:
        if one.read:
            log.error("key_could_be_read", file=one.path.name, meaning=one.sentence)


def _link_flag(weak: Weakness, folder: Path) -> int:
    return 0 if weak.path == folder else os.O_NOFOLLOW


def refuse_folder(folder: Path) -> None:
    """Raise `Misconfigured` for a folder that is there and cannot be made private, as a start does.

    Nothing is written into it before that is known.
    """
    if folder.is_dir():
        for weak in folder_weaknesses(folder, folder.stat()):
            if weak.refused:
                raise Misconfigured(weak.sentence)


def keep_private(folder: Path) -> None:
    """Close to others what was made in the folder since it was opened."""
    for name in (*STORES, LOCK):
        for path in folder.glob(f"{name}*"):
            found = path.lstat()
            open_to_others = found.st_mode & ALL_BUT_OWNER and may_change(found.st_uid)
            if stat.S_ISREG(found.st_mode) and open_to_others:
                _close(path, ALL_BUT_OWNER)


def _close(path: Path, mask: int, flags: int = os.O_NOFOLLOW) -> bool:
    """Take permissions away from a plain file, or from the folder, and not from a link's target.

    False means that they are still there: the file system keeps none (FAT, some network mounts).
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
        try:
            with suppress(PermissionError):  # so answer some file systems, others say nothing
                os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & ~mask)
            return not os.fstat(descriptor).st_mode & mask
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be closed to others than its owner.") from error

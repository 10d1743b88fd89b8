"""Whose the data folder is: root writes nothing into another user's, who could not open it."""

import os
import pwd
from pathlib import Path

from askfirst.errors import Misconfigured
from server.startup.data_folder import STORES


def belongs_to_another_user(folder: Path) -> bool:
    """Return whether root looks into a folder that is, or whose stores are, another user's."""
    return os.geteuid() == 0 and _owner(folder) != 0


def refuse_other_user(folder: Path) -> None:
    """Raise `Misconfigured`, which says what to do, where root would write into another's folder.

    What root makes there, its owner could not open: the next start would be refused. Other users
    than root are told of what is not theirs by `server/startup/weaknesses.py`.
    """
    if belongs_to_another_user(folder):
        name = name_of(_owner(folder))
        raise Misconfigured(
            f"The data in {folder} belongs to the user {name}, who could not open what root writes"
            f" there. Do it as that user: sudo -u {name} askfirst ..., or, if root runs Askfirst,"
            f" give all of it to root: chown -R 0:0 {folder}"
        )


def give_to_owner(made: Path, folder: Path) -> None:
    """Change the owner of a folder that root has just made in the data folder to the data's."""
    if belongs_to_another_user(folder):
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fchown(descriptor, _owner(folder), -1)
        finally:
            os.close(descriptor)


def name_of(user: int) -> str:
    """Return a user's name as `sudo -u` takes it; of a number without a name `#NUMBER`."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"'#{user}'"


def _owner(folder: Path) -> int:
    """Return the number of the user that the stores belong to, or, without any, the folder.

    A container's folder may be root's, and a folder of somebody may hold what root's server made.
    """
    for path in (*(folder / name for name in STORES), folder):
        try:
            return path.lstat().st_uid if path != folder else path.stat().st_uid
        except OSError:
            continue
    return os.geteuid()

"""The environment of the process: a home, a folder for temporary files, little memory."""

import ctypes
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from askfirst.system.memory import is_scarce

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_TRIM_THRESHOLD = -1
_FEW_ARENAS = 2
_TRIM_ABOVE = 1 << 20
_TRIM_EVERY = 5  # seconds


def prepare_environment(folder: Path) -> None:
    """Let this process, and those that it starts, need nothing but the data folder.

    Libraries look for a home folder, some while they are loaded, and fail where there is none, as
    for a user unknown to the system; and for a folder of temporary files. SQLite sorts in temporary
    files: visitors' data stays in the data folder.
    """
    place = str(folder.absolute())
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = place
    if not _has_temporary_folder():
        os.environ["TMPDIR"] = tempfile.tempdir = place
    os.environ["SQLITE_TMPDIR"] = place
    _spare_memory()


def _has_temporary_folder() -> bool:
    """Return whether the system has one; `tempfile` falls back to the working directory."""
    try:
        return Path(tempfile.gettempdir()) != Path.cwd()
    except OSError:
        return False


def _spare_memory() -> None:
    """Keep little of what is freed: by default each thread has an arena, and Arrow a pool.

    These held some 90 MB more after pages of ten million events. Where memory is scarce, what is
    free between what is used is given back to the system too, every few seconds.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(_ARENA_MAX, _FEW_ARENAS)
        trim = libc.malloc_trim
    except (OSError, AttributeError):
        return  # another C library, which has no such setting
    if is_scarce():
        libc.mallopt(_TRIM_THRESHOLD, _TRIM_ABOVE)  # large blocks are mapped anew each time, too
        thread = threading.Thread(target=_keep_trimming, args=(trim,), name="trimming", daemon=True)
        thread.start()


def _keep_trimming(trim: Callable[[int], int]) -> None:
    while True:
        time.sleep(_TRIM_EVERY)
        trim(0)

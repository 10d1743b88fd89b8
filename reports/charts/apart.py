"""Work in a process of its own, in turn: what would hold up the server or keep its memory."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog

from askfirst.errors import Unavailable

MOST_WAITING = 16
"""How many files may be asked for at a time, the one that is made among them."""
SECONDS = 30
"""How long one may take."""
RETRY_S = 10

log = structlog.get_logger()
Made = TypeVar("Made")
_ROOT = Path(__file__).parents[2]
_thread = ThreadPoolExecutor(1, thread_name_prefix="apart")
_waiting = 0


async def in_turn(work: Callable[..., Made], *given: Any) -> Made:
    """Do work in the one thread that waits for processes; raises `Unavailable` if too many wait."""
    global _waiting  # noqa: PLW0603 - the one thread has one queue
    if _waiting >= MOST_WAITING:
        raise Unavailable("Too many files are made just now. Try again.", retry_after=RETRY_S)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_thread, work, *given)
    finally:
        _waiting -= 1


def apart(module: str, given: bytes) -> bytes:
    """Run a module of ours in a process: `given` is its input, its output is returned.

    Blocks, and raises `Unavailable` where it fails or takes too long.
    """
    command = [sys.executable, "-P", "-m", module]
    folders = (str(_ROOT), os.environ.get("PYTHONPATH"))
    path = os.pathsep.join(filter(None, folders))  # an empty name is the current folder
    environment = {**os.environ, "PYTHONPATH": path}
    try:
        done = subprocess.run(  # noqa: S603 - a module of ours
            command, input=given, capture_output=True, timeout=SECONDS, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or b"")[-300:].decode("utf-8", "replace")
        log.warning("file_not_made", module=module, why=type(error).__name__, last=said)
        raise Unavailable("The file cannot be made just now.", retry_after=RETRY_S) from error
    return done.stdout

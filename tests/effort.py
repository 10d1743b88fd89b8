"""The processor time that a call takes, for claims that hold by a factor of a hundred or more."""

from collections.abc import Callable
from time import process_time


def least_seconds(call: Callable[[], object], goes: int = 5) -> float:
    """Return the processor seconds of the quickest of several goes.

    A collection of garbage falls into one go, hardly into all: it takes 0.1 s late in a long run.
    """
    return min(_seconds(call) for _ in range(goes))


def _seconds(call: Callable[[], object]) -> float:
    began = process_time()
    call()
    return process_time() - began

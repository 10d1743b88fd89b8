"""How much is tried: little in every run, much where LONG_TESTS is set (scripts/test --faults)."""

import os

IS_LONG = bool(os.environ.get("LONG_TESTS"))


def examples(short: int, long: int) -> int:
    """Return how many examples Hypothesis makes."""
    return long if IS_LONG else short

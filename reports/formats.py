"""How numbers, shares, durations and dates are written: the named filters of the templates."""

from collections.abc import Callable
from typing import Any

FILTERS: dict[str, Callable[..., Any]] = {}
"""The filters that `Pages` is given, by name."""

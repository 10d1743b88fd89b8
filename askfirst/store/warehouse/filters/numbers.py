"""Conditions on numbers: their columns, how a value is written, and the range that it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from askfirst.columns import EVENT_COLUMNS, EVENT_NUMBERS, HIDDEN_COLUMNS, THOUSANDTHS
from askfirst.store.warehouse.tables import PARTS_OF_SCREENS

NUMBER_OPERATORS = ("is", "at_least", "at_most", "between")
NUMBER_COLUMNS: tuple[str, ...] = (
    *(one for one in EVENT_NUMBERS if one not in HIDDEN_COLUMNS),
    *PARTS_OF_SCREENS,
)
"""The columns whose values are numbers; 0 is none, and fulfils no condition."""

_MEASURED = frozenset({"lcp_ms", "inp_ms", "cls", "ttfb_ms"})
"""Of these a measured 0 is stored as 1, because a stored 0 is none."""
_MOST = {"int32": 2**31 - 1, "int64": 10**15}
_WHOLE = re.compile(r"[0-9]{1,10}")
_DECIMAL = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,3})?")


class Range(NamedTuple):
    """The stored numbers that fulfil a condition, both ends included."""

    low: int
    high: int


def fault_of_numbers(column: str, operator: str, values: Sequence[str]) -> str:
    """Return what is wrong with a condition on a column of numbers, as a sentence, or ''."""
    if operator not in NUMBER_OPERATORS:
        return f"The operator of a number is one of {', '.join(NUMBER_OPERATORS)}."
    if len(values) != (2 if operator == "between" else 1):
        return "It takes two values." if operator == "between" else "It takes one value."
    found = [_number(column, value) for value in values]
    if None in found:
        return _expected(column)
    if operator == "between" and (found[0] or 0) > (found[1] or 0):
        return "The smaller of the two values comes first."
    return ""


def range_of(column: str, operator: str, values: Sequence[str]) -> Range:
    """Return the range that a condition without a fault means."""
    lowest, highest = _bounds(column)
    found = [_number(column, value) or 0 for value in values]
    if column in _MEASURED:
        found = [max(one, 1) for one in found]
    return Range(
        lowest if operator == "at_most" else found[0],
        highest if operator == "at_least" else found[-1],
    )


def _number(column: str, text: str) -> int | None:
    """Return a written number as it is stored, or None where it is none, or out of bounds."""
    if column not in THOUSANDTHS:
        found = int(text) if _WHOLE.fullmatch(text) else None
    elif _DECIMAL.fullmatch(text):
        whole, _, decimals = text.partition(".")
        found = int(f"{whole}{decimals:0<3}")
    else:
        found = None
    lowest, highest = _bounds(column)
    return found if found is not None and lowest <= found <= highest else None


def _bounds(column: str) -> Range:
    highest = _MOST[EVENT_COLUMNS[column] if column in EVENT_NUMBERS else "int32"]
    return Range(-highest if column == "amount" else 0, highest)


def _expected(column: str) -> str:
    lowest, highest = _bounds(column)
    if column in THOUSANDTHS:
        bounds = f"from {lowest // 1000} to {highest // 1000}"
        return f"A value is a number {bounds} with at most three decimals, such as 0.25."
    return f"A value is a whole number from {lowest} to {highest}."

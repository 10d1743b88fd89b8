"""Questions as SQL: compiled once for each shape, with numbers and texts as parameters.

Ibis takes 3 to 18 ms for what an engine answers in 1. So a question is called with sentinels in the
place of every whole number and every `Text` of its values, and the SQL is kept for whatever numbers
and texts come later. Everything else (names, booleans, how many conditions there are) is its shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

Question = Callable[..., Any]
"""A function of hashable values that returns an Ibis table expression over the stored tables."""

_BASE, _STEP = 7_100_000_000_000_000_000, 1_000_000_000_000
_TEXT = "stands-for-text-7100"
_NUMBER = re.compile(r"(?<![\w.])7[0-9]{18}(?![\w.])")
_QUOTED = re.compile(f"'{_TEXT}-([0-9]+)-'")


class Text(str):
    """A text that is a value of a question, such as a visitor's id: it is no part of the SQL.

    A plain `str` is a name, such as that of a column, and shapes the SQL.
    """

    __slots__ = ()


def shape_of(number: int) -> int:
    """Return how many values a list of so many is filled up to: 1, 8, 64, 512 …"""
    filled = 1
    while filled < number:
        filled *= 8
    return filled


Parameters = dict[str, int | str]


def compiled(
    question: Question, values: tuple[Hashable, ...], dialect: str
) -> tuple[str, Parameters]:
    """Return the SQL of a question, which has a value as `$p0`, and these values by name.

    Raises `TypeError` where a question calculates with a number in Python, or joins a text with
    another: only Ibis may (`ibis.literal(number) - 1`), as the number will be another one later.
    """
    given: list[int | str] = []
    shape = _shape_of(values, given)
    sql, used = _sql(question, shape, dialect)
    return sql, {f"p{number}": given[number] for number in used}


def _shape_of(value: Any, given: list[int | str]) -> Any:
    """Return a value with sentinels in it; what they stand for is added to `given`."""
    if isinstance(value, Text):
        given.append(str(value))
        return Text(f"{_TEXT}-{len(given) - 1}-")
    if isinstance(value, int) and not isinstance(value, bool):
        given.append(int(value))
        return _BASE + (len(given) - 1) * _STEP
    if isinstance(value, tuple):
        found = [_shape_of(one, given) for one in value]
        return type(value)(*found) if hasattr(value, "_fields") else tuple(found)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _shape_of(getattr(value, one.name), given) for one in fields(value)}
        return type(value)(**parts)
    return value


@lru_cache(maxsize=1024)
def _sql(question: Question, shape: tuple[Any, ...], dialect: str) -> tuple[str, tuple[int, ...]]:
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    sql = str(ibis.to_sql(question(*shape), dialect=dialect, pretty=False))
    used: set[int] = set()

    def parameter(number: int) -> str:
        used.add(number)
        return f"$p{number}"

    def number(found: re.Match[str]) -> str:
        place, changed = divmod(int(found[0]) - _BASE, _STEP)
        if changed or place < 0:
            message = f"{question.__name__} calculates in Python with a number that is a parameter."
            raise TypeError(message)
        return parameter(place)

    sql = _NUMBER.sub(number, sql)
    sql = _QUOTED.sub(lambda found: parameter(int(found[1])), sql)
    if _TEXT in sql:
        raise TypeError(f"{question.__name__} changes a text that is a parameter.")
    return sql, tuple(sorted(used))

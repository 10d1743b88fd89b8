"""A cache of function results by a text from outside, which does not keep long texts."""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
More = TypeVarTuple("More")

LONGEST = 512
"""Results for longer texts are not kept, so that nobody can fill the memory with them."""


def remembered(most: int) -> Callable[[Callable[[str, *More], T]], Callable[[str, *More], T]]:
    """Decorate a function whose first argument is a text from outside: keep so many results."""

    def decorate(function: Callable[[str, *More], T]) -> Callable[[str, *More], T]:
        cached: Any = lru_cache(maxsize=most)(function)

        def call(text: str, /, *more: *More) -> T:
            if len(text) > LONGEST:
                return function(text, *more)
            return cached(text, *more)  # type: ignore[no-any-return]  # what `function` returns

        return update_wrapper(call, function)

    return decorate

"""What was found out about a text, kept for the next time it comes."""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, TypeVar, TypeVarTuple, cast

T = TypeVar("T")
More = TypeVarTuple("More")

LONGEST = 512
"""Longer texts are looked at anew each time, so that nobody fills the memory with them."""


def remembered(most: int) -> Callable[[Callable[[str, *More], T]], Callable[[str, *More], T]]:
    """Keep up to so many answers of a function whose first argument is a text from outside."""

    def keeping(answer: Callable[[str, *More], T]) -> Callable[[str, *More], T]:
        known = cast(Any, lru_cache(maxsize=most)(answer))

        def asked(text: str, /, *more: *More) -> T:
            if len(text) > LONGEST:
                return answer(text, *more)
            return cast(T, known(text, *more))

        return update_wrapper(asked, answer)

    return keeping

"""Which event ids are known: 64 bits of each in memory, so that a resend is told from news."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    _Bits: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]


class KnownIds:
    """A set of texts that tells "surely not" or "perhaps"; eight bytes a text.

    The bits lie in sorted arrays, each at least twice as long as the next, so that adding costs a
    merge now and then and asking costs a binary search in a few arrays.
    """

    def __init__(self) -> None:
        import numpy  # noqa: PLC0415 - 0.1 s, which the first answer need not wait for

        self._np = numpy
        self._arrays: list[_Bits] = []

    def add(self, ids: Iterable[str]) -> None:
        """Know these ids from now on."""
        np = self._np
        fresh = np.sort(self._bits(ids))
        while self._arrays and len(self._arrays[-1]) < 2 * len(fresh):
            fresh = np.sort(np.concatenate([self._arrays.pop(), fresh]), kind="stable")
        if len(fresh):
            self._arrays.append(fresh)

    def among(self, ids: Sequence[str]) -> list[str]:
        """Return those of the ids that are perhaps known, in their order; never less than are."""
        np = self._np
        asked = self._bits(ids)
        found = np.zeros(len(asked), dtype=bool)
        for array in self._arrays:
            places = np.minimum(np.searchsorted(array, asked), len(array) - 1)
            found |= array[places] == asked
        return [one for one, perhaps in zip(ids, found.tolist(), strict=True) if perhaps]

    def _bits(self, ids: Iterable[str]) -> _Bits:
        """Return Python's own hash of each text, whose key is made anew for each process."""
        return self._np.fromiter((hash(one) for one in ids), dtype=self._np.int64)

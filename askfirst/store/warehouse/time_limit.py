"""The time that the questions of one page may take, all together."""

import time

from askfirst.errors import TookTooLong

_RETRY_AFTER = 10


class TimeLimit:
    """Ends some seconds after it is made."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, 0 or more."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raise `TookTooLong` where none are left."""
        if not self.left():
            raise self.error()

    def error(self) -> TookTooLong:
        """Return the error of what has not ended in time."""
        sentence = (
            f"The warehouse has not answered within {self._seconds:g} seconds: try again, or choose"
            " fewer days."
        )
        return TookTooLong(sentence, retry_after=_RETRY_AFTER)

"""The mark of a warehouse into which a copy was begun and has not ended."""

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.engine import Engine

COPYING = "a copy that has not ended"
"""The journal under which such a warehouse is marked in the table `shipped`."""
BEGUN = 1


def is_unfinished(engine: Engine) -> bool:
    """Return whether a copy into this engine was begun and has not ended."""
    return engine.watermark(COPYING) == BEGUN


def refuse_unfinished(mark: int) -> None:
    """Raise `Misconfigured` where a copy has not ended, by the watermark of `COPYING`."""
    if mark == BEGUN:
        raise Misconfigured(
            "A move into this warehouse has not ended, so it lacks events: begin it again, by"
            " askfirst move."
        )

"""Whether there is room for events: free disk space, and what the site may send in a day."""

from collections.abc import Callable, Sequence

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import TooFast
from askfirst.events import JournalEntry
from askfirst.rate_limits import DailyCeiling
from collector.journal.journal import Journal, OnStored


class Admission:
    """Passes the events of every process to the journal, or refuses them for lack of room.

    `refuse_if_short` raises `Unavailable` where the disk has too little free.
    """

    def __init__(
        self, journal: Journal, refuse_if_short: Callable[[], None], ceiling: DailyCeiling
    ) -> None:
        self._journal = journal
        self._refuse_if_short = refuse_if_short
        self._ceiling = ceiling

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` where `put` would raise it for any event."""
        self._refuse_if_short()
        self._journal.refuse_if_full()

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, on_stored: OnStored) -> None:
        """Store entries of one site.

        Call `refuse_if_full` first, in the same turn of the loop. Raises `Unavailable` and
        `TooFast`, and stores nothing then.
        """
        if wait := self._ceiling.wait_for(entries[0].site_id, len(entries), arrived_at):
            raise _too_fast(wait)
        self._journal.put(entries, arrived_at, on_stored)

    def store(
        self, site_id: int, ids: list[str], arrived_at: int, body: bytes, on_stored: OnStored
    ) -> None:
        """Do as both for entries that are already encoded, with their ids."""
        self._refuse_if_short()
        if wait := self._ceiling.wait_for(site_id, len(ids), arrived_at):
            raise _too_fast(wait)
        self._journal.store(ids, arrived_at, body, on_stored)


def _too_fast(wait: int) -> TooFast:
    return TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)

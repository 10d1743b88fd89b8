"""Whether there is room for events: free disk space, and what the site may send in a day."""

from collections.abc import Callable, Sequence

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import TooFast, Unavailable
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
        self.admit(entries[0].site_id, len(entries), arrived_at)
        self._journal.put(entries, arrived_at, on_stored)

    def flush(self) -> None:
        """Do nothing: the journal itself waits until no more come."""

    def room(self) -> int:
        """Return how many more requests `store` takes, none where the disk has too little free."""
        try:
            self._refuse_if_short()
        except Unavailable:
            return 0
        return self._journal.room()

    def admit(self, site_id: int, number: int, arrived_at: int) -> None:
        """Count so many events of one site; raises `TooFast` where it has sent too many.

        Only for what there is `room`, in the same turn of the loop: what is refused for lack of it
        comes again, and must not count twice.
        """
        if wait := self._ceiling.wait_for(site_id, number, arrived_at):
            raise TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)

    def store(
        self, ids: list[str], arrived_at: int, body: bytes, on_stored: OnStored, requests: int
    ) -> None:
        """Store entries of so many requests that were admitted; they are encoded already."""
        self._journal.store(ids, arrived_at, body, on_stored, requests)

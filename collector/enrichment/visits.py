"""Which visit an event belongs to: a visit ends after some minutes without an event (a setting)."""

from collections.abc import Iterable

from askfirst.events import JournalEntry

_Visitor = tuple[int, str]


class Visits:
    """The visits that have not ended, by site and visitor: their id and their last event's time.

    `learn` those that the warehouse has, then `assign` visits to new entries in their order. A
    visit's id is the id of its first event, so shipping a journal again yields the same visits.
    """

    def __init__(self, silence_ms: int) -> None:
        self._silence = silence_ms
        self._alive: dict[_Visitor, tuple[str, int]] = {}

    def learn(self, site_id: int, visitor_id: str, visit_id: str, last: int) -> None:
        """Add a visit that the warehouse has; `last` is milliseconds since the epoch."""
        self._alive[site_id, visitor_id] = (visit_id, last)

    def assign(self, entries: Iterable[JournalEntry]) -> list[str]:
        """Return the visit id of each entry, in order."""
        return [self._visit_of(entry) for entry in entries]

    def _visit_of(self, entry: JournalEntry) -> str:
        visitor = (entry.site_id, entry.visitor_id)
        visit_id, last = self._alive.get(visitor, ("", entry.happened_at))
        if entry.happened_at <= last - self._silence:
            return entry.event_id  # it came late, and the visit that it belonged to has ended
        if not visit_id or entry.happened_at - last >= self._silence:
            visit_id = entry.event_id
        self._alive[visitor] = (visit_id, max(last, entry.happened_at))
        return visit_id

    def forget(self, now: int) -> None:
        """Remove the visits that have ended."""
        self._alive = {
            visitor: visit
            for visitor, visit in self._alive.items()
            if now - visit[1] < self._silence
        }

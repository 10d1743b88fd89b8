"""Which visit an event belongs to: a visit ends by silence (a setting) or after 24 hours."""

from collections.abc import Mapping, Sequence

import msgspec

from askfirst.clock import DAY_MS
from askfirst.events import JournalEntry
from askfirst.recording_rules import SPAM
from askfirst.rules.corrections import Correction

LONGEST_MS = DAY_MS
"""The time after its first event at which a visit ends, also where no silence has ended it."""

_Visitor = tuple[int, str]
Detached = Mapping[_Visitor, Sequence[Correction]]
"""Visits that are their visitor's no more, by the visitor."""


class Visits:
    """The visits that have not ended, by site and visitor: id, time of the first and last event.

    `learn` those that the warehouse has, then `assign` visits to new entries in their order. A
    visit's id is the id of its first event, so shipping a journal again yields the same visits.
    """

    def __init__(self, silence_ms: int) -> None:
        self._silence = silence_ms
        self._alive: dict[_Visitor, tuple[str, int, int]] = {}
        self._spam: dict[_Visitor, int] = {}
        self._detached: Detached = {}

    def ruled(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Return the entries with the rules that hold for a whole visit.

        A visit that referrer spam began is spam to its end, though its later pages have referrers
        of their own. What is remembered for that ends with the process.
        """
        if not self._spam and not any(entry.rule for entry in entries):
            return list(entries)
        return [self._ruled(entry) for entry in entries]

    def _ruled(self, entry: JournalEntry) -> JournalEntry:
        visitor, now = (entry.site_id, entry.visitor_id), entry.happened_at
        if not entry.rule and 0 <= now - self._spam.get(visitor, now + 1) < self._silence:
            entry = msgspec.structs.replace(entry, rule=SPAM)
        if entry.rule == SPAM:
            self._spam[visitor] = max(now, self._spam.get(visitor, now))
        return entry

    def learn(self, site_id: int, visitor_id: str, visit_id: str, first: int, last: int) -> None:
        """Add a visit that the warehouse has; the times are milliseconds since the epoch.

        A recording rule that is switched on moves a part of it to the other side of the site.
        """
        sides = [(site_id, visitor_id)]
        other = self._alive.get((-site_id, visitor_id))
        if other and other[0] == visit_id:
            sides.append((-site_id, visitor_id))
            first, last = min(first, other[1]), max(last, other[2])
        for side in sides:
            self._alive[side] = (visit_id, first, last)

    def know_detached(self, detached: Detached) -> None:
        """Know the visits that their visitors have detached.

        What happened before that and comes late belongs to them, and nothing that happens later.
        """
        self._detached = detached

    def _detached_visit(self, entry: JournalEntry) -> str:
        now = entry.happened_at
        for one in self._detached.get((entry.site_id, entry.visitor_id), ()):
            if one.first - self._silence < now < one.last + self._silence and now <= one.until:
                return one.visit_id
        return ""

    def assign(
        self, entries: Sequence[JournalEntry], sides: Sequence[int] | None = None
    ) -> list[str]:
        """Return the visit id of each entry, in order.

        `sides` are the numbers under which the warehouse keeps them (`Site.side`), or else those of
        their sites: what the reports leave out makes visits of its own.
        """
        sides = [entry.site_id for entry in entries] if sides is None else sides
        return [self._visit_of(*one) for one in zip(entries, sides, strict=True)]

    def _visit_of(self, entry: JournalEntry, side: int) -> str:
        visitor, now = (side, entry.visitor_id), entry.happened_at
        if self._detached and (detached := self._detached_visit(entry)):
            return detached
        visit_id, first, last = self._alive.get(visitor, (entry.event_id, now, now))
        if now <= last - self._silence:
            return entry.event_id  # it came late, and the visit that it belonged to has ended
        if now - last >= self._silence or now - first >= LONGEST_MS:
            visit_id, first = entry.event_id, now
        self._alive[visitor] = (visit_id, min(first, now), max(last, now))
        return visit_id

    def forget(self, now: int) -> None:
        """Remove the visits that have ended."""
        self._alive = {
            visitor: visit
            for visitor, visit in self._alive.items()
            if now - visit[2] < self._silence
        }
        self._spam = {one: last for one, last in self._spam.items() if now - last < self._silence}

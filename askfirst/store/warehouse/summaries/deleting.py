"""Deleting events exactly: from summaries, visits, and everything that only they referred to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from askfirst.local_days import offsets
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.closed_days import Closed, closed_days, removing_summaries
from askfirst.store.warehouse.summaries.contributions import Rows, contributions
from askfirst.store.warehouse.summaries.folding import span_of
from askfirst.store.warehouse.summaries.history import AT_ONCE, read_history
from askfirst.store.warehouse.summaries.orphans import (
    Lost,
    lost_of_site,
    lost_with,
    without_orphans,
    without_rows,
)
from askfirst.store.warehouse.summaries.remaining_visits import changed_visits
from askfirst.store.warehouse.summaries.removal import Removal, going, of_whole_site
from askfirst.store.warehouse.summaries.source import inserting
from askfirst.store.warehouse.summaries.sums import added_up, negated
from askfirst.store.warehouse.tables import TABLES

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

SUBTRACTED_AT_MOST = 3 * AT_ONCE
"""Events of the visitors that a deletion touches: where there are more, no day stays closed, and
`fold` makes the summaries anew step by step. Reports read everything raw until then."""
_EVER = -(2**31)
_UTC = ((None, 0),)


@dataclass
class Deletion:
    """What a deletion takes: its operations, for one commit, and how many events go."""

    operations: list[Operation] = field(default_factory=list)
    events: int = 0


def delete(
    source: Source, removal: Removal, *, is_move: bool = False, is_reopened: bool = False
) -> Deletion:
    """Return the deletion of some events of a site.

    What their visitors contributed to summaries is taken away, and what remains of it is added.
    Visits that lose events are computed anew or go; so do visitors, consents, profiles, texts and
    ids that nothing refers to any more. In a move the same commit adds the events elsewhere, so
    their texts and ids stay. Where the same commit opens again all days of these visitors
    (`is_reopened`), nothing is taken away from summaries.
    """
    touched, events = removal.visitors.events(source)
    if not events:
        return Deletion()
    done, lost = Deletion(events=events), Lost()
    known = None if is_reopened else closed_days(source).get(removal.site)
    closed = known if touched <= SUBTRACTED_AT_MOST else None
    zone_offsets = _offsets(source, removal.site, closed) if closed else _UTC
    found: list[tuple[Rows, Rows]] = []
    for some in removal.visitors.sliced(touched):
        read_history(source, some, zone_offsets, gone=True)
        if closed:
            found.append(_before_and_after(source, removal.site, closed.until))
        done.operations += changed_visits(source)
        lost.add(lost_with(source, some))
    done.operations += removal.deletes
    if known:
        done.operations += _corrections(found) if closed else removing_summaries(removal.site)
    done.operations += without_rows(lost) if is_move else without_orphans(source, removal, lost)
    return done


def delete_site(source: Source, site: int) -> Deletion:
    """Return the deletion of everything of a site."""
    removal = of_whole_site(site)
    operations: list[Operation] = [
        Delete(name, equal={"site": site})
        for name, table in TABLES.items()
        if "site" in table.columns
    ]
    operations += without_orphans(source, removal, lost_of_site(source, removal))
    return Deletion(operations, int(source.one(_going, removal.goes, site=site)["events"]))


def _going(goes: Any) -> Any:
    events = going(goes)
    return events.agg(events=events.count())


def _offsets(source: Source, site: int, closed: Closed) -> Any:
    span = span_of(source, site)
    return offsets(span.first, span.last, closed.zone) if span else _UTC


def _before_and_after(source: Source, site: int, until: int) -> tuple[Rows, Rows]:
    before = contributions(source, site, (_EVER, until))
    return before, contributions(source, site, (_EVER, until), remaining=True)


def _corrections(found: list[tuple[Rows, Rows]]) -> list[Operation]:
    """Return the insertion of what remains, less what was: the difference alone."""
    operations: list[Operation] = []
    for name in ("counts", "gaps"):
        rows = [negated(name, getattr(before, name)) for before, _ in found]
        rows += [getattr(after, name) for _, after in found]
        operations += inserting(name, added_up(name, rows))
    return operations

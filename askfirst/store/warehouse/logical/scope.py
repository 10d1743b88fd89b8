"""Which events a question is about, and which of them the summaries of closed days answer for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from askfirst.local_days import day_start, local_day

if TYPE_CHECKING:
    from askfirst.store.warehouse.logical.fulfilled import Test


class Summarised(NamedTuple):
    """How far summaries of a site go: the local days before `until`, on the clocks of `zone`."""

    zone: str
    until: int


NOT_SUMMARISED = Summarised("", 0)


@dataclass(frozen=True)
class Scope:
    """One site's events from `start` (included) to `end` (not), in milliseconds since the epoch.

    Summaries answer for the local days from `first_day` to before `closed_day`, which begin at
    `start` and end at `open_from`; from there on events are read.

    Numbers are parameters, so what shapes a question stands beside them: whether there are such
    days (`closed`), whether there are events to read (`open`), and whether some of their visits
    may still be open (`running`). `matched` restricts all to the visits in the relation of that
    name (see `askfirst.store.warehouse.filters`). With `kept` the page has kept the relation
    `opened`, with `prepared` what that is made from (see
    `askfirst.store.warehouse.logical.opened`).
    """

    site_id: int
    start: int
    end: int
    first_day: int = 0
    closed_day: int = 0
    open_from: int = 0
    closed: bool = False
    open: bool = True
    running: bool = True
    matched: bool = False
    kept: bool = False
    prepared: bool = False
    counted: str = ""
    """The relation that the page has kept of what a list counts (see `reports.questions`)."""
    only: tuple[Test, ...] = ()
    """What each event has to fulfil by itself to count, beside belonging to a matched visit."""


def scope_between(
    site_id: int, start: int, end: int, zone: str = "", summarised: Summarised = NOT_SUMMARISED
) -> Scope:
    """Return the scope of a site from `start` to `end`, for local days on the clocks of `zone`.

    Summaries are used where they were made in this zone and `start` begins a local day.
    """
    end = max(start, end)
    whole = Scope(site_id, start, end, open_from=start, open=start < end)
    if not zone or summarised.zone != zone:
        return whole
    first = local_day(start, zone)
    running = end > day_start(summarised.until, zone)
    until = min(summarised.until, local_day(end, zone))
    if day_start(first, zone) != start or until <= first:
        return replace(whole, running=running)
    open_from = day_start(until, zone)
    return replace(
        whole,
        first_day=first,
        closed_day=until,
        open_from=open_from,
        closed=True,
        open=open_from < end,
        running=running,
    )


def raw(scope: Scope) -> Scope:
    """Return a scope of which all events are read, for what summaries do not answer."""
    return replace(
        scope, open_from=scope.start, closed=False, open=True, kept=False, prepared=False
    )


def matched(scope: Scope) -> Scope:
    """Return the scope of the visits in the relation `matched`; summaries cannot answer for it."""
    return replace(raw(scope), matched=True)

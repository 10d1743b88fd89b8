"""Judging the events of a request whose consent holds, and the entries that are made of them."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from askfirst.consents import REASON_SENTENCES, Claims, Reason
from askfirst.errors import AskfirstError, Refused, TooFast
from askfirst.events import JournalEntry
from askfirst.sites import Site
from collector.enrichment.places.records import Place
from collector.intake.bot_rules import hints_in, is_declared_bot
from collector.intake.column_filter import column_filter_of
from collector.intake.entries import entry_of, shared_facts
from collector.intake.gate import Arrival, Ruling, judge_events
from collector.intake.payload import WirePayload

PlaceOf = Callable[[str], Place]
"""Returns the place of an address; its country is e.g. `GB`, `local`, or ''."""


class RefusalCounter(Protocol):
    """Counts refusals by site and reason."""

    def add(self, site_id: int, reason: str, count: int = 1) -> None:
        """Count a refusal."""

    def add_events(self, site_id: int, reason: str, event_ids: Sequence[str]) -> None:
        """Count events, each once however often it is sent."""


class Judged(msgspec.Struct, frozen=True):
    """What became of a request's events: `ruling.refused`, or the entries to store."""

    ruling: Ruling
    entries: list[JournalEntry]


def judged(
    payload: WirePayload,
    arrival: Arrival,
    site: Site,
    claims: Claims,
    place_of: PlaceOf,
    wait: int = 0,
) -> Judged:
    """Judge the events of a request that `judge_request` allows; `wait` is as for `judge_events`.

    The entries hold no more than the consent covers.
    """
    columns, hints = column_filter_of(claims, site), hints_in(arrival, payload)
    ruling = judge_events(
        payload.events,
        site,
        claims,
        arrival.now,
        declared_bot=is_declared_bot(arrival.user_agent, hints),
        kinds=columns.kinds,
        wait=wait,
    )
    if ruling.refused:
        return Judged(ruling, [])
    shared = shared_facts(payload, arrival, hints, site, place_of(arrival.ip))
    return Judged(
        ruling,
        [
            columns.minimized(entry_of(event, site, claims, arrival, shared, columns), site)
            for event in ruling.taken
        ],
    )


def tally_uncovered(tallies: RefusalCounter, site: Site, found: Judged) -> None:
    """Count the events of kinds that the consent does not cover, each once (law 8)."""
    if found.ruling.left_out:
        ids = [event.id for event in found.ruling.left_out]
        tallies.add_events(site.id, Reason.OTHER_PURPOSE, ids)


def refusal(reason: Reason, wait: int = 0) -> AskfirstError:
    """Return the error that a refusal is answered with; `wait` goes with `TOO_FAST`."""
    if reason is Reason.TOO_FAST:
        return TooFast(REASON_SENTENCES[reason], retry_after=wait)
    return Refused(reason, REASON_SENTENCES[reason])

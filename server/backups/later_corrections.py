"""Corrections that were made after a backup: their lines, and making them again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, get_args

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.errors import NotFound
from askfirst.rules.corrections import Kind
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import corrections
from consent.rights.corrected_events import Asked, which_event, which_visit
from consent.rights.corrections import EVENTS, Act
from server.backups.decision_words import NUMBER, TIME
from server.services import Services

KINDS = get_args(Kind)
_VALUE = re.compile(r"[A-Za-z]{2,12}")
_NOTHING = "-"


class Corrected(NamedTuple):
    """A correction: a hash of the visitor, its time (ms) and number, what, and of what.

    `which` is a hash of the visit or of the event on a page, '' for every visit.
    """

    visitor: str
    at: int
    number: str
    kind: str
    to: str
    which: str

    def line(self) -> str:
        """Return it as a line of a list of decisions, which names nobody."""
        words = (*self[:4], self.to or _NOTHING, self.which or _NOTHING)
        return " ".join(map(str, ("corrected", *words)))


def correction_of(words: list[str]) -> Corrected | None:
    """Return the correction of a line, without its first word, or None where it is none."""
    if len(words) != len(Corrected._fields):
        return None
    visitor, at, number, kind, to, which = words
    numbers = (visitor, number, *(() if which == _NOTHING else (which,)))
    is_one = all(map(NUMBER.fullmatch, numbers)) and TIME.fullmatch(at) and kind in KINDS
    if not is_one or not (to == _NOTHING or _VALUE.fullmatch(to)):
        return None
    said = ("" if one == _NOTHING else one for one in (to, which))
    return Corrected(visitor, int(at), number, kind, *said)


async def corrected_in(connection: AsyncConnection) -> frozenset[Corrected]:
    """Return the corrections of a ledger; an older one has none."""
    if not await connection.run_sync(lambda one: inspect(one).has_table("corrections")):
        return frozenset()
    rows = await connection.execute(select(corrections))
    return frozenset(_corrected(row) for row in rows)


async def detached_and_erased(
    connection: AsyncConnection, erased: Collection[str]
) -> frozenset[str]:
    """Return the numbers of visits that were detached and erased then, as erasures of visits.

    A restore detaches them under a new id, to which the number of that erasure does not lead. They
    are known as long as the ledger knows the id that a visit was detached to.
    """
    if not await connection.run_sync(lambda one: inspect(one).has_table("corrections")):
        return frozenset()
    columns = (corrections.c.site_id, corrections.c.detached_id, corrections.c.which)
    rows = await connection.execute(select(*columns).where(columns[1].is_not(None)))
    return frozenset(row.which for row in rows if receipt_id_of(*row[:2]) in erased)


def _corrected(row: Any) -> Corrected:
    visitor = receipt_id_of(row.site_id, row.visitor_id)
    return Corrected(visitor, row.corrected_at, row.number, row.kind, row.to_value, row.which)


async def correct_again(
    services: Services,
    visitors: Iterable[tuple[int, str]],
    decided: Collection[Corrected],
    before_detaching: Callable[[int], Awaitable[None]],
) -> int:
    """Make the corrections that this ledger does not know, in their order; return how many.

    What waits is shipped first. A hash leads to the visit or page in a warehouse that has it.
    `before_detaching` is called with the time (ms) of each visit's detaching, which comes next.
    """
    async with services.ledger.read() as connection:
        known = {(one.visitor, one.number) for one in await corrected_in(connection)}
    missing = [one for one in decided if (one.visitor, one.number) not in known]
    if not missing:
        return 0
    whose = {receipt_id_of(*visitor): visitor for visitor in visitors}
    acts: dict[str, list[Corrected]] = {}
    for one in sorted(missing, key=lambda each: (each.at, each.number)):
        if services.book.by_id(whose.get(one.visitor, (0, ""))[0]) is not None:
            acts.setdefault(one.number, []).append(one)
    await services.shipper.ship_all()
    made = 0
    for every in acts.values():
        if every[0].kind == "visit":
            await before_detaching(every[0].at)
        made += await _made(services, whose, every)
    return made


async def _made(
    services: Services, whose: Mapping[str, tuple[int, str]], every: Sequence[Corrected]
) -> int:
    """Repeat one act, under all ids that it was about."""
    site_id, ids = whose[every[0].visitor][0], [whose[one.visitor][1] for one in every]
    named = [await _named(services, *whose[one.visitor], one.which) for one in every]
    visit = next((visit for visit, _ in named if visit), "")
    event = next((event for _, event in named if event), "")
    if every[0].which and not (visit or event):
        return 0  # the backup has nothing that it is about
    kind: Any = every[0].kind
    act = Act(every[0].number, every[0].at, is_again=True)
    with suppress(NotFound):
        asked = Asked(kind, every[0].to, visit, event)
        await services.corrections.correct_ids(site_id, ids, asked, act)
        return 1
    return 0


async def _named(services: Services, site_id: int, visitor_id: str, which: str) -> tuple[str, str]:
    """Return the visit and the event that a hash stands for, '' where it is none."""
    rows = (await services.personal_data.events_of(site_id, visitor_id))[EVENTS]
    visits = {which_visit(site_id, visitor_id, row["visit_id"]): row["visit_id"] for row in rows}
    events = {which_event(site_id, visitor_id, row["event_id"]): row["event_id"] for row in rows}
    return visits.get(which, ""), events.get(which, "")

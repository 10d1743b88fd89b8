"""The requests of a site's visitors in the ledger, and the log of what was done about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import request_acts, visitor_requests
from reports.visitor_requests.due_day import EXTENDED_MONTHS, MONTHS, due_day
from reports.visitor_requests.request_words import (
    DEEDS,
    EXTENDED,
    EXTENDING,
    IDENTITY,
    NOTED,
    OPEN,
    REOPENING,
    WAITING,
    WHOSE,
)

LONGEST_IDENTITY = 300
LONGEST_WORDS = 500
_TABLE = visitor_requests.c


@dataclass(frozen=True)
class RequestDraft:
    """A request as it is noted: what it asks for, how and on which local day it came, of whom."""

    kind: str
    way: str
    came_on: date
    visitor_id: str | None = None
    identity: str = ""


@dataclass(frozen=True)
class VisitorRequest(RequestDraft):
    """A request in the ledger, with its number, its state and the last day for the answer."""

    id: int = 0
    due_on: date = date.min
    state: str = OPEN
    was_erased: bool = False

    @property
    def waits(self) -> bool:
        """Return whether it waits for an answer."""
        return self.state in WAITING

    def is_overdue(self, today: date) -> bool:
        """Return whether the last day for the answer has passed without one."""
        return self.waits and today > self.due_on


@dataclass(frozen=True)
class RequestAct:
    """What was done about a request: when (ms), by which account, and in which words."""

    happened_at: int
    who: str
    act: str
    words: str


class RequestBook:
    """Reads and writes the requests of sites; whatever is done is also in the log."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def some(self, site_id: int, offset: int, most: int) -> tuple[VisitorRequest, ...]:
        """Return `most` requests from `offset` on: waiting ones by due day, then the newest."""
        waits = _TABLE.state.in_(WAITING)
        order = (case((waits, 0), else_=1), case((waits, _TABLE.due_on), else_=""))
        mine = select(visitor_requests).where(_TABLE.site_id == site_id)
        asked = mine.order_by(*order, _TABLE.id.desc()).offset(offset).limit(most)
        async with self._ledger.read() as connection:
            found = await connection.execute(asked)
            return tuple(_request(row) for row in found.mappings())

    async def get(
        self, connection: AsyncConnection, site_id: int, number: int
    ) -> VisitorRequest | None:
        """Return the request of a number, None where the site has none."""
        asked = select(visitor_requests).where(_mine(site_id, number))
        row = (await connection.execute(asked)).mappings().first()
        return _request(row) if row else None

    async def with_acts(
        self, site_id: int, number: int
    ) -> tuple[VisitorRequest, tuple[RequestAct, ...]] | None:
        """Return a request and what was done about it, oldest first; None where there is none."""
        table = request_acts.c
        asked = select(table.happened_at, table.who, table.act, table.words).order_by(table.id)
        async with self._ledger.read() as connection:
            if (found := await self.get(connection, site_id, number)) is None:
                return None
            rows = await connection.execute(asked.where(table.request_id == number))
            return found, tuple(RequestAct(**row) for row in rows.mappings())

    async def note(
        self, connection: AsyncConnection, site_id: int, draft: RequestDraft, who: str
    ) -> int:
        """Add a request in the caller's transaction and return its number."""
        days = {"came_on": draft.came_on.isoformat(), "due_on": due_day(draft.came_on).isoformat()}
        row = {"kind": draft.kind, "way": draft.way, "visitor_id": draft.visitor_id, **days}
        new = {"site_id": site_id, "state": OPEN, "identity": draft.identity, **row}
        added = await connection.execute(insert(visitor_requests).values(new))
        number = int(added.inserted_primary_key[0])  # type: ignore[index]
        await self._log(connection, (site_id, number), who, NOTED)
        if draft.identity:
            await self._log(connection, (site_id, number), who, IDENTITY, draft.identity)
        return number

    async def belongs_to(
        self, connection: AsyncConnection, site_id: int, number: int, visitor_id: str, who: str
    ) -> bool:
        """Say whom a request is of, once; return False where that is said or the visitor gone."""
        nobodys = _mine(site_id, number) & _TABLE.visitor_id.is_(None) & (_TABLE.was_erased == 0)
        said = update(visitor_requests).where(nobodys).values(visitor_id=visitor_id)
        if not (await connection.execute(said)).rowcount:
            return False
        await self._log(connection, (site_id, number), who, WHOSE)
        return True

    async def do(
        self, connection: AsyncConnection, site_id: int, number: int, act: str, by: tuple[str, str]
    ) -> bool:
        """Do one of `DEEDS` in the caller's transaction; `by` is who, and in which words.

        Return False where the request's state does not allow it any more.
        """
        who, words = by
        request = await self.get(connection, site_id, number)
        if request is None or request.state not in DEEDS[act].states:
            return False
        if changed := _changed(request, act, words):
            mine = update(visitor_requests).where(_mine(site_id, number))
            await connection.execute(mine.values(changed))
        await self._log(connection, (site_id, number), who, act, words)
        return True

    async def _log(
        self,
        connection: AsyncConnection,
        which: tuple[int, int],
        who: str,
        act: str,
        words: str = "",
    ) -> None:
        site_id, number = which
        row = {"site_id": site_id, "request_id": number, "happened_at": self._clock()}
        done = {"who": who, "act": act, "words": words}
        await connection.execute(insert(request_acts).values(row | done))


def _mine(site_id: int, number: int) -> ColumnElement[bool]:
    return (_TABLE.site_id == site_id) & (_TABLE.id == number)


def _changed(request: VisitorRequest, act: str, words: str) -> dict[str, Any]:
    """Return the columns of a request that a deed changes."""
    if act == IDENTITY:
        return {"identity": words[:LONGEST_IDENTITY]}
    if act == EXTENDING:
        return {
            "state": EXTENDED,
            "due_on": due_day(request.came_on, EXTENDED_MONTHS).isoformat(),
        }
    was_extended = request.due_on != due_day(request.came_on, MONTHS)
    state = EXTENDED if act == REOPENING and was_extended else DEEDS[act].state
    return {"state": state}


def _request(row: Mapping[Any, Any]) -> VisitorRequest:
    names = ("id", "kind", "way", "visitor_id", "state", "identity")
    return VisitorRequest(
        **{name: row[name] for name in names},
        came_on=date.fromisoformat(row["came_on"]),
        due_on=date.fromisoformat(row["due_on"]),
        was_erased=bool(row["was_erased"]),
    )

"""Goals and funnels of sites: what the owner wants visitors to do, and in which steps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import funnels, goals

MOST_GOALS = 50
"""Goals of one site."""
MOST_FUNNELS = 50
"""Funnels of one site."""

ValueFrom = Literal["", "fixed", "event"]


@dataclass(frozen=True)
class Deed:
    """What a visitor does: `what` names a kind (a page, a click, a form ...), `pattern` which.

    A `*` in the pattern stands for any characters.
    """

    what: str
    pattern: str


@dataclass(frozen=True)
class Goal:
    """A goal of a site. `amount` is in thousandths of `currency`, where its value is fixed."""

    id: int
    name: str
    deed: Deed
    value_from: ValueFrom = ""
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True)
class Step:
    """A step of a funnel: a goal by its number, or else a deed of its own."""

    goal: int = 0
    deed: Deed = Deed("", "")


@dataclass(frozen=True)
class Funnel:
    """A funnel of a site; `within_ms` is the time from its first step, 0 for within one visit."""

    id: int
    name: str
    steps: tuple[Step, ...]
    within_ms: int = 0


@dataclass(frozen=True)
class Plans:
    """The goals and funnels of a site as they are at one moment, in the order of their names."""

    goals: tuple[Goal, ...]
    funnels: tuple[Funnel, ...]

    def goal(self, number: int) -> Goal | None:
        """Return the goal of a number, or None."""
        return next((one for one in self.goals if one.id == number), None)

    def funnel(self, number: int) -> Funnel | None:
        """Return the funnel of a number, or None."""
        return next((one for one in self.funnels if one.id == number), None)

    def deed(self, step: Step) -> Deed:
        """Return what a step asks for."""
        goal = self.goal(step.goal) if step.goal else None
        return goal.deed if goal else step.deed


class GoalBook:
    """Reads, adds, changes and deletes goals and funnels; an `id` of 0 is a new one."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def of(self, site_id: int) -> Plans:
        """Return the goals and funnels of a site, read at one moment."""
        async with self._ledger.read() as connection:
            return await _plans(connection, site_id)

    async def goals_of(self, site_id: int) -> tuple[Goal, ...]:
        """Return the goals of a site alone, by name."""
        mine = select(goals).where(goals.c.site_id == site_id).order_by(goals.c.name, goals.c.id)
        async with self._ledger.read() as connection:
            return tuple(map(_goal, await connection.execute(mine)))

    async def save_goal(self, connection: AsyncConnection, site_id: int, goal: Goal) -> int | None:
        """Add or change a goal within a transaction, and return its number.

        None where it is not there any more, or where there are too many.
        """
        row = {k: v for k, v in asdict(goal).items() if k not in ("id", "deed")}
        row |= asdict(goal.deed)
        return await self._save(connection, (goals, MOST_GOALS), site_id, goal.id, row)

    async def save_funnel(
        self, connection: AsyncConnection, site_id: int, funnel: Funnel
    ) -> int | None:
        """Add or change a funnel within a transaction, and return its number, or None likewise."""
        row = {"name": funnel.name, "within_ms": funnel.within_ms}
        row["steps"] = [_written(step) for step in funnel.steps]
        return await self._save(connection, (funnels, MOST_FUNNELS), site_id, funnel.id, row)

    async def _save(
        self,
        connection: AsyncConnection,
        kept: tuple[Any, int],
        site_id: int,
        number: int,
        row: Mapping[str, Any],
    ) -> int | None:
        table, most = kept
        if number:
            mine = (table.c.site_id == site_id) & (table.c.id == number)
            changed = await connection.execute(update(table).where(mine).values(row))
            return number if changed.rowcount else None
        there = select(func.count()).where(table.c.site_id == site_id)
        if (await connection.execute(there)).scalar_one() >= most:
            return None
        added = insert(table).values({**row, "site_id": site_id, "created_at": self._clock()})
        key = (await connection.execute(added)).inserted_primary_key
        return int(key[0]) if key else None

    async def delete_goal(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Delete a goal within a transaction; return whether there was one.

        Steps of funnels that were this goal ask for the same from then on, by themselves.
        """
        plans = await _plans(connection, site_id)
        if (goal := plans.goal(number)) is None:
            return False
        for funnel in plans.funnels:
            if any(step.goal == number for step in funnel.steps):
                alone = (Step(deed=goal.deed) if s.goal == number else s for s in funnel.steps)
                steps = [_written(step) for step in alone]
                mine = update(funnels).where(funnels.c.id == funnel.id)
                await connection.execute(mine.values(steps=steps))
        await connection.execute(delete(goals).where(goals.c.id == number))
        return True

    async def delete_funnel(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Delete a funnel within a transaction; return whether there was one."""
        if (await _plans(connection, site_id)).funnel(number) is None:
            return False
        mine = funnels.c.id == number
        return bool((await connection.execute(delete(funnels).where(mine))).rowcount)


async def _plans(connection: AsyncConnection, site_id: int) -> Plans:
    found = []
    for table in (goals, funnels):
        mine = select(table).where(table.c.site_id == site_id)
        found.append(await connection.execute(mine.order_by(table.c.name, table.c.id)))
    return Plans(tuple(map(_goal, found[0])), tuple(map(_funnel, found[1])))


def _goal(row: Any) -> Goal:
    deed = Deed(row.what, row.pattern)
    return Goal(row.id, row.name, deed, row.value_from, row.amount, row.currency)


def _funnel(row: Any) -> Funnel:
    return Funnel(row.id, row.name, tuple(_step(one) for one in row.steps), row.within_ms)


def _step(one: Mapping[str, Any]) -> Step:
    return Step(int(one.get("goal", 0)), Deed(one.get("what", ""), one.get("pattern", "")))


def _written(step: Step) -> dict[str, Any]:
    return {"goal": step.goal} if step.goal else asdict(step.deed)

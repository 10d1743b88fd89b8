"""The figures of goals: from the answers of queries to conversion, change and value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from askfirst.store.ledger.goals import Goal
from reports.figures.figures import change_of
from reports.formatting.measures import money


@dataclass(frozen=True)
class Reached:
    """How many visitors reached a goal, in how many visits, how often, and what it was worth.

    `conversion` is the share of all visitors, None where there are none; `change` is in points
    since the period that is compared, None where nothing is. `paid` are the amounts that it was
    worth in thousandths, each with its currency; none without a value.
    """

    visitors: int = 0
    visits: int = 0
    times: int = 0
    conversion: float | None = None
    change: float | None = None
    paid: tuple[tuple[str, int], ...] = ()

    @property
    def value(self) -> str:
        """What it was worth in words, '' without a value."""
        return ", ".join(money(amount, currency) for currency, amount in self.paid)


def reached_of(
    goals: tuple[Goal, ...], now: pd.DataFrame, visitors: int, amounts: pd.DataFrame | None = None
) -> tuple[Reached, ...]:
    """Read the answers of `goal_totals` and `goal_amounts` about these goals.

    `visitors` are those of the period.
    """
    rows = {int(row["deed"]): row for row in now.to_dict("records")}
    return tuple(
        _reached(goal, rows.get(n, {}), visitors, _paid(amounts, n)) for n, goal in enumerate(goals)
    )


def changed(now: Reached, before: Reached | None) -> Reached:
    """Return figures with their change since others."""
    was = before.conversion if before else None
    return replace(now, change=change_of("share", now.conversion, was))


def _reached(
    goal: Goal, row: Mapping[object, object], visitors: int, paid: Mapping[str, int]
) -> Reached:
    reached, visits, times = (int(str(row.get(n, 0))) for n in ("visitors", "visits", "times"))
    if goal.value_from == "fixed":
        paid = {goal.currency: goal.amount * times}
    share = reached / visitors if visitors else None
    worth = tuple(sorted(paid.items())) if goal.value_from else ()
    return Reached(reached, visits, times, share, paid=worth)


def _paid(amounts: pd.DataFrame | None, number: int) -> dict[str, int]:
    if amounts is None:
        return {}
    mine = amounts[amounts["deed"] == number]
    return dict(zip(mine["currency"], (int(one) for one in mine["amount"]), strict=True))

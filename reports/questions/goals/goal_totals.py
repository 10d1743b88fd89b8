"""How many visitors reached each goal, in how many visits, how often and with which amounts?"""

from __future__ import annotations

from typing import Any

from askfirst.store.warehouse.logical.numbers import exact_sum, int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts
from reports.questions.goals.done import done
from reports.questions.goals.matchers import Matcher


def goal_totals(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return a row a goal that was reached: deed (its place), visitors, visits and times."""
    found = done(scope, matchers)
    seen = found.group_by("deed", "visitor", "visit").agg(times=int64(found.count()))
    return seen.group_by("deed").agg(
        visitors=int64(seen.visitor.nunique()),
        visits=int64(seen.visit.nunique()),
        times=int64(seen.times.sum()),
    )


def goal_amounts(scope: Scope, matchers: tuple[Matcher, ...]) -> Any:
    """Return deed, currency and amount: what events that fit say of money, in thousandths."""
    found = done(scope, matchers)
    paid = found.filter(found.currency != 0)
    sums = paid.group_by("deed", "currency").agg(amount=exact_sum(paid.amount))
    named = sums.rename(key="currency")
    return with_texts(named, {"currency": ("key", "currency")}).order_by("deed", "currency")

"""Which pages, links, forms or events fit a pattern, and how often did they happen?"""

from __future__ import annotations

from typing import Any

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import ranked
from reports.questions.goals.done import done
from reports.questions.goals.matchers import Matcher


def goal_texts(scope: Scope, matcher: Matcher, limit: int) -> Any:
    """Return a row a text, the most frequent first: name, amount (how often) and visitors."""
    found = done(scope, (matcher,))
    counted = found.group_by(value=found[matcher.column]).agg(
        amount=int64(found.count()), visitors=int64(found.visitor.nunique())
    )
    return ranked(counted, "amount", matcher.column, limit)

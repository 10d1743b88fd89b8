"""How many visitors reached a goal in each step of time, and how often?"""

from __future__ import annotations

from typing import Any

from askfirst.local_days import Offsets
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from reports.questions.goals.done import done
from reports.questions.goals.matchers import Matcher
from reports.questions.over_time import bucket_of


def goal_over_time(scope: Scope, matcher: Matcher, by: str, offsets: Offsets) -> Any:
    """Return a row a step in which it was reached: bucket (see `over_time`), visitors and times."""
    found = done(scope, (matcher,))
    seen = found.group_by("visitor", bucket=bucket_of(found.time, by, offsets)).agg(
        times=int64(found.count())
    )
    return seen.group_by("bucket").agg(visitors=int64(seen.count()), times=int64(seen.times.sum()))

"""In which hours of the week did visits begin?"""

from typing import Any

from askfirst.clock import DAY_MS
from askfirst.local_days import Offsets
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between
from reports.questions.over_time import HOUR_MS, local_time


def hours(scope: Scope, offsets: Offsets) -> Any:
    """Return weekday (0 is Monday), hour (0 to 23, on local clocks) and visits that began then.

    `offsets` are those of the zone, whole (see `reports.url.steps.shifts` for days). The hour that
    clocks repeat at the end of summer time is counted with the one before it.
    """
    visits = starts_between(scope, scope.start, scope.end)
    local = local_time(visits.start, offsets)
    day = local // DAY_MS
    counted = visits.group_by(
        weekday=int64((day + 3) % 7),  # 1970-01-01 was a Thursday
        hour=int64((local - day * DAY_MS) // HOUR_MS),
    )
    return counted.agg(visits=int64(visits.count())).order_by("weekday", "hour")

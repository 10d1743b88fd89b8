"""How long were the pages of visits in front of their visitors?"""

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import all_events_between
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.visits import starts_between
from askfirst.store.warehouse.tables import LASTS_AT_MOST

READING = KINDS.index("engagement")


def engaged(scope: Scope) -> Any:
    """Return one row: engaged_ms, the reading time of the visits that began in the scope, whole."""
    begun = starts_between(scope, scope.start, scope.end)
    read = read_in(scope).semi_join(begun, "visit")
    return read.agg(engaged_ms=int64(read.engaged_ms.sum().fill_null(0)))


def read_in(scope: Scope) -> Any:
    """Return the notes of reading of which visits that began in the scope may have one."""
    events = all_events_between(scope, scope.start, ibis.literal(scope.end) + LASTS_AT_MOST)
    return events.filter(events.kind == READING).select("visit", "engaged_ms")

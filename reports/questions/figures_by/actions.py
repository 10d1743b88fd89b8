"""What do the site's own events say beside their names: amounts by currency, and properties?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import events_of
from askfirst.store.warehouse.logical.fulfilled import Test, fulfilling
from askfirst.store.warehouse.logical.numbers import exact_sum, int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts

ACTION = KINDS.index("custom_event")


def amounts(scope: Scope) -> Any:
    """Return a row an event and currency: name, currency, times, and amount (in thousandths)."""
    events = events_of(scope)
    paid = events.filter(events.kind == ACTION, events.currency != 0)
    counted = paid.group_by("event_name", "currency").agg(
        times=int64(paid.count()), amount=exact_sum(paid.amount)
    )
    texts = {"name": ("event_name", "event_name"), "code": ("currency", "currency")}
    named = with_texts(counted, texts).rename(currency="code")
    return named.order_by(ibis.desc("amount"), "name", "currency")


def properties(scope: Scope, wanted: Test, limit: int) -> Any:
    """Return the properties of events of a name, with each set of them once: properties, times.

    They are JSON objects or '', the most frequent first.
    """
    events = events_of(scope)
    named = fulfilling(events.filter(events.kind == ACTION), wanted)
    counted = named.group_by("event_props").agg(times=int64(named.count()))
    told = with_texts(counted, {"properties": ("event_props", "event_props")})
    return told.order_by(ibis.desc("times"), "properties").limit(limit)

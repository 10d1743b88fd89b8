"""How many events does each rule fit, and do the reports leave them out?"""

from typing import Any

from askfirst.local_days import Offsets
from askfirst.store.warehouse.logical.sides import by_rule


def left_out(site_id: int, start: int, end: int, offsets: Offsets) -> Any:
    """Return rule, left_out and events, between two times in milliseconds since the epoch.

    What is left out and does not tell by which rule has the rule ''.
    """
    found = by_rule(site_id, start, end, offsets)
    return found.group_by("rule", "left_out").agg(events=found.events.sum())

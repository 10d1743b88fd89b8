"""What does each rule fit, and do the reports leave it out?"""

from typing import Any

from askfirst.store.warehouse.logical.sides import by_rule


def left_out(site_id: int, start: int, end: int) -> Any:
    """Return rule, left_out, events, visitors, visits and views of what each rule fits.

    Times are milliseconds since the epoch. The figures are those of the reports over nothing but
    what the rule fits. What is left out and does not tell by which rule has the rule ''.
    """
    return by_rule(site_id, start, end)

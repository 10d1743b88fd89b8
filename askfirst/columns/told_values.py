"""How a stored value is told outside the stores: a number in thousandths as what it is."""

from typing import Any

from askfirst.columns.names import THOUSANDTHS

FACTS = "facts"
"""The field of an entry in the journal that has values by the names of their columns."""


def told_value(column: str, value: Any) -> Any:
    """Return a value of a row as people and their programs read it: 19.99 for 19,990.

    An event that waits in the journal has such numbers among its facts.
    """
    if column == FACTS and isinstance(value, dict):
        return {name: told_value(name, one) for name, one in value.items()}
    return value / 1000 if column in THOUSANDTHS and value else value

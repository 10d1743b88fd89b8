"""How the figures of an event are written: times, amounts of money, properties of an action."""

import json
from decimal import Decimal

from babel.numbers import get_currency_precision

from reports.formatting.dates import duration
from reports.formatting.readers import decimal

_SECOND, _MINUTE = 1_000, 60_000


def milliseconds(value: int) -> str:
    """Write a time in milliseconds: 120 ms, 1.2 s, 2m 05s; '' for 0, which is no time at all."""
    if value < _SECOND:
        return f"{value} ms" if value else ""
    return f"{decimal(value / _SECOND, 1)} s" if value < _MINUTE else duration(value / _SECOND)


def money(amount: int, currency: str) -> str:
    """Write an amount in thousandths with as many decimals as its currency has: 19.99 EUR, 500 JPY.

    Sums may have more digits than a float. Without a currency it is no amount, and ''.
    """
    if not currency:
        return ""
    return f"{decimal(Decimal(amount) / 1000, get_currency_precision(currency))} {currency}"


def properties(text: str) -> str:
    """Write the properties of an action, a JSON object, as words: items: 3, gift: yes."""
    found = json.loads(text) if text else {}
    return ", ".join(f"{name}: {_property(value)}" for name, value in found.items())


def _property(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

"""Facts of events as they are stored: shown texts, properties as JSON, amounts as whole numbers."""

import json
import math
import re
from typing import Annotated

from msgspec import Meta

from askfirst.events import Facts
from askfirst.text.shown_text import INVISIBLE, LONGEST_READ, shown_text
from askfirst.web.masking import without_emails

MOST_PROPS = 30
_LONGEST_KEY = 64
_LONGEST_VALUE = 500
_LONGEST_JSON = 4096
_PARTS = 1000
_MOST_MONEY = 10**12

PropValue = bool | int | float | Annotated[str, Meta(max_length=_LONGEST_VALUE)]
Props = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=_LONGEST_KEY)], PropValue],
    Meta(max_length=MOST_PROPS),
]
Currency = Annotated[str, Meta(min_length=3, max_length=3)]

_CURRENCY = re.compile(r"[A-Z]{3}")


def said_text(text: str, longest: int) -> str:
    """Return a text that a page says as it is stored: shown, with e-mail addresses masked, cut.

    An address with signs in it that are not seen is one, too; where there is none, these stay.
    """
    shown = shown_text(text, LONGEST_READ)
    plain = shown if shown.isascii() else INVISIBLE.sub("", shown)
    told = without_emails(plain)
    return (shown if told == plain else told)[:longest].rstrip()


def props_fact(props: Props) -> Facts:
    """Return the properties as JSON in the order of their names.

    Raises `ValueError` with the field and a sentence for numbers that JSON has not, names that are
    only of hidden characters, and more than 4,096 bytes.
    """
    if not props:
        return {}
    plain = {said_text(name, _LONGEST_KEY): _plain(value) for name, value in props.items()}
    if "" in plain:
        raise ValueError("props", "Expected names of printable characters.")
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text.encode()) > _LONGEST_JSON:
        raise ValueError("props", f"Expected at most {_LONGEST_JSON} bytes as JSON.")
    return {"event_props": text}


def _plain(value: bool | int | float | str) -> bool | int | float | str:
    if isinstance(value, str):
        return said_text(value, _LONGEST_VALUE)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("props", "Expected numbers that are finite.")
    if isinstance(value, int) and abs(value) > 2**63:
        raise ValueError("props", "Expected numbers of at most 64 bits.")
    return value


def amount_facts(amount: float | None, currency: str | None) -> Facts:
    """Return the amount in thousandths of the currency's unit, and the currency (ISO 4217).

    Raises `ValueError` with the field and a sentence where one is without the other, or out of
    bounds.
    """
    if amount is None and currency is None:
        return {}
    if amount is None:
        raise ValueError("amount", "A currency needs an amount.")
    if currency is None or not _CURRENCY.fullmatch(currency):
        raise ValueError("currency", "An amount needs the three capital letters of its currency.")
    if not math.isfinite(amount) or abs(amount) > _MOST_MONEY:
        raise ValueError("amount", "Expected an amount up to 1,000,000,000,000.")
    return {"amount": round(amount * _PARTS), "currency": currency}

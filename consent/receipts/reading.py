"""Reading a receipt that is to be checked: strict JSON, one object, no duplicate names."""

import json
from typing import Any

MOST_CHARACTERS = 200_000


def read_receipt(text: str) -> dict[str, Any]:
    """Read a receipt; raises `ValueError`, also where an object has a name twice.

    Of a duplicate name one reader takes the first value and another the last.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError("This is too long for a receipt.")
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("This is nested too deeply for a receipt.") from error
    if not isinstance(document, dict) or "proof" not in document:
        raise ValueError("This is not a signed receipt.")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A name is there twice.")
    return found


def _no_constant(_name: str) -> None:
    raise ValueError("This is not JSON.")

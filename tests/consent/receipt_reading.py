"""Reading a receipt from the standards alone, without the code that writes one."""

import base64
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """Write JSON as RFC 8785 does, for what a receipt holds: no numbers, names in ASCII."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def record_in(receipt: dict[str, Any]) -> dict[str, Any]:
    [record] = receipt["dpv:hasRecordOfActivity"]
    assert record["@type"] == "dpv:ConsentRecord"
    found: dict[str, Any] = record
    return found

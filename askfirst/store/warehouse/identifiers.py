"""Identifiers: ids as text outside, as 128 bits (32 hexadecimal digits) in the warehouse.

Ids of visitors and consents are 32 hexadecimal digits, ids of events and visits 22 of base64url:
both hold 128 bits. Those of our script are 22 of 0-9 and a-v, 110 bits: each half of them is stored
as 55 bits behind 9 that are set. Another text is stored as a hash, and `other_ids` keeps it.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal

Form = Literal["hex", "base64url"]

FORMS: dict[str, Form] = {
    "visitor_id": "hex",
    "consent_id": "hex",
    "event_id": "base64url",
    "visit_id": "base64url",
}
"""The form of each column of ids."""

_HEX = re.compile(r"[0-9a-f]{32}")
BASE64URL_LENGTH = 22
OF_SCRIPT = "0123456789abcdefghijklmnopqrstuv"
"""What the letters of an id that our script makes stand for, from 0 to 31."""
_OF_SCRIPT = re.compile(r"[0-9a-v]{22}")
HALF = 11
"""The letters of half an id of our script."""
MARK = 0x1FF << 5 * HALF
"""The bits that are set before such a half."""
_MARKED = re.compile(r"(ff[89a-f][0-9a-f]{13}){2}")


def stored_id(text: str, form: Form) -> str:
    """Return the 32 hexadecimal digits under which an id is stored."""
    return _digits(text, form) or _hash(text)


def is_canonical(text: str, form: Form) -> bool:
    """Return whether `id_text` gives this very text back for what is stored of it."""
    return _digits(text, form) is not None


def id_text(digits: str, form: Form) -> str:
    """Return the text of an id from its 32 hexadecimal digits, unless `other_ids` has another."""
    if form == "hex":
        return digits
    if _MARKED.fullmatch(digits):
        return _letters(digits[:16]) + _letters(digits[16:])
    return base64.urlsafe_b64encode(bytes.fromhex(digits)).decode()[:BASE64URL_LENGTH]


def text_of(digits: str, form: Form, others: Mapping[str, str]) -> str:
    """Return the text of an id; `others` are the texts in `other_ids`, by their digits."""
    return others[digits] if digits in others else id_text(digits, form)


def _digits(text: str, form: Form) -> str | None:
    if form == "hex":
        return text if _HEX.fullmatch(text) else None
    if _OF_SCRIPT.fullmatch(text):
        return "".join(f"{MARK | int(half, 32):016x}" for half in (text[:HALF], text[HALF:]))
    if len(text) != BASE64URL_LENGTH or not text.isascii():
        return None
    try:
        digits = base64.urlsafe_b64decode(text + "==").hex()
    except binascii.Error:
        return None
    return digits if id_text(digits, form) == text else None


def _letters(digits: str) -> str:
    half = int(digits, 16)
    return "".join(OF_SCRIPT[half >> 5 * place & 31] for place in reversed(range(HALF)))


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

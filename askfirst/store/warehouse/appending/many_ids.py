"""The stored form of many ids at once, in a tenth of the time that one after the other takes."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from askfirst.store.warehouse.identifiers import (
    BASE64URL_LENGTH,
    HALF,
    MARK,
    OF_SCRIPT,
    Form,
    is_canonical,
    stored_id,
)

_LETTERS = re.compile(r"[A-Za-z0-9_-]*")
_TO_BASE64 = str.maketrans("-_", "+/")
_FILL = "AA"
"""Behind 22 letters, they make six groups of four: 18 bytes, of which the last two say nothing."""
_NONE = 255
_VALUES = np.full(256, _NONE, np.uint8)
_VALUES[list(OF_SCRIPT.encode())] = range(len(OF_SCRIPT))
_PLACES = np.array([32**place for place in reversed(range(HALF))], np.uint64)
_MARK = np.uint64(MARK)


class StoredIds(NamedTuple):
    """The 32 hexadecimal digits of each id, and (digits, text) of those that `other_ids` keeps."""

    digits: list[str]
    others: list[tuple[str, str]]


def stored_ids(texts: Sequence[str], form: Form) -> StoredIds:
    """Return what `identifiers.stored_id` returns for each text."""
    quick = _quick(texts) if form == "base64url" else [None] * len(texts)
    digits = [known or stored_id(text, form) for known, text in zip(quick, texts, strict=True)]
    unsure = [place for place, known in enumerate(quick) if known is None]
    others = [(digits[one], texts[one]) for one in unsure if not is_canonical(texts[one], form)]
    return StoredIds(digits, others)


def _quick(texts: Sequence[str]) -> list[str | None]:
    """Return the digits of each text that is of 22 letters of base64url and surely canonical."""
    joined = _FILL.join([*texts, ""])
    if {*map(len, texts)} != {BASE64URL_LENGTH} or not _LETTERS.fullmatch(joined):
        return [None] * len(texts)
    halves, is_sure = _halves(joined, len(texts))
    written = halves.astype(">u8").tobytes().hex()
    found = [written[place : place + 32] for place in range(0, len(written), 32)]
    return [one if sure else None for one, sure in zip(found, is_sure.tolist(), strict=True)]


def _halves(joined: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two halves of each id as whole numbers, and whether they are its stored form."""
    raw = np.frombuffer(binascii.a2b_base64(joined.translate(_TO_BASE64)), np.uint8)
    raw = raw.reshape(number, 18)
    decoded = np.ascontiguousarray(raw[:, :16]).view(">u8").astype(np.uint64)
    is_marked = ((decoded & _MARK) == _MARK).all(axis=1)
    letters = np.frombuffer(joined.encode(), np.uint8).reshape(number, -1)[:, :BASE64URL_LENGTH]
    values = _VALUES[letters]
    of_script = (values != _NONE).all(axis=1)
    packed = (values.astype(np.uint64).reshape(number, 2, HALF) * _PLACES).sum(axis=2) | _MARK
    halves = np.where(of_script[:, None], packed, decoded)
    return halves, of_script | ((raw[:, 16] == 0) & ~is_marked)

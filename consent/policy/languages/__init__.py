"""The languages of the banner: a file of texts each, and how a language writes times.

The English words of the recorded columns are in `askfirst.columns`, and the other files translate
them by the column's name (`fields`); a column that a file lacks is described in English there.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list

from askfirst.clock import as_datetime
from askfirst.columns import COLUMNS

FALLBACK = "en"
_FAR = 10**9  # so that no number of days is called months

Texts = dict[str, Any]

_IN_ENGLISH = {one.name: {"title": one.title, "text": one.text} for one in COLUMNS if one.purpose}


@cache
def languages() -> dict[str, str]:
    """Return every language that ships, by its BCP 47 tag: its own name; English first."""
    tags = sorted(
        entry.name.removesuffix(".json")
        for entry in files(__name__).iterdir()
        if entry.name.endswith(".json")
    )
    tags.sort(key=lambda tag: tag != FALLBACK)
    return {tag: _read(tag)["name"] for tag in tags}


@cache
def _read(tag: str) -> Texts:
    """Read a language's texts once; what it returns is not to be changed."""
    texts = _file(tag)
    translated = texts.get("fields", {})
    texts["fields"] = {
        name: words | translated.get(name, {}) for name, words in _IN_ENGLISH.items()
    }
    return texts


def _file(tag: str) -> Texts:
    texts: Texts = json.loads((files(__name__) / f"{tag}.json").read_text(encoding="utf-8"))
    return texts


def untranslated(tag: str) -> list[str]:
    """Return the columns that a language still describes in English."""
    translated = _IN_ENGLISH if tag == FALLBACK else _file(tag).get("fields", {})
    return [name for name in _IN_ENGLISH if name not in translated]


def texts_of(tag: str) -> Texts:
    """Return the texts of a language that ships, with their placeholders; a copy of one's own."""
    copy: Texts = json.loads(json.dumps(_read(tag)))
    return copy


def shipped_texts(tag: str) -> Mapping[str, Any]:
    """Return the same, to be read and not changed; costs nothing."""
    return MappingProxyType(_read(tag))


@lru_cache(maxsize=4096)
def duration(number: int, unit: Literal["month", "day"], tag: str) -> str:
    """Say a number of months or days in a language, e.g. `25 Monate`."""
    if tag == "mt":
        return _maltese(number, unit)
    days = number * (30 if unit == "month" else 1)
    span = timedelta(days=days)
    return format_timedelta(span, granularity=unit, threshold=_far(unit), locale=_locale(tag))


def _far(unit: str) -> int:
    return 1000 if unit == "month" else _FAR


def _maltese(number: int, unit: str) -> str:
    """Say it in Maltese, for which the locale data has abbreviations only."""
    one, few = ("xahar", "xhur") if unit == "month" else ("jum", "jiem")
    if number == 1:
        return f"{one} wieħed"
    return f"{number} {few if 2 <= number % 100 <= 10 else one}"


def listed(items: Sequence[str], tag: str) -> str:
    """Join items as a language does, e.g. `Land, Ort und Sprache`."""
    return format_list(items, locale=_locale(tag))


def long_date(time: int, tag: str) -> str:
    """Say the UTC day of a time in milliseconds since the epoch, e.g. `2. November 2026`."""
    return format_date(as_datetime(time).date(), "long", locale=_locale(tag))


def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")

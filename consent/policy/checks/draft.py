"""Whether a draft may be published: each problem names its field and says why not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from askfirst.columns import (
    COLUMNS,
    EVENT_COLUMNS,
    FIXED_COLUMNS,
    PURPOSE,
)
from askfirst.settings import Settings
from askfirst.sites import IP_MODES, is_web_address
from consent.policy.checks.colours import check_theme
from consent.policy.checks.visible_text import has_hidden, has_letter_or_digit, is_struck
from consent.policy.checks.words import STRUCK, check_words
from consent.policy.drafts import OFFERED, TOGETHER, Draft, words_of
from consent.policy.languages import languages

MANAGERS = (
    "vanilla-cookieconsent",
    "klaro",
    "orejime",
    "tarteaucitron",
    "osano",
    "cookiebot",
    "onetrust",
    "usercentrics",
    "didomi",
    "c15t",
    "tcf",
)
"""The consent managers whose yes can be taken, by the names that `data-manager` has."""
PURPOSES_MOST = 8
RECIPIENTS_MOST = 30
LINE_LONGEST, URL_LONGEST = 200, 500
_PURPOSE_ID = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True)
class Problem:
    """One reason why a draft is refused; `language` is '' where it is not about words."""

    field: str
    sentence: str
    language: str = ""


def check(draft: Draft, settings: Settings) -> list[Problem]:
    """Return every reason why a draft cannot be published; [] where it can."""
    found = [
        Problem(field, sentence)
        for part in (_facts, _times, _purposes, _languages)
        for field, sentence in part(draft, settings)
    ]
    found += [Problem(*complaint) for complaint in check_theme(draft["theme"])]
    known = [tag for tag in draft["languages"] if tag in languages()]
    found += [
        Problem(field, sentence, tag)
        for tag in known
        for field, sentence in check_words(words_of(draft, tag), tag)
    ]
    return found


Complaints = Iterator[tuple[str, str]]


def _facts(draft: Draft, _settings: Settings) -> Complaints:
    controller = draft["controller"]
    yield from _line("name", draft["name"])
    yield from _line("controller", controller["name"])
    yield from _line("contact", controller["contact"])
    yield from _line("address", controller["address"], needed=False)
    yield from _line("authority", draft["authority"], needed=False)
    if (url := draft["privacy_url"]) and not (is_web_address(url) and len(url) <= URL_LONGEST):
        yield "privacy_url", "Write a whole web address that begins with https:// or http://."
    if len(draft["recipients"]) > RECIPIENTS_MOST:
        yield "recipients", f"Name at most {RECIPIENTS_MOST} recipients."
    for name in draft["recipients"]:
        yield from _line("recipients", name)
    if draft["manager"] not in ("", *MANAGERS):
        yield "manager", "Choose a consent manager from the list."
    if draft["ip_mode"] not in IP_MODES:
        yield "ip_mode", "Choose one of the three."


def _line(field: str, text: str, needed: bool = True) -> Complaints:
    if needed and not has_letter_or_digit(text):
        yield field, "This is needed: visitors must know it before they choose."
    if len(text) > LINE_LONGEST:
        yield field, f"Use at most {LINE_LONGEST} characters."
    if "<" in text or ">" in text or has_hidden(text):
        yield field, "Use printable characters on one line, without < and >."
    if is_struck(text):
        yield field, STRUCK


def _times(draft: Draft, settings: Settings) -> Complaints:
    for field, most, unit in (
        ("retention_months", settings.retention_months, "months"),
        ("choice_days", settings.choice_days, "days"),
        ("refusal_days", settings.refusal_days, "days"),
    ):
        value = draft[field]
        if type(value) is not int or not 1 <= value <= most:
            yield field, f"Use a whole number of {unit} from 1 to {most}, this server's setting."


def _purposes(draft: Draft, _settings: Settings) -> Complaints:
    ids = [purpose["id"] for purpose in draft["purposes"]]
    if not ids or ids[0] != PURPOSE:
        yield "purposes", "Visit statistics come first and cannot be taken away."
    if len(ids) > PURPOSES_MOST:
        yield "purposes", f"Name at most {PURPOSES_MOST} purposes."
    if len(set(ids)) < len(ids):
        yield "purposes", "Two purposes have the same id."
    if not all(_PURPOSE_ID.fullmatch(name) for name in ids):
        yield "purposes", "An id is 1 to 32 small letters, digits or hyphens."
    yield from _columns(draft["purposes"])
    yield from _divided(draft["purposes"])


def _columns(purposes: list[Mapping[str, Any]]) -> Complaints:
    placed = [column for purpose in purposes for column in purpose["columns"]]
    ids = {PURPOSE, *(purpose["id"] for purpose in purposes)}
    for column in sorted({one.name for one in COLUMNS if one.purpose in ids} - set(placed)):
        yield f"column.{column}", "Each recorded fact belongs to a purpose."
    for column in sorted({column for column in placed if placed.count(column) > 1}):
        yield f"column.{column}", "A recorded fact belongs to one purpose only."
    if set(placed) - set(EVENT_COLUMNS):
        yield "purposes", "A purpose names a fact that is not recorded."
    for name, columns in {PURPOSE: FIXED_COLUMNS, **OFFERED}.items():
        elsewhere = {c for one in purposes if one["id"] != name for c in one["columns"]}
        for column in sorted(elsewhere.intersection(columns)):
            yield f"column.{column}", f"This fact is recorded for the purpose {name} alone."


def _divided(purposes: list[Mapping[str, Any]]) -> Complaints:
    for together, sentence in TOGETHER.items():
        if sum(not set(together).isdisjoint(one["columns"]) for one in purposes) > 1:
            yield f"column.{together[0]}", sentence


def _languages(draft: Draft, _settings: Settings) -> Complaints:
    if not draft["languages"]:
        yield "languages", "Turn on at least one language."
    if not set(draft["languages"]) <= set(languages()):
        yield "languages", "Choose languages from the list."
    if draft["default_language"] not in draft["languages"]:
        yield "default_language", "The default language must be one that is turned on."

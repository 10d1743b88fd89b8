"""The phrases that an owner's words may not have, and how they are found in a text."""

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from consent.policy.checks.visible_text import without_blanks

WITHOUT_SPACES = ("ja", "zh-Hans")
_FEELINGS = frozenset("😢😭😞😔😟🙁☹😿💔🥺😥😓😕🙏😡😠👎❤💖🎉🎁")


@cache
def _lint() -> Mapping[str, Mapping[str, list[str]]]:
    text = (files(__package__) / "word_lint.json").read_text(encoding="utf-8")
    lists: dict[str, dict[str, list[str]]] = json.loads(text)
    return lists


def steering(text: str, tag: str) -> str:
    """Return the emoji or phrase of a text that appeals to feelings, or ''."""
    if emoji := next((char for char in text if char in _FEELINGS), ""):
        return emoji
    found = f" {plain(text)} "
    phrases = (plain(phrase) for phrase in _listed("steering", tag))
    gap = _gap(tag)
    return next((phrase for phrase in phrases if f"{gap}{phrase}" in found), "")


def guilt(label: str, tag: str) -> str:
    """Return the phrase by which a label shames whoever presses it, or ''."""
    found, gap = f" {plain(label)} ", _gap(tag)
    return next((said for said in _listed("guilt", tag) if f"{gap}{plain(said)}{gap}" in found), "")


def vague(label: str, tag: str) -> str:
    """Return the phrase that a label begins with and that does not say what it does, or ''."""
    gap = _gap(tag)
    begun = plain(label) + gap
    phrases = [*_listed("vague", tag), *_listed("vague", "")]
    return next((said for said in phrases if begun.startswith(plain(said) + gap)), "")


def plain(text: str) -> str:
    """Return a text for comparing: without case, punctuation, width and blank characters."""
    folded = unicodedata.normalize("NFKC", without_blanks(text)).casefold().replace("\u2019", "'")
    kept = (char if char.isalnum() or char == "'" or _is_mark(char) else " " for char in folded)
    return " ".join("".join(kept).split())


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _gap(tag: str) -> str:
    return "" if tag in WITHOUT_SPACES else " "


def _listed(name: str, tag: str) -> list[str]:
    return _lint().get(tag, {}).get(name, [])

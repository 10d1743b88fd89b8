"""Whether an owner's words keep the question honest: labels, placeholders, signs and feelings."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from consent.languages import FALLBACK, Texts, shipped_texts

LONGEST = {"label": 60, "title": 120, "text": 1000}
PAIRS = (("accept", "refuse"), ("accept_all", "refuse_all"))
"""The labels that must be equal in weight: one accepts, the other refuses the same."""
LABELS = ("accept", "refuse", "accept_all", "refuse_all", "accept_once", "preferences", "withdraw")
LENGTHS_APART = 1.6
"""How many times longer than its counterpart a label may be."""

_PLACEHOLDER = re.compile(r"\{\w+\}")
_WRITING = frozenset("\u200c\u200d\u200e\u200f\u061c\u00ad")  # invisible, and right in some scripts
_FEELINGS = frozenset("😢😭😞😔😟🙁☹😿💔🥺😥😓😕🙏😡😠👎❤💖🎉🎁")
_WITHOUT_SPACES = ("ja", "zh-Hans")

Complaint = tuple[str, str]
"""A key such as `banner.accept`, and the sentence that says what is wrong with it."""


@cache
def _lint() -> Mapping[str, Mapping[str, list[str]]]:
    text = (files(__package__) / "word_lint.json").read_text(encoding="utf-8")
    lists: dict[str, dict[str, list[str]]] = json.loads(text)
    return lists


def check_words(texts: Texts, tag: str) -> Iterator[Complaint]:
    """Say what is wrong with the banner's words and the purposes' of one language."""
    shipped = shipped_texts(FALLBACK)["banner"]
    for key, text in texts["banner"].items():
        longest = LONGEST["label" if key in LABELS else "text"]
        for sentence in _text(text, tag, frozenset(_PLACEHOLDER.findall(shipped[key])), longest):
            yield f"banner.{key}", sentence
    for name, words in texts["purposes"].items():
        for part in ("title", "text"):
            for sentence in _text(words[part], tag, frozenset(), LONGEST[part]):
                yield f"purposes.{name}.{part}", sentence
    yield from _labels(texts["banner"], tag)


@lru_cache(maxsize=8192)  # nearly all texts of a draft are the shipped ones, checked before
def _text(text: str, tag: str, needed: frozenset[str], longest: int) -> tuple[str, ...]:
    return tuple(_complaints(text, tag, needed, longest))


def _complaints(text: str, tag: str, needed: frozenset[str], longest: int) -> Iterator[str]:
    if not text.strip():
        yield "This text is missing."
    if len(text) > longest:
        yield f"Use at most {longest} characters."
    yield from _signs(text)
    yield from _placeholders(text, needed)
    if said := _steering(text, tag):
        yield f"“{said}” appeals to feelings; say only what would be recorded and why."


def _signs(text: str) -> Iterator[str]:
    if "<" in text or ">" in text:
        yield "Markup has no place here: leave out < and >."
    if any(is_hidden(sign) for sign in text):
        yield "It holds an invisible character that controls, hides or turns text; type it anew."


def is_hidden(sign: str) -> bool:
    """Tell whether a character controls, hides or turns text, such as a line break or U+202E.

    Joiners and direction marks that some scripts need are not hidden.
    """
    return sign not in _WRITING and unicodedata.category(sign) in (
        "Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp",
    )  # fmt: skip


def _placeholders(text: str, needed: frozenset[str]) -> Iterator[str]:
    found = set(_PLACEHOLDER.findall(text))
    if found - needed or set("{}") & set(_PLACEHOLDER.sub("", text)):
        allowed = ", ".join(sorted(needed)) or "none"
        yield f"Braces stand for a fact that is filled in; allowed here: {allowed}."
    elif found < needed:
        yield f"It needs {', '.join(sorted(needed - found))}, where a fact is filled in."


def _steering(text: str, tag: str) -> str:
    if sign := next((sign for sign in text if sign in _FEELINGS), ""):
        return sign
    plain = f" {_plain(text)} "
    phrases = (_plain(phrase) for phrase in _listed("steering", tag))
    gap = "" if tag in _WITHOUT_SPACES else " "
    return next((phrase for phrase in phrases if f"{gap}{phrase}" in plain), "")


def _labels(banner: Mapping[str, str], tag: str) -> Iterator[Complaint]:
    for key in LABELS:
        if _is_picture(banner[key]):
            yield f"banner.{key}", "A picture or sign makes one answer stand out; use words."
        if key not in ("preferences", "withdraw") and (word := _vague(banner[key], tag)):
            yield f"banner.{key}", f"“{word}” does not say what the button does; name it."
    for accept, refuse in PAIRS:
        yield from ((f"banner.{refuse}", said) for said in _unequal(banner[accept], banner[refuse]))


def _unequal(accept: str, refuse: str) -> Iterator[str]:
    if _plain(accept) == _plain(refuse):
        yield "Accepting and refusing have the same label; nobody could tell them apart."
    lengths = sorted((len(accept.strip()), len(refuse.strip())))
    if lengths[0] and lengths[1] > LENGTHS_APART * lengths[0]:
        yield "The labels for accepting and refusing differ too much in length to be equal."


def _vague(label: str, tag: str) -> str:
    plain = _plain(label) + ("" if tag in _WITHOUT_SPACES else " ")
    gap = "" if tag in _WITHOUT_SPACES else " "
    phrases = [*_listed("vague", tag), *_listed("vague", "")]
    return next((said for said in phrases if plain.startswith(_plain(said) + gap)), "")


def _listed(name: str, tag: str) -> list[str]:
    return _lint().get(tag, {}).get(name, [])


def _is_picture(text: str) -> bool:
    return any(unicodedata.category(sign) in ("So", "Sk", "Sm") for sign in text)


def _plain(text: str) -> str:
    """Give a text without case, punctuation and width, for comparing."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    kept = (sign if sign.isalnum() or sign == "'" or _is_mark(sign) else " " for sign in folded)
    return " ".join("".join(kept).split())


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")

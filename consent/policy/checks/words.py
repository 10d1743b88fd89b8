"""Whether an owner's words keep the banner honest: placeholders, characters and feelings."""

import re
from collections.abc import Iterator
from functools import lru_cache

from consent.policy.checks.labels import LABELS, Complaint, check_labels
from consent.policy.checks.phrases import steering
from consent.policy.checks.visible_text import has_hidden, has_letter, is_struck, is_styled
from consent.policy.languages import FALLBACK, Texts, shipped_texts

LONGEST = {"label": 60, "title": 120, "text": 1000}
UNSEEN = "It holds an invisible character that controls, hides or turns text; type it anew."
STRUCK = "Marks strike letters through or frame them; use plain letters."

_PLACEHOLDER = re.compile(r"\{\w+\}")


def check_words(texts: Texts, tag: str) -> Iterator[Complaint]:
    """Yield what is wrong with the words of the banner and of the purposes in one language."""
    shipped = shipped_texts(FALLBACK)["banner"]
    for key, text in texts["banner"].items():
        longest = LONGEST["label" if key in LABELS else "text"]
        for sentence in _text(text, tag, frozenset(_PLACEHOLDER.findall(shipped[key])), longest):
            yield f"banner.{key}", sentence
    for name, words in texts["purposes"].items():
        for part in ("title", "text"):
            for sentence in _text(words[part], tag, frozenset(), LONGEST[part]):
                yield f"purposes.{name}.{part}", sentence
    yield from check_labels(texts["banner"], tag)


@lru_cache(maxsize=8192)  # nearly all texts of a draft are shipped ones, which were checked before
def _text(text: str, tag: str, needed: frozenset[str], longest: int) -> tuple[str, ...]:
    return tuple(_complaints(text, tag, needed, longest))


def _complaints(text: str, tag: str, needed: frozenset[str], longest: int) -> Iterator[str]:
    if not text.strip():
        yield "This text is missing."
    elif not has_letter(text):
        yield "This text has no letter that can be seen."
    if len(text) > longest:
        yield f"Use at most {longest} characters."
    yield from _characters(text)
    yield from _placeholders(text, needed)
    if said := steering(text, tag):
        yield f"“{said}” appeals to feelings; say only what would be recorded and why."


def _characters(text: str) -> Iterator[str]:
    if "<" in text or ">" in text:
        yield "Markup has no place here: leave out < and >."
    if is_struck(text):
        yield STRUCK
    if is_styled(text):
        yield "It holds styled letters, such as bold ones; use plain letters."
    if has_hidden(text):
        yield UNSEEN


def _placeholders(text: str, needed: frozenset[str]) -> Iterator[str]:
    found = set(_PLACEHOLDER.findall(text))
    if found - needed or set("{}") & set(_PLACEHOLDER.sub("", text)):
        allowed = ", ".join(sorted(needed)) or "none"
        yield f"Braces stand for a fact that is filled in; allowed here: {allowed}."
    elif found < needed:
        yield f"It needs {', '.join(sorted(needed - found))}, where a fact is filled in."

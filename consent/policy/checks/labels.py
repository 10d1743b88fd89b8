"""Whether the buttons' labels have equal weight and say what the buttons do."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from consent.policy.checks.phrases import WITHOUT_SPACES, guilt, plain, vague
from consent.policy.checks.visible_text import is_stacked, without_blanks
from consent.policy.languages import shipped_texts

LABELS = ("accept", "refuse", "accept_all", "refuse_all", "accept_once", "preferences", "withdraw")
PAIRS = (("accept", "refuse"), ("accept_all", "refuse_all"))
"""The labels that must have equal weight: one accepts, the other refuses the same."""
ACCEPTING = ("accept", "accept_all", "accept_once")
REFUSING = ("refuse", "refuse_all")
LENGTHS_APART = 1.6
"""How many times longer than its counterpart a label may be."""
_LOUD_LEAST = 3  # shorter words in capitals are mostly abbreviations
_STEM_LEAST, _ENDING = 6, 1  # a longer word may have another ending and mean the same

Complaint = tuple[str, str]
"""A key such as `banner.accept`, and the sentence that says what is wrong with it."""


def check_labels(banner: Mapping[str, str], tag: str) -> Iterator[Complaint]:
    """Yield what is wrong with the labels of one language."""
    for accept, refuse in PAIRS:
        yield from _loud(banner, accept, refuse)
    for key in LABELS:
        yield from ((f"banner.{key}", said) for said in _label(key, banner[key], tag))
    for accept, refuse in PAIRS:
        yield from ((f"banner.{refuse}", said) for said in _unequal(banner[accept], banner[refuse]))


def _label(key: str, label: str, tag: str) -> Iterator[str]:
    if _is_picture(label):
        yield "A picture or sign makes one answer stand out; use words."
    if is_stacked(label):
        yield "Accents or marks make this answer stand out; use plain letters."
    if said := guilt(label, tag):
        yield f"“{said}” shames whoever presses it; name only what the button does."
    if _is_swapped(key, label, tag):
        yield "It says what the opposite button does; the two must not be swapped."
    if key not in ("preferences", "withdraw") and (said := vague(label, tag)):
        yield f"“{said}” does not say what the button does; name it."


def _loud(banner: Mapping[str, str], accept: str, refuse: str) -> Iterator[Complaint]:
    loud = [key for key in (accept, refuse) if _has_capitals(banner[key])]
    if len(loud) == 1:
        yield f"banner.{loud[0]}", "Capitals make one answer stand out; write both labels alike."


def _has_capitals(label: str) -> bool:
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", label))
    return any(len(word) >= _LOUD_LEAST and word.isupper() for word in words)


def _unequal(accept: str, refuse: str) -> Iterator[str]:
    if plain(accept) == plain(refuse):
        yield "Accepting and refusing have the same label; nobody could tell them apart."
    lengths = sorted((_length(accept), _length(refuse)))
    if lengths[0] and lengths[1] > LENGTHS_APART * lengths[0]:
        yield "The labels for accepting and refusing differ too much in length to be equal."


def _length(label: str) -> int:
    return len(without_blanks(" ".join(label.split())))


def _is_picture(text: str) -> bool:
    return any(unicodedata.category(char) in ("So", "Sk", "Sm") for char in text)


def _is_swapped(key: str, label: str, tag: str) -> bool:
    """Return whether a label is, or begins like, the shipped one of the opposite button."""
    if key not in ACCEPTING + REFUSING:
        return False
    said = plain(label)
    accepting, refusing = _verbs(tag)
    own, opposite = (accepting, refusing) if key in ACCEPTING else (refusing, accepting)
    others = REFUSING if key in ACCEPTING else ACCEPTING
    shipped = (plain(shipped_texts(tag)["banner"][other]) for other in others)
    if said.startswith((*shipped, *opposite)):
        return True
    # A refusal may say "do not accept"; an acceptance has no reason to say "refuse".
    return key in ACCEPTING and _holds(said, opposite, tag) and not _holds(said, own, tag)


def _holds(said: str, verbs: tuple[str, ...], tag: str) -> bool:
    gap = "" if tag in WITHOUT_SPACES else " "
    return any(f"{gap}{verb}" in f" {said}" for verb in verbs)


@cache
def _verbs(tag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stems of the words by which shipped labels accept, and of those that refuse.

    Words that both labels of a pair have are neither.
    """
    banner = shipped_texts(tag)["banner"]
    found = [[_parts(plain(banner[key]), tag) for key in pair] for pair in PAIRS]
    accepting = {_stem(next(one for one in a if one not in r)) for a, r in found}
    refusing = {_stem(next(one for one in r if one not in a)) for a, r in found}
    return tuple(sorted(accepting)), tuple(sorted(refusing))


def _parts(said: str, tag: str) -> list[str]:
    # Without spaces, two characters are a word: 接受 and 拒绝, 同意 and 拒否.
    if tag in WITHOUT_SPACES:
        return re.findall(r"(?=([\u4e00-\u9fff]{2}))", said)
    return said.split()


def _stem(word: str) -> str:
    return word[:-_ENDING] if len(word) >= _STEM_LEAST else word

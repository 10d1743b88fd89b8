"""How two wordings of one language differ, paragraph by paragraph."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Shown = Mapping[str, Any]
Paragraphs = dict[tuple[str, ...], tuple[str, str]]
"""Paragraphs by what they are of, each with what the wording calls that, or ''."""


@dataclass(frozen=True)
class Difference:
    """One paragraph that changed; `before` is empty where it was added, `after` where removed.

    `label` is what the wording calls it now, such as the title of a purpose, or ''.
    """

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Part:
    """The differences of one part of a wording, under its heading."""

    heading: str
    differences: tuple[Difference, ...]


def differences(old: Shown, new: Shown) -> list[Part]:
    """Return what changed between two wordings, part by part; unchanged parts are left out."""
    headings = {
        "facts": new["page"]["kicker"],
        "purposes": new["page"]["purposes"],
        "fields": new["preferences"]["fields_title"],
        "rights": new["preferences"]["rights"],
        "words": new["texts"]["title"],
    }
    parts = (
        Part(heading, tuple(_changed(_BY_PART[name](old), _BY_PART[name](new))))
        for name, heading in headings.items()
    )
    return [part for part in parts if part.differences]


def _changed(old: Paragraphs, new: Paragraphs) -> Iterator[Difference]:
    nothing = ("", "")
    for key in [*new, *(key for key in old if key not in new)]:
        (was, before), (label, after) = old.get(key, nothing), new.get(key, nothing)
        if before != after:
            yield Difference(label or was, before, after)


def _facts(shown: Shown) -> Paragraphs:
    texts, page, controller = shown["texts"], shown["page"], shown["controller"]
    once = page["this_visit"] if shown["only_this_visit"] else ""
    found = {
        "controller": (texts["controller"], controller["name"]),
        "address": (texts["controller"], controller["address"]),
        "contact": (texts["controller"], controller["contact"]),
        "retention": (texts["retention"], shown["retention"]),
        "remembered": (page["remembered"], shown["remembered"]),
        "once": (texts["accept_once"], once),
        "recipients": (texts["recipients"], shown["recipients"]),
        "authority": (page["authority"], shown["authority"]),
        "privacy_url": (page["general_policy"], shown["privacy_url"]),
        "manager": ("", shown["manager"]),
        "name": ("", shown["name"]),
    }
    return {(name,): (label, text) for name, (label, text) in found.items() if text}


def _purposes(shown: Shown) -> Paragraphs:
    # Keyed by id, so that a new title is a change and not a removal and an addition.
    return {
        (purpose["id"], part): (purpose["title"], purpose[part])
        for purpose in shown["purposes"]
        for part in ("title", "text")
    }


def _fields(shown: Shown) -> Paragraphs:
    return {
        (purpose["id"], field["column"]): (
            field["name"],
            f"{purpose['title']}: {field['name']}. {field['text']}",
        )
        for purpose in shown["purposes"]
        for field in purpose["fields"]
    }


def _rights(shown: Shown) -> Paragraphs:
    return {(text,): ("", text) for text in shown["rights"]}


def _words(shown: Shown) -> Paragraphs:
    sections = ("texts", "preferences", "page")
    return {
        (section, key): ("", text) for section in sections for key, text in shown[section].items()
    }


_BY_PART = {
    "facts": _facts,
    "purposes": _purposes,
    "fields": _fields,
    "rights": _rights,
    "words": _words,
}

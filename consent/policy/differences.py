"""How two wordings of one language differ, paragraph by paragraph."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Shown = Mapping[str, Any]
Paragraphs = dict[tuple[str, ...], str]


@dataclass(frozen=True)
class Difference:
    """One paragraph that changed; `before` is empty where it was added, `after` where removed."""

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
    keys = [*new, *(key for key in old if key not in new)]
    for key in keys:
        before, after = old.get(key, ""), new.get(key, "")
        if before != after:
            yield Difference(key[0], before, after)


def _facts(shown: Shown) -> Paragraphs:
    texts, page, controller = shown["texts"], shown["page"], shown["controller"]
    once = page["this_visit"] if shown["only_this_visit"] else ""
    found = {
        (texts["controller"],): controller["name"],
        (texts["controller"], "address"): controller["address"],
        (texts["controller"], "contact"): controller["contact"],
        (texts["retention"],): shown["retention"],
        (page["remembered"],): shown["remembered"],
        (texts["accept_once"],): once,
        (texts["recipients"],): shown["recipients"],
        (page["authority"],): shown["authority"],
        (page["general_policy"],): shown["privacy_url"],
        ("", "manager"): shown["manager"],
        ("", "name"): shown["name"],
    }
    return {key: text for key, text in found.items() if text}


def _purposes(shown: Shown) -> Paragraphs:
    # Keyed by id, so that a new title is a change and not a removal and an addition.
    found: Paragraphs = {}
    for purpose in shown["purposes"]:
        found["", purpose["id"], "title"] = purpose["title"]
        found["", purpose["id"], "text"] = purpose["text"]
    return found


def _fields(shown: Shown) -> Paragraphs:
    return {
        (
            "",
            purpose["id"],
            field["column"],
        ): f"{purpose['title']}: {field['name']}. {field['text']}"
        for purpose in shown["purposes"]
        for field in purpose["fields"]
    }


def _rights(shown: Shown) -> Paragraphs:
    return {("", text): text for text in shown["rights"]}


def _words(shown: Shown) -> Paragraphs:
    sections = ("texts", "preferences", "page")
    return {
        ("", section, key): text for section in sections for key, text in shown[section].items()
    }


_BY_PART = {
    "facts": _facts,
    "purposes": _purposes,
    "fields": _fields,
    "rights": _rights,
    "words": _words,
}

"""The names by which our scripts know each other's functions, which are letters as served.

A part of `askfirst` is an object such as `askfirst.views`. What it has stands where it is put
(`askfirst.views = { note, ... }`) or is set later (`views.last = ...`). It is used as `views.note`,
or taken by `const { note } = askfirst.views`. In our scripts nothing else bears the name of a part.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from string import ascii_letters

Letters = dict[str, dict[str, str]]
"""The letter of each name, by part; the part `askfirst` has the names of the parts."""

_COMMENT = re.compile(r"^ *//.*\n|(?<=[;,{]) // .*$", re.M)
_FREE = r"(?<![\w$/]|(?<!\.\.)\.)"
"""Neither within a path nor of another object; after three dots is free."""
_OF = rf"{_FREE}((?:askfirst\??\.)?(\w+))"
_PUT = re.compile(r"(\baskfirst\.(\w+) = )\{([^{}]*)\}")
_TAKEN = re.compile(rf"\{{([^{{}}]*)\}} = {_OF};")
_MEMBER = re.compile(rf"{_OF}(\??\.)(\w+)\b")
_SET = re.compile(rf"{_OF}\.(\w+) = ")
_PART = re.compile(rf"{_FREE}((askfirst)\b)(\??\.)(\w+)\b")


def letters_of(text: str, kept: Collection[str]) -> Letters:
    """Return a letter for each name that scripts know of each other, the most used names first.

    Parts that are `kept` have their own names as served: pages call them, or `open` returns them.
    """
    text = _COMMENT.sub("", text)
    known: dict[str, set[str]] = {}
    for _, part, body in _PUT.findall(text):
        known.setdefault(part, set()).update(name for name, _ in _entries(body))
    for _, part, name in _SET.findall(text):
        known.get(part, set()).add(name)
    for part in kept:
        known.pop(part, None)
    members = [found for found in _MEMBER.findall(text) if found[1] in known]
    uses = Counter((part, name) for _, part, _, name in [*members, *_PART.findall(text)])
    letters = {part: _lettered(part, names, uses) for part, names in known.items()}
    return letters | {"askfirst": _lettered("askfirst", known, uses) | {it: it for it in kept}}


def _lettered(part: str, names: Iterable[str], uses: Counter[tuple[str, str]]) -> dict[str, str]:
    ordered = sorted(names, key=lambda name: (-uses[part, name], name))
    return dict(zip(ordered, ascii_letters, strict=False))


def shortened(text: str, letters: Letters) -> str:
    """Return scripts with letters for names. Raises ValueError where a part has no such name."""

    def letter(part: str, name: str) -> str:
        if name not in letters[part]:
            raise ValueError(f"No script puts `{name}` into `{part}`.")
        return letters[part][name]

    def listed(part: str, body: str) -> str:
        if part not in letters:
            return f"{{{body}}}"
        return "{" + ", ".join(f"{letter(part, name)}: {it}" for name, it in _entries(body)) + "}"

    def member(found: re.Match[str]) -> str:
        whole, part, dot, name = found.groups()
        return f"{whole}{dot}{letter(part, name)}" if part in letters else found[0]

    text = _COMMENT.sub("", text)
    text = _PUT.sub(lambda found: found[1] + listed(found[2], found[3]), text)
    text = _TAKEN.sub(lambda found: f"{listed(found[3], found[1])} = {found[2]};", text)
    parts = {part for part in letters if part != "askfirst"}
    text = _MEMBER.sub(lambda found: member(found) if found[2] in parts else found[0], text)
    return _PART.sub(member, text)


def _entries(body: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of what stands in braces: `name` or `name: value`."""
    for entry in filter(None, map(str.strip, body.split(","))):
        name, _, value = entry.partition(": ")
        yield name, value or name

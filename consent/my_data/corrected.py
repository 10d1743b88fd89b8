"""What a person can correct on the page, and what was corrected, in the page's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel import Locale

from askfirst.columns import COLUMNS
from askfirst.rules.corrections import VALUES, Kind
from askfirst.store.personal_data import Row
from consent.my_data.derived import written
from consent.policy.languages import listed
from consent.policy.languages.alphabets import in_alphabet
from consent.policy.languages.times import LocalTimes
from consent.rights.corrected_events import right_values
from consent.rights.corrections import Made

KIND_OF: dict[str, Kind] = {
    "country": "country",
    "region": "country",
    "city": "country",
    "device": "device",
    "os": "device",
    "browser": "device",
    "language": "language",
    "source": "source",
    "channel": "source",
}
"""Of each derived column, what is corrected with it."""
_PARTS = {"device": ("device", "os", "browser"), "source": ("source", "channel")}
_TITLES = {one.name: one.title for one in COLUMNS}


@dataclass(frozen=True)
class Choice:
    """One value of a menu: as it is posted, and in the page's language."""

    value: str
    name: str


@dataclass(frozen=True)
class Correctable:
    """What can be corrected at the first of its columns: its kind, and the values to choose.

    `also` names in the page's language what is left out with it, '' for nothing.
    """

    kind: Kind
    choices: tuple[Choice, ...]
    also: str = ""


@dataclass(frozen=True)
class MyCorrection:
    """One correction: its day, the title of what was wrong ('': a page or visit), and values."""

    day: str
    kind: str
    title: str
    was: str
    to: str
    of_all: bool


def correctables(
    columns: Sequence[str],
    rows: Sequence[Row],
    fields: Mapping[str, Mapping[str, str]],
    words: Mapping[str, str],
    tag: str,
) -> dict[str, Correctable]:
    """Return what can be corrected of rows, by the first column of those that the page shows.

    `fields` are the policy's words by column.
    """
    first: dict[Kind, str] = {}
    for name in columns:
        first.setdefault(KIND_OF[name], name)
    return {
        name: Correctable(
            kind,
            _choices(kind, words, tag),
            _also([one for one in VALUES[kind][1:] if one != name], rows, fields, tag),
        )
        for kind, name in first.items()
    }


def _also(
    columns: Sequence[str], rows: Sequence[Row], fields: Mapping[str, Mapping[str, str]], tag: str
) -> str:
    """Name those of the columns that say anything."""
    said = (name for name in columns if any(row[name] for row in rows))
    titles = list(dict.fromkeys(fields[name]["title"] for name in said if name in fields))
    return listed(titles, tag) if titles else ""


def _choices(kind: Kind, words: Mapping[str, str], tag: str) -> tuple[Choice, ...]:
    """Return the values that have a name in the language, in the order of its alphabet."""
    locale = Locale.parse(tag, sep="-")
    named = [Choice(value, written(kind, value, words, locale)) for value in right_values(kind)]
    known = [one for one in named if one.name != one.value]
    return tuple(sorted(known, key=lambda one: in_alphabet(one.name, tag)))


def my_corrections(
    made: Sequence[Made],
    fields: Mapping[str, Mapping[str, str]],
    words: Mapping[str, str],
    tag: str,
    zone: str,
) -> tuple[MyCorrection, ...]:
    """Write corrections; `fields` are the policy's words by column."""
    times, locale = LocalTimes(tag, zone), Locale.parse(tag, sep="-")

    def named(kind: str, values: str) -> str:
        found = (_named(kind, one, words, locale) for one in values.split(", ") if one)
        return ", ".join(found)

    return tuple(
        MyCorrection(
            day=times.day(one.at),
            kind=one.kind,
            title=fields[one.kind]["title"] if one.kind in fields else "",
            was=named(one.kind, one.from_value),
            to=named(one.kind, one.to_value),
            of_all=one.of_all,
        )
        for one in made
    )


def _named(kind: str, value: str, words: Mapping[str, str], locale: Locale) -> str:
    """Write a value of one of the columns of a kind."""
    for name in _PARTS.get(kind, (kind,)):
        if (text := written(name, value, words, locale)) != value:
            return text
    return value

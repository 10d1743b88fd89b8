"""Who looked at a person's data, and to whom outside it was revealed, in the page's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from askfirst.store.ledger.disclosure_register import RegisterEntry
from askfirst.store.personal_data import Row
from consent.policy.languages.times import LocalTimes

_WORDS = {
    "listed": "seen_list",
    "opened": "seen_page",
    "exported json": "seen_file",
    "exported csv": "seen_file",
    "exported xlsx": "seen_file",
    "exported html": "seen_file",
    "exported events": "seen_events",
    "found by a number": "seen_found",
    "asked to erase": "seen_erase",
    "opened account": "seen_fields",
    "exported addresses": "seen_addresses",
    "ended access": "lost_seen",
}
"""The key of the page's words for each kind of entry, as `reports` writes them."""


@dataclass(frozen=True)
class Look:
    """Entries of one reader, one kind and one day: who, what in words, and how often."""

    who: str
    what: str
    day: str
    times: int


@dataclass(frozen=True)
class Told:
    """What was revealed to somebody outside: to whom, on what ground, which data, and when."""

    to_whom: str
    ground: str
    kinds: tuple[str, ...]
    day: str


def told_of(
    entries: Sequence[RegisterEntry], words: Mapping[str, str], tag: str, zone: str
) -> tuple[Told, ...]:
    """Arrange the entries of the disclosure register, newest first; corrected ones are left out."""
    times = LocalTimes(tag, zone)
    return tuple(
        Told(
            one.to_whom,
            words.get(f"ground_{one.ground}", one.ground),
            tuple(words.get(f"kind_{kind}", kind) for kind in one.kinds),
            times.day(one.entered_at),
        )
        for one in reversed(entries)
        if one.corrected_by is None
    )


def looks_of(
    entries: Sequence[Row], words: Mapping[str, str], tag: str, zone: str
) -> tuple[Look, ...]:
    """Arrange the entries, newest first; alike ones that follow each other on a day are one."""
    times = LocalTimes(tag, zone)

    def alike(row: Row) -> tuple[str, str, str]:
        what = words.get(_WORDS.get(row["what"], ""), row["what"])
        if row["reason"]:
            what = f"{what}. {words['seen_reason'].replace('{reason}', row['reason'])}"
        return row["to_whom"], what, times.day(row["disclosed_at"])

    ordered = sorted(entries, key=lambda row: row["disclosed_at"], reverse=True)
    return tuple(Look(*key, len(list(run))) for key, run in groupby(ordered, key=alike))

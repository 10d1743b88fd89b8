"""Sums of what was not recorded: by reason and by day, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from askfirst.consents import REASON_LABELS, REASON_SENTENCES, Reason, reason_of
from askfirst.recording_rules import AGENT
from reports.dependencies import AboutRule, nothing_about
from reports.formatting.rule_words import is_rule, rule_words

Tally = tuple[str, str, int]
"""A UTC day as YYYY-MM-DD, a reason or rule, and how often."""

_ANSWERS = ("accepted", "refused", "withdrawal")
"""What is tallied beside refusals: the choices, which have a page of their own."""


@dataclass(frozen=True)
class ReasonRow:
    """One reason, in words; `part` is its length in percent of the longest row.

    `about` is who runs a crawler that names itself, and for what, or ''.
    """

    label: str
    sentence: str
    about: str
    code: str
    count: int
    share: float
    part: float


@dataclass(frozen=True)
class DayRow:
    """One UTC day, by its beginning: how often something was refused, and was left out.

    `most` is its most frequent reason, in words.
    """

    day: datetime
    refused: int
    left_out: int
    most: str


def refusals(tallies: Iterable[Tally]) -> list[Tally]:
    """Return the tallies of what was turned away."""
    return [one for one in tallies if one[1] not in _ANSWERS and not is_rule(one[1])]


def by_rule(tallies: Iterable[Tally]) -> dict[str, int]:
    """Return how many events each rule fitted."""
    found: Counter[str] = Counter()
    for _, name, count in tallies:
        if is_rule(name):
            found[name] += count
    return dict(found)


def reason_rows(
    tallies: Sequence[Tally], about: AboutRule = nothing_about
) -> tuple[ReasonRow, ...]:
    """Return what was turned away by reason and crawler, the largest first."""
    sums: Counter[str] = Counter()
    for _, reason, count in tallies:
        sums[reason] += count
    ordered = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    largest, total = (ordered[0][1], sums.total()) if ordered else (1, 1)
    return tuple(
        ReasonRow(
            *_words(name),
            _about_crawler(name, about),
            name,
            count,
            count / total,
            round(100 * count / largest, 1),
        )
        for name, count in ordered
        if count
    )


def _about_crawler(name: str, about: AboutRule) -> str:
    crawler = reason_of(name)[1]
    return about(f"{AGENT}:{crawler}") if crawler else ""


def _words(name: str) -> tuple[str, str]:
    code, crawler = reason_of(name)
    if code in Reason.__members__.values():
        label = REASON_LABELS[Reason(code)]
        return f"{label}: {crawler}" if crawler else label, REASON_SENTENCES[Reason(code)]
    return name.replace("_", " ").capitalize(), ""


def day_rows(tallies: Iterable[Tally]) -> tuple[DayRow, ...]:
    """Return the days on which something was not recorded, newest first."""
    days: dict[str, Counter[str]] = {}
    for day, name, count in tallies:
        if name not in _ANSWERS and count:
            days.setdefault(day, Counter())[reason_of(name)[0]] += count
    return tuple(_day(day, days[day]) for day in sorted(days, reverse=True))


def _day(day: str, sums: Mapping[str, int]) -> DayRow:
    refused = sum(count for name, count in sums.items() if not is_rule(name))
    first = min(sums, key=lambda name: (-sums[name], name))
    label = rule_words(first)[0] if is_rule(first) else _words(first)[0]
    begins = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return DayRow(begins, refused, sum(sums.values()) - refused, label)

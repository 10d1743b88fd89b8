"""A person's answers, newest first, and what holds now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from askfirst.clock import as_iso
from askfirst.store.personal_data import Row
from consent.policy.languages import languages
from consent.policy.languages.times import LocalTimes
from consent.proof.records import GIVEN, WITHDRAWN
from consent.rights.withdrawal import LOST, RENEWAL

State = Literal["on", "withdrawn", "ended", "none"]
Said = Literal["said_yes", "said_again", "said_stop", "lost_said"]


@dataclass(frozen=True)
class MyAnswer:
    """One answer: a key of the page's words, its day, and the yes that it is about."""

    said: Said
    day: str
    iso: str
    language: str
    """The name of the language of the words that were shown."""
    purposes: tuple[str, ...]
    shown: Mapping[str, Any] | None
    """The words as they were shown; None for the end of a yes, or where they are not kept."""


@dataclass(frozen=True)
class MyState:
    """Whether visits are recorded: since or until which day, both in the page's language."""

    state: State
    given: str = ""
    until: str = ""
    day: str = ""


@dataclass(frozen=True)
class AskedAgain:
    """The oldest version whose acceptance still holds, and when it ended every older yes (ms)."""

    version: int
    at: int


def state_of(
    records: Sequence[Row], now: int, times: LocalTimes, asked_again: AskedAgain
) -> MyState:
    """Return what holds now by a person's records: any yes that holds, else how the last ended."""
    ordered = sorted((_until(row, asked_again) for row in records), key=lambda row: row["seq"])
    if not ordered:
        return MyState("none")
    last = {row["consent_id"]: row for row in ordered}.values()  # of each yes
    holding = [row for row in last if row["state"] != WITHDRAWN and row["valid_until"] > now]
    newest = max(holding or ordered, key=lambda row: row["seq"])
    given, until = times.day(newest["event_time"]), times.day(newest["valid_until"])
    if newest["state"] == WITHDRAWN:
        return MyState("withdrawn", day=given)
    if newest["valid_until"] <= now:
        return MyState("ended", day=until)
    return MyState("on", given, until)


def _until(row: Row, asked_again: AskedAgain) -> Row:
    """Return a record that ends, at the latest, when a version was published that asks again."""
    if row["policy_version"] >= asked_again.version:
        return row
    return {**row, "valid_until": min(row["valid_until"], asked_again.at)}


def answers_of(
    records: Sequence[Row], shown: Mapping[str, Mapping[str, Any]], times: LocalTimes
) -> tuple[MyAnswer, ...]:
    """Arrange the records, newest first; a yes that ended because another followed is left out.

    `shown` are the words by the hash that a record has of them.
    """
    ordered = sorted(records, key=lambda row: row["seq"], reverse=True)
    return tuple(_answer(row, shown, times) for row in ordered if row["method"] != RENEWAL)


def _answer(row: Row, shown: Mapping[str, Mapping[str, Any]], times: LocalTimes) -> MyAnswer:
    stopped = row["state"] == WITHDRAWN
    said: Said = "said_yes" if row["state"] == GIVEN else "said_again"
    if stopped:
        said = "lost_said" if row["method"] == LOST else "said_stop"
    words = None if stopped else shown.get(row["notice_hash"])
    offered = words["purposes"] if words else ()
    titles = {purpose["id"]: purpose["title"] for purpose in offered}
    return MyAnswer(
        said=said,
        day=times.day(row["event_time"]),
        iso=as_iso(row["event_time"]),
        language=str(languages().get(row["language"], row["language"])),
        purposes=() if stopped else tuple(titles.get(one, one) for one in row["purposes"]),
        shown=words,
    )

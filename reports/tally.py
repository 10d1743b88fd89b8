"""The owner's tally in words: what visitors answered, and what was not recorded and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.consents import REASON_LABELS, Reason

ACCEPTED, REFUSED, WITHDRAWAL = "accepted", "refused", "withdrawal"
_ANSWERS = {
    ACCEPTED: "Said yes",
    REFUSED: "Said no",
    WITHDRAWAL: "Took a yes back",
}


@dataclass(frozen=True)
class TallyRow:
    """How often something happened, said once in words.

    `code` is the stable code that the refused sender was answered, '' for what is no refusal.
    """

    label: str
    count: int
    code: str = ""


@dataclass(frozen=True)
class Answers:
    """What visitors answered; `yes_share` is of those who said yes or no, None without any."""

    rows: tuple[TallyRow, ...]
    yes_share: float | None


def answers_of(sums: Mapping[str, int]) -> Answers:
    """Read the answers out of the tally; `rows` is empty where nobody answered."""
    counts = {name: sums.get(name, 0) for name in _ANSWERS}
    asked = counts[ACCEPTED] + counts[REFUSED]
    rows = [TallyRow(_ANSWERS[name], count) for name, count in counts.items()]
    return Answers(
        rows=tuple(rows) if any(counts.values()) else (),
        yes_share=counts[ACCEPTED] / asked if asked else None,
    )


def tally_rows(sums: Mapping[str, int]) -> tuple[TallyRow, ...]:
    """Give what was not recorded, by reason, largest first; answers are no such reason."""
    reasons = {name: count for name, count in sums.items() if count and name not in _ANSWERS}
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_row(name, count) for name, count in ordered)


def _row(name: str, count: int) -> TallyRow:
    if name in Reason.__members__.values():
        return TallyRow(REASON_LABELS[Reason(name)], count, name)
    return TallyRow(name.replace("_", " ").capitalize(), count, name)

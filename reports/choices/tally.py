"""The tally of what was not recorded, and why, in words."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.consents import REASON_LABELS, Reason, reason_of
from askfirst.rules.applying import EXCLUDED
from reports.formatting.rule_words import is_rule

ACCEPTED, REFUSED, WITHDRAWAL = "accepted", "refused", "withdrawal"
LEFT_OUT = "left_out"
"""All that is recorded and left out of the reports, by whichever rule."""
_ANSWERS = (ACCEPTED, REFUSED, WITHDRAWAL)


@dataclass(frozen=True)
class TallyRow:
    """How often something happened, in words.

    `code` is the error code that refused senders got, '' where nothing was refused.
    """

    label: str
    count: int
    code: str = ""


def tally_rows(sums: Mapping[str, int]) -> tuple[TallyRow, ...]:
    """Return what was not recorded, by reason, largest first; choices are not among it."""
    by_program = {name for name in sums if is_rule(name) and name != EXCLUDED}
    reasons: Counter[str] = Counter()
    for name in sums.keys() - {*_ANSWERS, *by_program}:
        reasons[reason_of(name)[0]] += sums[name]
    reasons[LEFT_OUT] = sum(sums[name] for name in by_program)
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_row(name, count) for name, count in ordered if count)


def _row(name: str, count: int) -> TallyRow:
    if name == LEFT_OUT:
        return TallyRow("Recorded, but left out as made by a program", count)
    if name == EXCLUDED:
        return TallyRow("Recorded, but excluded by your rules", count)
    if name in Reason.__members__.values():
        return TallyRow(REASON_LABELS[Reason(name)], count, name)
    return TallyRow(name.replace("_", " ").capitalize(), count, name)

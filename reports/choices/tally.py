"""The tally of what was not recorded, and why, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from askfirst.consents import REASON_LABELS, Reason

ACCEPTED, REFUSED, WITHDRAWAL = "accepted", "refused", "withdrawal"
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
    """Return what was not recorded, by reason, largest first; choices are left out."""
    reasons = {name: count for name, count in sums.items() if count and name not in _ANSWERS}
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_row(name, count) for name, count in ordered)


def _row(name: str, count: int) -> TallyRow:
    if name in Reason.__members__.values():
        return TallyRow(REASON_LABELS[Reason(name)], count, name)
    return TallyRow(name.replace("_", " ").capitalize(), count, name)

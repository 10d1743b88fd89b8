"""What visitors chose in the banner, summed up for a card of the overview."""

from dataclasses import dataclass

from askfirst.store.ledger.choice_counts import ACCEPTED, REFUSED, WITHDRAWN
from reports.choices.figures import ChoiceRow
from reports.choices.smallest_counts import IGNORED
from reports.choices.tally import TallyRow

_WORDS = {
    ACCEPTED: "Said yes",
    REFUSED: "Said no",
    IGNORED: "Did not answer",
    WITHDRAWN: "Took a yes back",
}


@dataclass(frozen=True)
class ChoiceSummary:
    """How often each choice was made in a period."""

    rows: tuple[TallyRow, ...]
    """The counts, none where nobody was asked."""
    yes_share: float | None
    """The share of yes among those who said yes or no; None without any."""


def choice_summary_of(total: ChoiceRow) -> ChoiceSummary:
    """Sum up the counts of a period."""
    counts = {words: getattr(total, name) for name, words in _WORDS.items()}
    rows = tuple(TallyRow(words, count) for words, count in counts.items())
    return ChoiceSummary(rows if any(counts.values()) else (), total.yes_share)

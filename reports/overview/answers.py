"""What visitors answered to the question, from the counts that the page of choices shows too."""

from dataclasses import dataclass

from askfirst.store.ledger.choice_counts import ACCEPTED, REFUSED, WITHDRAWN
from reports.choices.figures import ChoiceRow
from reports.choices.floor import IGNORED
from reports.choices.tally import TallyRow

_ANSWERS = {
    ACCEPTED: "Said yes",
    REFUSED: "Said no",
    IGNORED: "Did not answer",
    WITHDRAWN: "Took a yes back",
}


@dataclass(frozen=True)
class Answers:
    """What visitors answered; `yes_share` is of those who said yes or no, None without any."""

    rows: tuple[TallyRow, ...]
    yes_share: float | None


def answers_of(whole: ChoiceRow) -> Answers:
    """Read the answers out of the counts of a period; no rows where nobody was asked."""
    counts = {words: getattr(whole, name) for name, words in _ANSWERS.items()}
    rows = tuple(TallyRow(words, count) for words, count in counts.items())
    return Answers(rows if any(counts.values()) else (), whole.yes_share)

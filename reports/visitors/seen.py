"""The entries of who saw a visitor's data, in the words of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from askfirst.store.personal_data import Row
from reports.formatting.dates import local
from reports.visitors.disclosures import ERASING, EXPORTED_CSV, EXPORTED_JSON, FOUND, LISTED, OPENED

_DID = {
    LISTED: "saw the list",
    OPENED: "opened this page",
    EXPORTED_JSON: "took the file as JSON",
    EXPORTED_CSV: "took the file as CSV",
    FOUND: "found this visitor by a number",
    ERASING: "asked to erase",
}


@dataclass(frozen=True)
class Seen:
    """So many entries in a row that are alike: `who` did `what` on one day, last at `at` (ms)."""

    who: str
    what: str
    at: int
    times: int


def seen_of(rows: Sequence[Row], reader: str, zone: str) -> tuple[Seen, ...]:
    """Arrange the entries, the newest first; the reader's own begin with "You".

    Those that follow each other on one local day and are alike become one line.
    """
    ordered = sorted(rows, key=lambda row: row["disclosed_at"])[::-1]

    def alike(row: Row) -> tuple[str, str, date]:
        return row["to_whom"], row["what"], local(row["disclosed_at"], zone).date()

    runs = (list(run) for _, run in groupby(ordered, key=alike))
    return tuple(_seen(run[0], len(run), reader) for run in runs)


def _seen(newest: Row, times: int, reader: str) -> Seen:
    who = "You" if newest["to_whom"] == reader else newest["to_whom"]
    what: str = newest["what"]
    return Seen(who, _DID.get(what, what), newest["disclosed_at"], times)

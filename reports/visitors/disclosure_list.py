"""Who on the staff saw a visitor's data, in the words of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from askfirst.store.personal_data import Row
from reports.formatting.dates import local
from reports.visitors.account_disclosures import ACCOUNT_OPENED, ADDRESSES_EXPORTED
from reports.visitors.disclosures import (
    ENDING,
    ERASING,
    EXPORTED_CSV,
    EXPORTED_EVENTS,
    EXPORTED_HTML,
    EXPORTED_JSON,
    EXPORTED_XLSX,
    FOUND,
    LISTED,
    OPENED,
)

_DID = {
    LISTED: "saw the list",
    OPENED: "opened this page",
    EXPORTED_JSON: "took the file as JSON",
    EXPORTED_CSV: "took the file as CSV",
    EXPORTED_XLSX: "took the file as a workbook",
    EXPORTED_HTML: "took the file as a web page",
    EXPORTED_EVENTS: "took the events of all visitors of some days as a file",
    FOUND: "found this visitor by a number",
    ERASING: "asked to erase",
    ACCOUNT_OPENED: "opened what this visitor had volunteered",
    ADDRESSES_EXPORTED: "took the addresses of those who want a message",
    ENDING: "ended the visitor’s access",
}


@dataclass(frozen=True)
class DisclosureRow:
    """Entries that follow each other and are alike: `who` did `what` on one day."""

    who: str
    """The reader's address, or "You"."""
    what: str
    """What was done, in words."""
    at: int
    """When it was done last, in milliseconds since the epoch."""
    times: int
    """How many entries these are."""


def disclosure_rows(rows: Sequence[Row], reader: str, zone: str) -> tuple[DisclosureRow, ...]:
    """Arrange the entries, the newest first; those of the `reader` begin with "You".

    Alike entries that follow each other on one local day become one line.
    """
    ordered = sorted(rows, key=lambda row: row["disclosed_at"])[::-1]

    def alike(row: Row) -> tuple[str, str, str, date]:
        day = local(row["disclosed_at"], zone).date()
        return row["to_whom"], row["what"], row["reason"], day

    runs = (list(run) for _, run in groupby(ordered, key=alike))
    return tuple(_row(run[0], len(run), reader) for run in runs)


def _row(newest: Row, times: int, reader: str) -> DisclosureRow:
    who = "You" if newest["to_whom"] == reader else newest["to_whom"]
    done: str = newest["what"]
    what = _DID.get(done, done)
    if reason := newest["reason"]:
        what = f"{what} ({reason})"
    return DisclosureRow(who, what, newest["disclosed_at"], times)

"""What each table that holds personal data is called on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from askfirst.store.personal_data import Row

HOLDERS = {
    "journal.waiting": "Events that are not in the reports yet",
    "warehouse.events": "Events: page views and clicks",
    "ledger.withdrawals": "Withdrawals; they name a consent and stay, so that it stays refused",
    "ledger.consent_records": "Consent records; they stay as proof, without the pseudonym",
    "ledger.disclosures": "Entries of who saw this visitor",
    "ledger.receipt_codes": "Receipt codes, of which only a hash is kept",
    "ledger.left_out_visitors": "Notes that the reports leave this visitor out",
    "ledger.restrictions": "Restrictions: from when until when the data may not be used",
    "ledger.corrections": "Corrections: what the visitor said was wrong, and when",
    "ledger.request_acts": "What staff did about requests; who and when stays, without the words",
    "ledger.visitor_requests": "Requests; kind, dates and state stay, without the pseudonym",
    "ledger.disclosure_register": "What was revealed outside, as far as the visitor may know of it",
    "ledger.visitor_accounts": "The account that joins this visitor; it stays until it is closed",
    "ledger.account_sessions": "Where the account is signed in",
    "ledger.account_links": "Links sent to the account that hold still",
    "ledger.account_fields": "What the account has told the website, without the values",
    "ledger.account_messages": "Which messages the account gets",
    "ledger.visitor_mails": "Mails to the account",
    "ledger.account_browsers": "Which account joins this visitor",
    "ledger.visitor_access_ends": "When all access was ended, because something was lost or stolen",
    "ledger.visitor_links": "Notes that two pseudonyms are of one browser",
    "ledger.erasures": "Erasures under way",
}
"""What each table holds, in plain words."""


@dataclass(frozen=True)
class HeldRows:
    """How many rows a table holds of a visitor, or held; `place` says in words what they are."""

    place: str
    rows: int


def held_rows(rows: Mapping[str, Sequence[Row]]) -> tuple[HeldRows, ...]:
    """Count the rows by table, in words; a table without any is left out."""
    return in_words({holder: len(found) for holder, found in rows.items()})


def in_words(counts: Mapping[str, int]) -> tuple[HeldRows, ...]:
    """Name the tables that have any rows."""
    return tuple(
        HeldRows(HOLDERS.get(holder, holder), count) for holder, count in counts.items() if count
    )

"""What staff did, kept for the server's owner: who, what and when, and nothing of a visitor."""

from enum import StrEnum

from sqlalchemy import insert

from askfirst.addresses import shortened_address
from askfirst.clock import Clock
from askfirst.store.ledger import Ledger
from askfirst.store.tables import staff_acts


class Act(StrEnum):
    """What was done; the value is stored, and never changes its meaning."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an act's name, not a secret
    EMAIL_CHANGED = "email_changed"
    SESSIONS_ENDED = "sessions_ended"
    RESET_LINK_MADE = "reset_link_made"
    OWNER_CREATED = "owner_created"
    SITE_ADDED = "site_added"
    SITE_CHANGED = "site_changed"
    SITE_DELETED = "site_deleted"
    POLICY_PUBLISHED = "policy_published"
    VISITOR_EXPORTED = "visitor_exported"
    VISITOR_ERASED = "visitor_erased"
    RECORDS_EXPORTED = "records_exported"


class StaffActs:
    """Notes acts in the ledger; an act is durable when `note` returns."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def note(self, act: Act, who: str, site_key: str = "", address: str = "") -> None:
        """Note an act of an account (`who`, its email address), and of the address only a part."""
        row = {
            "happened_at": self._clock(),
            "who": who[:254],
            "act": act.value,
            "site_key": site_key,
            "network": shortened_address(address),
        }
        async with self._ledger.write() as connection:
            await connection.execute(insert(staff_acts).values(row))

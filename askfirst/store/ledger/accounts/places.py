"""The places for which what accounts hold is sealed, so that no sealed text fits another row."""

from askfirst.system.sealing import Sealing


def email_place(account_id: str) -> str:
    """Return the place of an account's address."""
    return f"visitor_accounts.email:{account_id}"


def field_place(account_id: str, field: str) -> str:
    """Return the place of something that an account volunteers."""
    return f"account_fields.value:{account_id}:{field}"


def mail_place(account_id: str, what: str, about: str) -> str:
    """Return the place of the facts of a mail."""
    return f"visitor_mails.facts:{account_id}:{what}:{about}"


def email_hash(sealing: Sealing, site_id: int, email: str) -> bytes:
    """Return the keyed hash by which the account of a tidy address is found on a site."""
    return sealing.hash(email, f"visitor_accounts.email:{site_id}")

"""Email addresses as accounts store them, and whether a typed one can be an address."""

EMAIL_LONGEST = 254
_SPECIALS = frozenset('()<>[]:;,"\\')
"""What has a meaning of its own in a mail's header (RFC 5322, 3.2.3).

With comments and quotes one mailbox would have many spellings, each with limits of its own.
"""


def tidy_email(text: str) -> str:
    """Return an email address as accounts store it."""
    return text.strip().lower()


def is_email(email: str) -> bool:
    """Return whether a text may be an email address: a name, an @ and a domain, without blanks.

    Quotes, comments and several addresses are none.
    """
    name, _, domain = email.rpartition("@")
    plain = email.isprintable() and " " not in email and not _SPECIALS & set(email)
    good = name and domain and "@" not in name and plain
    return bool(good) and len(email) <= EMAIL_LONGEST


def email_error(email: str) -> str | None:
    """Return what is wrong with an email address, or None."""
    return None if is_email(email) else "Write an email address, such as owner@example.org."

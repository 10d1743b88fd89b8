"""Email addresses as accounts store them, and whether a typed one can be an address."""

EMAIL_LONGEST = 254


def tidy_email(text: str) -> str:
    """Return an email address as accounts store it."""
    return text.strip().lower()


def is_email(email: str) -> bool:
    """Return whether a text may be an email address: a name, an @ and a domain, without blanks."""
    name, _, domain = email.rpartition("@")
    good = name and domain and email.isprintable() and " " not in email
    return bool(good) and len(email) <= EMAIL_LONGEST


def email_error(email: str) -> str | None:
    """Return what is wrong with an email address, or None."""
    return None if is_email(email) else "Write an email address, such as owner@example.org."

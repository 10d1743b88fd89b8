"""Who a visitor is to us: a random pseudonym made by the server on a yes, and nothing else."""

import secrets


def new_visitor_id() -> str:
    """Make a visitor id: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_visitor_id(text: str) -> bool:
    """Return whether a text has the form of a visitor id."""
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)

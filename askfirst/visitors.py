"""Visitor ids: random pseudonyms that the server makes when a visitor accepts."""

import secrets


def new_visitor_id() -> str:
    """Return a new visitor id: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_visitor_id(text: str) -> bool:
    """Return whether a text has the form of a visitor id."""
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)
